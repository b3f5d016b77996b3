"""What a difference between two policies means for one case, in a sentence."""

from datetime import date

from gateway.texts.days import day
from gateway.texts.words import word
from services.handover.api import Meaning

MEANINGS = {
    "threat.met": "Hotbilden i ärendet räcker också där.",
    "threat.not_met": "Där krävs en hotbild, och polisen har inte bedömt någon i ärendet.",
    "age.met": "Personens ålder är inget hinder där.",
    "age.not_met": "Personen är yngre än gränsen där. Rätten till stöd enligt lag är densamma.",
    "residence.met": "Grunden för tillhörigheten i ärendet godtas också där.",
    "residence.not_met": "Där nämns inte den grund för tillhörighet som ärendet har.",
    "residence.not_found": "Tillhörigheten är inte bekräftad ännu.",
    "consent.longer": "Samtycket gäller längre än {days} dagar. Där behöver det förnyas tidigare.",
    "needs.not_theirs": "Där utreds inte: {areas}.",
    "needs.to_investigate": "Där utreds dessutom: {areas}.",
    "unit.other": "Vid hotnivå {level} är det en annan del av polisen som svarar där.",
    "review.by": "Med hotnivå {level} ska hotet bedömas på nytt där senast {by}.",
    "placement.asked_there": "Där krävs polisens svar om placering på den här hotnivån.",
    "placement.not_asked_there": "Där krävs inte polisens svar om placering på den här hotnivån.",
    "first_meeting.by": "Tar de över i dag ska det första mötet hållas senast {by}.",
}


def meaning(said: Meaning) -> str:
    """What a difference means for one case."""
    facts = dict(said.facts)
    if "by" in facts:
        facts["by"] = day(date.fromisoformat(str(facts["by"])))
    if "level" in facts:
        facts["level"] = word(str(facts["level"]), "level").lower()
    if "areas" in facts:
        areas = str(facts["areas"]).split(",")
        facts["areas"] = ", ".join(word(area, "need_area").lower() for area in areas)
    return MEANINGS[said.code].format(**facts)
