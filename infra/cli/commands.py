"""Which commands there are. Standard library only: the list is shown before anything is installed."""

from typing import NamedTuple


class Entry(NamedTuple):
    """Where a command lies, and its line in the list."""

    module: str
    name: str
    summary: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry(
        "infra.cli.scenes", "demo", "Starta allt och visa scenario 2; --once gör det obevakat."
    ),
    "up": Entry("infra.cli.system", "up", "Starta servrarna och alla noder i bakgrunden."),
    "down": Entry("infra.cli.system", "down", "Stoppa allt som 'up' startade."),
    "status": Entry("infra.cli.system", "status", "Visa hur allt mår; 0 bara när allt är friskt."),
    "logs": Entry("infra.cli.system", "logs", "Visa en process logg; -f följer den."),
    "scenario": Entry("infra.cli.scenes", "scenario", "Spela scenario N mot det system som körs."),
    "verify": Entry("infra.cli.proofs", "verify", "Kontrollera ett överlämningsbevis utan nät."),
    "policy": Entry(
        "infra.cli.proofs", "policy", "Jämför kommuners policy: policy diff 0580 1480."
    ),
    "serve": Entry("infra.cli.node", "serve", "Kör en nods webbprocess i förgrunden."),
    "work": Entry("infra.cli.node", "work", "Kör en nods arbetsprocess i förgrunden."),
    "migrate": Entry(
        "infra.cli.node", "migrate", "Uppdatera schemat i en nods databas, eller i allas."
    ),
    "bench": Entry(
        "infra.cli.bench", "bench", "Mät mot vad maskinen förmår: bench handover, bench statistics."
    ),
    "keys": Entry("infra.cli.trust", "keys", "En myndighets nycklar: visa, byt, återkalla, lämna."),
    "directory": Entry(
        "infra.cli.trust", "directory", "Förteckningen: visa, ge ut, uppehåll, ta bort, skicka."
    ),
    "join-test": Entry(
        "infra.cli.joining", "join_test", "Pröva en nod innan den utbyter riktiga ärenden."
    ),
    "test": Entry("infra.cli.developing", "test", "Kör alla prov, eller de delar som nämns."),
    "lint": Entry("infra.cli.developing", "lint", "Kör bara granskningen av koden."),
    "pin": Entry(
        "infra.cli.developing", "pin", "Nåla om paketen i requirements*.txt och package-lock.json."
    ),
    "faults": Entry(
        "infra.cli.faults", "faults", "Kör många överlämningar medan allt dör; ingen får tappas."
    ),
    "doctor": Entry(
        "infra.cli.doctor", "doctor", "Säg vad som saknas eller är fel, och vad man gör åt det."
    ),
}

EXIT_CODES = """Utgångskoder: 0 gjort och friskt, 1 det gick inte, 2 fel skrivet, 3 inte redo eller inte
friskt, 4 något saknas runt omkring (se 'utvag doctor'), 130 avbrutet."""


def overview() -> str:
    """The help of `utvag` itself."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {entry.summary}" for name, entry in COMMANDS.items()]
    return "\n".join(
        (
            "Användning: utvag KOMMANDO [VAL] …",
            "",
            "Utväg: ärendestöd för kommuners avhopparverksamhet, med överlämning mellan kommuner.",
            "",
            "Kommandon:",
            *lines,
            "",
            "'utvag KOMMANDO --help' berättar mer. '--debug' före kommandot visar hela felspåret.",
            EXIT_CODES,
        )
    )
