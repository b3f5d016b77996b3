"""What checking evidence came to, in words: one sentence a fault, one line a thing that was checked."""

from dataclasses import dataclass, field

from gateway.texts.words import word
from shared.messages import Failure, Report

_WHERE = {
    "file": "filen",
    "manifest": "förteckningen",
    "message": "meddelande",
    "paper": "papper",
    "link": "kedjans länk",
    "line": "rad",
    "forward": "nummer framåt",
    "back": "nummer tillbaka",
}

_WHY = {
    "evidence.unreadable": "går inte att läsa: något är ändrat eller avkortat, eller så är det inget bevis",
    "evidence.manifest": "är inte en förteckning",
    "evidence.step_missing": "finns i förteckningen men saknas i filen",
    "evidence.step_unlisted": "finns i filen men inte i förteckningen",
    "evidence.step_changed": "är inte det som står i förteckningen",
    "evidence.order": "står inte på den plats som förteckningen säger",
    "evidence.other_conversation": "hör till ett annat ärende",
    "evidence.half_content": "har innehåll utan salt, eller salt utan innehåll",
    "evidence.number_missing": "saknas",
    "evidence.number_twice": "finns två gånger",
    "evidence.other_sender": "har fel avsändare",
    "evidence.answers_nothing": "kvitterar inget meddelande i filen",
    "evidence.paper_of_another": "är inte antecknat av den som lämnar ut beviset",
    "evidence.paper_two_sided": "är bara ena sidans ord, fast den andra myndigheten hade en nod och skulle ha skrivit under",
    "evidence.other_content": "kvitterar ett annat innehåll",
    "evidence.receipt_missing": "är inte kvitterat",
    "evidence.link_differs": "bär underskrifter av olika länkar",
    "evidence.link_broken": "följer inte på länken före",
    "handover.link_missing": "saknar sin länk i ansvarskedjan",
    "handover.out_of_order": "kan inte ha sänts efter det som står före",
    "wire.content": "är ändrat: innehållet är inte det som skrevs under",
    "wire.signature": "är ändrat: underskriften stämmer inte",
    "wire.jws": "har ingen läsbar underskrift",
    "wire.header": "har inget läsbart huvud",
    "wire.paper": "är ingen läsbar anteckning om ett papper",
    "wire.expired_key": "skrevs under med en nyckel som inte gällde då",
    "wire.revoked_key": "skrevs under med en återkallad nyckel",
    "wire.unknown_key": "skrevs under med en nyckel som katalogen inte känner",
    "wire.unknown_sender": "skrevs under av någon som inte finns i katalogen",
}

_CONTENT = frozenset({"wire.content", "evidence.half_content"})
_NUMBERS = frozenset({"evidence.number_missing", "evidence.number_twice"})
_RECEIPTS = frozenset(
    {"evidence.receipt_missing", "evidence.answers_nothing", "evidence.other_content"}
)
_CHAIN = frozenset({"evidence.link_differs", "evidence.link_broken", "handover.link_missing"})
_ORDER = frozenset({"handover.out_of_order"})
_WAITS = "evidence.receipt_missing"
_DIRECTION = {"forward": "framåt", "back": "tillbaka"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Args:
        kind: `ok`, `wait` (only a receipt that has not come yet), `error`.
        text: what holds, or what was looked for.
        faults: a sentence for each that does not hold.
    """

    kind: str
    text: str
    faults: list[str] = field(default_factory=list)


def explain(failure: Failure) -> str:
    """One failure as a sentence; names the step as the file does."""
    return _sentence(failure, failure.name)


def checks(report: Report) -> list[Check]:
    """What was checked, each with what it came to; every failure stands under exactly one."""
    erased = f" {report.erased} är raderade; deras underskrifter håller." if report.erased else ""
    looked_for = [
        ("Varje underskrift är gjord av den som står som avsändare.", None),
        (f"Innehållet som finns kvar är det som skrevs under.{erased}", _CONTENT),
        ("Inget meddelande saknas, och inget finns två gånger.", _NUMBERS),
        ("Varje meddelande är kvitterat av den som tog emot det.", _RECEIPTS),
        ("Stegen kom i en ordning som överlämningar kan ha.", _ORDER),
    ]
    if report.links or any(each.code in _CHAIN for each in report.failures):
        looked_for.append(("Ansvarskedjan hänger ihop, länk för länk.", _CHAIN))
    named = _CONTENT | _NUMBERS | _RECEIPTS | _ORDER | _CHAIN
    found = []
    for text, codes in looked_for:
        failures = [
            each
            for each in report.failures
            if (each.code in codes if codes is not None else each.code not in named)
        ]
        found.append(
            Check(
                _kind(failures),
                text,
                [_told(each) for each in failures],
            )
        )
    return found


def verdict(found: list[Check]) -> str:
    """The worst of them: `ok`, `wait` or `error`."""
    kinds = {each.kind for each in found}
    return next((kind for kind in ("error", "wait") if kind in kinds), "ok")


def _told(failure: Failure) -> str:
    said = _sentence(failure, _name(failure.name))
    return said[0].upper() + said[1:]


def _kind(failures: list[Failure]) -> str:
    if not failures:
        return "ok"
    return "wait" if all(each.code == _WAITS for each in failures) else "error"


def _sentence(failure: Failure, name: str) -> str:
    place, _, number = failure.where.partition(" ")
    where = " ".join(part for part in (_WHERE[place], number) if part)
    named = f" ({name})" if name else ""
    why = _WHY.get(failure.code, f"bryter mot protokollet: {failure.code}")
    return f"{where}{named} {why}."


def _name(name: str) -> str:
    """`proposed forward 1` as a person says it; an answer has no number of its own."""
    kind, _, rest = name.partition(" ")
    direction, _, number = rest.partition(" ")
    if direction not in _DIRECTION:
        return name
    numbered = f" nr {number}" if number not in {"", "0"} else ""
    return f"{word(kind, 'message').lower()}, {_DIRECTION[direction]}{numbered}"
