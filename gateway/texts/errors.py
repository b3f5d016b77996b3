"""One Swedish sentence for each error code: what is wrong and what to do about it."""

from collections.abc import Callable, Mapping

from gateway.texts.days import day
from gateway.texts.error_sentences import SENTENCES
from gateway.texts.policy import DECISIONS, ROLES, VALUES
from gateway.texts.words_entry import ENTRY_WORDS
from shared.errors import Fact
from shared.ids import AuthorityCode
from shared.policy import municipalities

UNKNOWN = "Det gick inte. Regeln heter {code}; ring stödet och uppge namnet."
_NATIONAL = {
    "9000": "utbytets drift",
    "9001": "polisen",
    "9002": "den nationella samordningen",
    "9003": "insamlare ett",
    "9004": "insamlare två",
}


def sentence(code: str, facts: Mapping[str, Fact]) -> str:
    """What a person reads for an error code.

    Args:
        code: of a `DomainError`, or one of the gateway's own.
        facts: the error's facts; days as ISO text, roles as a comma list, authorities as codes.
    """
    text = SENTENCES.get(code, UNKNOWN)
    return text.format_map(
        _Facts({"code": code, **{name: _say(name, facts[name]) for name in facts}})
    )


def authority_name(code: str) -> str:
    """`Göteborg` for 1480; the code itself where nobody knows it."""
    return _NATIONAL.get(code) or municipalities().get(AuthorityCode(code), code)


def field_message(message: str) -> str:
    """What a person reads for a decoder's English message about one field."""
    for part, text in _DECODER:
        if part in message:
            return text
    return "Värdet har fel form."


_DECODER = (
    ("missing required field", "Fältet saknas."),
    ("unknown field", "Fältet finns inte."),
    ("Invalid enum value", "Välj ett av de värden som finns."),
    ("Invalid UUID", "Id:t har fel form."),
    ("RFC3339 encoded date", "Skriv datumet som 2026-11-22."),
    ("Invalid RFC3339", "Skriv tiden som 2026-11-22T09:00:00Z."),
    ("Invalid ISO8601", "Skriv datumet som 2026-11-22."),
    ("matching regex", "Värdet har fel form."),
    ("length <=", "Texten är för lång."),
    ("length >=", "Texten är för kort."),
    ("Expected `str`", "Fältet ska vara text."),
    ("Expected `int`", "Fältet ska vara ett heltal."),
    ("Expected `bool`", "Fältet ska vara ja eller nej."),
    ("Expected `date`", "Skriv datumet som 2026-11-22."),
    ("Expected `array`", "Fältet ska vara en lista."),
    ("malformed", "Innehållet går inte att läsa."),
    ("truncated", "Innehållet är avbrutet."),
)
_PARTS = {
    "connection": "anknytningen",
    "duration": "hur länge behovet väntas finnas",
    "circumstances": "omständigheterna i övrigt",
}


class _Facts(dict[str, str]):
    """A fact that the error did not carry leaves a gap in the sentence, never an error page."""

    def __missing__(self, key: str) -> str:
        return "…"


def _say(name: str, fact: Fact) -> str:
    if isinstance(fact, bool):
        return "ja" if fact else "nej"
    if isinstance(fact, int):
        return str(fact)
    return _WORDS.get(name, str)(fact)


def _roles(fact: str) -> str:
    return " eller ".join(ROLES.get(role, role) for role in fact.split(",") if role)


def _listed(fact: str, group: str) -> str:
    words = ENTRY_WORDS[group]
    return ", ".join(words.get(each, each).lower() for each in fact.split(",") if each)


_WORDS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("authority", "receiver", "sender", "municipality"), authority_name),
    **dict.fromkeys(("agreed_on", "opens_on", "earliest", "due_on", "valid_until"), day),
    **dict.fromkeys(("roles", "role", "second"), _roles),
    "kind": lambda fact: DECISIONS.get(fact, fact),
    "tracks": lambda fact: _listed(fact, "track"),
    "parties": lambda fact: _listed(fact, "entry_party"),
    "competence": lambda fact: VALUES.get(fact, fact),
    "criterion": lambda fact: f"”{ENTRY_WORDS['criterion'].get(fact, fact)}”",
    "part": lambda fact: _PARTS.get(fact, fact),
}
