"""The figures as a person reads them."""

from infra.bench.measure import AIMS, Compared, Figures

_COSTS = {
    "crypto": "krypto: signera, försegla, öppna",
    "driver": "drivrutinen asyncpg",
    "event loop": "händelseslingan: läsa, skriva, växla",
    "inbox": "inkorgen",
    "kernel": "kärnan i övrigt",
    "nats client": "klienten för NATS",
    "other": "övrigt",
    "outbox": "utkorgen",
    "server nats": "servern NATS",
    "server postgres": "servern PostgreSQL",
    "services": "tjänsterna: överlämning, ärende",
    "sqlalchemy": "SQLAlchemy: bygga satser, läsa svar",
    "the measurement itself": "mätningen själv",
    "unit of work": "transaktionens ram",
}


def as_text(figures: Figures) -> str:
    """A table, the parts of the processor time, and the five largest costs."""
    many = figures.wanted.in_flight
    reached = figures.reached
    rows = [
        ("ett i taget, p50", figures.one_p50_ms, "ms", "p50", "högst"),
        ("ett i taget, p99", figures.one_p99_ms, "ms", "p99", "högst"),
        (f"{many} samtidigt, takt", figures.rate, "/s", "rate", "minst"),
        (f"{many} samtidigt, p50", figures.many_p50_ms, "ms", "", ""),
        (f"{many} samtidigt, p99", figures.many_p99_ms, "ms", "", ""),
        ("processortid för ett", figures.cpu_ms, "ms", "cpu", "högst"),
        ("skrivningar för ett", figures.transactions, "", "", ""),
    ]
    lines = [f"{'ett kommando till kvitterat':<28} {'golv':>11} {'produkt':>11} {'kvot':>6}"]
    for name, found, unit, aim, which in rows:
        goal = ""
        if aim:
            goal = f"   mål {which} {AIMS[aim]:g}: {'nått' if reached[aim] else 'inte nått'}"
        lines.append(f"{name:<28} {_pair(found, unit)} {found.ratio:>6.2f}{goal}")
    lines += ["", "Processortid för ett kommando, ms:"]
    lines += [
        f"  {'golv' if side == 'floor' else 'produkt':<8} "
        + ", ".join(f"{name} {ms:.2f}" for name, ms in parts.items())
        for side, parts in figures.cpu_parts_ms.items()
    ]
    lines += ["", "Produktens fem största kostnader:"]
    lines += [
        f"  {place}. {_COSTS.get(cost.name, cost.name)}: {cost.ms:.2f} ms ({cost.share:.0%})"
        for place, cost in enumerate(figures.costs, start=1)
    ]
    lines += ["", _whole(figures)]
    return "\n".join(lines)


def _whole(figures: Figures) -> str:
    return (
        f"Hel överlämning, föreslagen till avslutad: p50 {figures.whole_p50_ms:.0f} ms, "
        f"p99 {figures.whole_p99_ms:.0f} ms. Förslaget till kvittens: "
        f"{figures.proposal_p50_ms:.0f} ms."
    )


def _pair(found: Compared, unit: str) -> str:
    return " ".join(f"{value:>8.1f} {unit:<2}" for value in (found.floor, found.product))
