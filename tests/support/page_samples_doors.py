"""Samples of the ways in: how the municipality works."""

from datetime import date

from gateway.how_we_work import HowWeWork, Rule, WorkStep
from gateway.public_texts import load_public_texts
from shared.ids import AuthorityCode
from shared.policy import Document, tenants_root

TODAY = date(2026, 11, 22)
LONG = (
    "Vi utreder vilken kommun personen tillhör. Skyddad folkbokföring är inget bevis. Hör personen "
    "till en annan kommun ansvarar vi tills den har tagit över."
)


def _how_we_work():
    """Two steps, with rules that are read, assumed and not checked."""
    document = Document(
        kind="agreement",
        title="Samverkansöverenskommelse mellan Polismyndigheten och Linköpings kommun",
        decided_by="Linköpings kommun och Lokalpolisområde Linköping",
        reference="2022-xx-xx; kopian saknar dag",
    )

    def rule(name, value, **changes):
        given = {"verified": True, "assumed": False, "note": ""}
        return Rule(
            "x", name, value, document.title, "Tillhörighetsutredning", **{**given, **changes}
        )

    rules = (
        rule("Tillhörighet", "ärendet ska tillhöra kommunen: folkbokförd här"),
        rule("Arbetsdagar till första svaret", "1", verified=False, note="Dokumenten är tysta."),
        rule("Jour", "anges inte", verified=False, assumed=True),
    )
    decided = (
        rule(
            "Beslut: fastställa tillhörighet",
            "handläggare, tillsammans med en annan: gruppledare",
            verified=False,
        ),
    )
    steps = (WorkStep("Tillhörighet", LONG, rules, decided), WorkStep("Behov", LONG, rules, ()))
    return HowWeWork("0580", TODAY, "a1" * 32, (document,), steps, 3, 7)


def _public(language):
    texts = load_public_texts(tenants_root(), AuthorityCode("0580"))
    return {
        "authority": {"name": "Linköpings kommun"},
        "language": language,
        "text": texts[language],
        "languages": [("Svenska", "sv", "#"), ("English", "en", "#")],
        "leave_to": "#",
    }


SAMPLES = {
    "public": ("public.html", _public("sv")),
    "public-english": ("public.html", _public("en")),
    "how-we-work": ("how_we_work.html", {"title": "Så arbetar vi", "work": _how_we_work()}),
}
