"""One field of a dossier's section in words: codes, places and days as people write them."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.texts.days import day
from gateway.texts.errors import authority_name
from gateway.texts.jinja import personal_number, unit_name
from gateway.texts.words import word


def field_words(name: str, value: Any) -> str:
    """What stands for a field's value on a page.

    Args:
        name: the field's.
        value: JSON types or what msgspec makes of a struct; a list or tuple is one line each.
    """
    if isinstance(value, list | tuple):
        return "\n".join(field_words(name, each) for each in value)
    if isinstance(value, dict):
        return _consent(value) if name == "consents" else "; ".join(map(str, value.values()))
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return _WORDS.get(name, str)(value)


def _consent(consent: Mapping[str, Any]) -> str:
    parties = ", ".join(
        "polisen" if function == "police" else f"socialtjänsten i {authority_name(authority)}"
        for authority, function in consent["counterparties"]
    )
    kinds = "; ".join(word(kind, "section") for kind in consent["kinds"])
    return f"Till {parties}, till och med {day(consent['valid_until'])}: {kinds}"


_WORDS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("municipality", "registered_municipality"), authority_name),
    **dict.fromkeys(("found_on", "assessed_on", "next_review_on", "recorded_on"), day),
    "unit": unit_name,
    "personal_number": personal_number,
    "finding": lambda code: word(code, "finding"),
    "ground": lambda code: word(code, "ground"),
    "level": lambda code: word(code, "level"),
    "protected_identity": lambda code: word(code, "protected_identity"),
}

FORM_LABELS = {
    "text": "Text",
    "source": "Källa",
    "running_measure": "Vad ges i dag",
    "facts": "Vad bedömningen bygger på",
    "note": "Vad som sagts",
    "reason": "Varför",
    "connection": "Anknytning dit",
    "duration": "Hur länge behovet väntas finnas",
    "circumstances": "Omständigheter i övrigt",
    "wish": "Vad personen själv vill",
    "wish_overridden_because": "Varför ändå",
    "need": "Vad personen behöver",
    "answer": "Ditt svar",
    "answer_on": "När svar önskas",
    "take_over_on": "När ni kan ta över",
    "valid_until": "Gäller till och med",
    "happened_on": "När det hände",
    "document": "Beslutets diarienummer",
    "title": "Vad handlingen är",
    "received_on": "När den kom",
    "matter": "Beslutet",
    "reasons": "Skälen",
    "minutes": "Utskottets protokoll",
    "own_conditions": "Egna villkor",
    "what": "Vad insatsen är",
    "provider": "Utförare",
    "summary": "Sammanfattning",
    "persons_view": "Vad personen själv tycker",
    "continued_support": "Stöd efteråt",
    "words": "Vad personen säger",
    "changed_plan": "Hur planen ändras",
    "safety_plan": "Säkerhetsplan",
}
"""What people write in words of their own, by form field: shown again when they came too late."""
