"""A handover as people click it, scenario 2 if nothing else is said, cut into chapters."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from infra.demo.clock import TODAY
from tests.support.browser import Person, Town

LINKOPING, GOTEBORG = "0580", "1480"
PLACES = {"0580": "Linköping", "0581": "Norrköping", "1480": "Göteborg"}
SOON = (TODAY.date() + timedelta(days=14)).isoformat()
LATER = (TODAY.date() + timedelta(days=90)).isoformat()
CONSENTED = (
    "Namn och personnummer",
    "Tillhörighet och skälen för den",
    "Hotnivå, enhet och dag",
    "Behov: boende",
    "Behov: ekonomi",
    "Behov: sysselsättning",
    "Behov: missbruk",
    "Behov: trygghet",
)
CONTACT = {
    "given_name": "Elias",
    "family_name": "Ekberg",
    "personal_number": "19950314-9800",
    "note": "Socialtjänstens mottagning hör av sig. Vill lämna ett kriminellt nätverk.",
}


@dataclass
class Story:
    """One case of its own, and everybody who meets it.

    Args:
        options: for every browser: `has_script`, `judge`.
        contact: the person, as the form of a contact asks.
        here, receiver: the two municipalities.
    """

    town: Town
    options: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=lambda: dict(CONTACT))
    here: str = LINKOPING
    receiver: str = GOTEBORG
    case: str = ""
    code_name: str = ""
    handover: str = ""

    def __post_init__(self) -> None:
        self.worker = self.at(self.here, "handlaggare1")
        self.colleague = self.at(self.here, "handlaggare2")
        self.leader = self.at(self.here, "gruppledare")

    @property
    def place(self) -> str:
        """The receiver's name."""
        return PLACES[self.receiver]

    def at(self, node: str, username: str) -> Person:
        """Somebody at a node."""
        return self.town.person(node, username, **self.options)

    def register(self) -> None:
        """A contact; the case gets its code name."""
        who = self.worker
        who.go("/cases")
        who.follow("Registrera kontakt")
        self.write_contact()
        who.press("Spara och öppna ärendet")
        self.case = who.path
        self.code_name = who.page.locator("h1").inner_text()
        assert re.fullmatch(r"\S+ \S+ \d+", self.code_name)

    def write_contact(self, **changes: str) -> None:
        """Fill in the form of a contact."""
        who = self.worker
        who.choose("Hur kom kontakten?", "Hänvisad")
        who.choose("Vem är det?", "Den som vill lämna")
        who.choose("Vem hör av sig?", "För egen del")
        who.fill(**self.contact | changes)
        who.select(registered_municipality="Göteborg")
        who.tick("wants_to_apply")

    def assign(self) -> None:
        """The leader gives a colleague and herself access; before that she sees no file."""
        leader = self.leader
        assert leader.go(self.case).status == 404
        for each in (self.worker, self.colleague):  # who registers goes on with the case
            self.suitable(self.here, each)
        for name, role in ((self.leader, "Gruppledare"), (self.colleague, "Handläggare")):
            leader.go(f"{self.case}/members/new")
            leader.select(staff_id=name.account.name)
            leader.choose("Roll i ärendet", role)
            leader.fill(reason="Utreder tillsammans med den som tog emot kontakten")
            leader.tick("no_conflict_of_interest")
            leader.press("Ge tillgång")

    def suitable(self, place: str, whom: Person) -> None:
        """Where policy demands it of case workers, the leader records that somebody is suitable."""
        if place == LINKOPING:
            return
        leader = self.at(place, "gruppledare")
        leader.go("/competence")
        leader.select(staff_id=whom.account.name)
        leader.choose("Kompetens", "Särskild lämplighet")
        leader.fill(course="Bedömd av gruppledaren", obtained_on="2026-01-01", valid_until=LATER)
        leader.press("Registrera")
        leader.must_see("Särskild lämplighet för avhopparärenden")

    def consent(self, *kinds: str, parties: tuple[str, ...] = ("Polisen",)) -> None:
        """To the receiver's social services and the police, for everything but health care."""
        who = self.worker
        who.go(f"{self.case}/investigation")
        who.follow("Registrera samtycke")
        who.choose("Vem får uppgifterna lämnas till?", *parties, f"Socialtjänsten i {self.place}")
        who.choose("Vad får de användas till?", "Överlämna", "Hot- och risk", "Fråga om det är")
        who.choose("Vilka uppgifter gäller det?", *(kinds or CONSENTED))
        who.fill(valid_until=LATER)
        who.press("Spara samtycket")
        who.must_see(", ".join((*parties, f"Socialtjänsten i {self.place}")))

    def needs(self, *areas: str) -> None:
        """What the person needs, one area at a time."""
        for area in areas:
            self.worker.go(f"{self.case}/needs/{area}")
            self.worker.fill(text="Behöver stöd i vardagen.", running_measure="Ges i dag.")
            self.worker.press("Spara")

    def residence(self, ground: str = "huvudregeln") -> None:
        """The finding, and its second reader."""
        self.find_residence(ground)
        self.leader.go(f"{self.case}/investigation")
        self.leader.follow("Läs och bekräfta")
        self.leader.press("Jag har läst och bekräftar")
        self.leader.must_see(f"{self.leader.account.name}, 22 nov. 2026")

    def find_residence(self, ground: str = "huvudregeln") -> None:
        """The finding: where the receiver is."""
        who = self.worker
        who.go(f"{self.case}/residence")
        who.choose("Var hör personen hemma?", "Hör till en annan kommun")
        who.select(municipality=self.place)
        who.choose("På vilken grund?", ground)
        who.fill(facts="Sover där de flesta nätter.")
        who.press("Spara bedömningen")
        who.must_see("Hör till en annan kommun", "Ingen än")

    def threat(self) -> None:
        """Bops is asked and answers HIGH in the joint room, then placement and level passing."""
        who, bops = self.worker, self.bops
        self.ask_police("Brottsoffer- och personsäkerhet, region Öst")
        bops.go("/")
        bops.follow(self.code_name)
        bops.choose("Hotnivå", "Hög")
        bops.choose("Metod", "Strukturerad metod")
        bops.fill(next_review_on=SOON)
        bops.press("Lämna bedömningen")
        bops.must_see("Hotnivå hög")
        for question in ("placement-question", "level-passing-question"):
            who.go(f"{self.case}/{question}")
            who.select(municipality="Göteborg")
            who.press("Skicka frågan")
        bops.go("/")
        bops.follow(self.code_name)
        bops.answer("Inget hinder")
        bops.answer("Ja")

    def ask_police(self, unit: str) -> None:
        """Ask a unit for a threat assessment; it sees the joint room from now on."""
        self.worker.go(f"{self.case}/threat-request")
        self.worker.choose("Vilken enhet frågas?", unit)
        self.worker.press("Skicka frågan")

    @property
    def bops(self) -> Person:
        """The officer who protects in Linköping."""
        return self.town.officer(LINKOPING, "bops-ost", **self.options)

    def propose(self, *withheld: str) -> None:
        """Steps 1 to 5, where the preview says this; then a colleague reads it back and sends it."""
        who = self.worker
        who.go(f"{self.case}/handovers")
        who.follow("Föreslå överlämning")
        self.open_draft()
        self.handover = who.path.removesuffix("/step/1")
        who.fill(
            duration="Minst ett år.",
            circumstances=f"Familjen bor i {self.place}.",
            wish=f"Vill bo i {self.place}.",
            need="Boende, försörjning och stöd i vardagen.",
        )
        who.choose("Hur bråttom är det?", "Snart")
        who.press("Spara och fortsätt")
        who.press("Spara och fortsätt")
        who.must_see(
            *(withheld or ("Behov: hälso- och sjukvård", "Samtycket omfattar inte detta."))
        )
        who.press("Fortsätt")
        who.press("Spara och fortsätt")
        who.must_see("Det här händer")
        who.press("Lämna till kollega")
        self.confirm(self.leader, self.handover)
        who.go(self.handover)
        who.must_see(f"{PLACES[self.here]} ansvarar", "Väntar på svar")

    def open_draft(self) -> None:
        """Begin a draft to the receiver, or go on with the one that is begun."""
        self.worker.go(f"{self.case}/handovers/new")
        if self.worker.path.endswith("/new"):
            self.worker.select(receiver=self.place)
            self.worker.press("Fortsätt")

    def confirm(self, second: Person, handover: str) -> None:
        """A second person reads it back."""
        second.go(handover)
        second.follow("Läs och bekräfta som andra person")
        assert second.press("Bekräfta").status == 422
        second.choose("Ditt beslut", "Jag har läst")
        second.press("Bekräfta")

    def accept(self) -> None:
        """The receiver finds it in the inbox, and two persons accept."""
        self.accept_first()
        self.confirm(self.there[1], self.handover)

    def accept_first(self) -> None:
        """One of the receiver's two signs a yes; nothing of the person is seen before."""
        who, _ = self.there
        who.until(PLACES[self.here], "/inbox")
        who.until(f"{PLACES[self.here]} ansvarar", self.handover)
        assert not who.sees(self.contact["family_name"])
        who.follow("Acceptera")
        who.fill(take_over_on=TODAY.date().isoformat())
        who.press("Lämna till kollega")

    @property
    def there(self) -> tuple[Person, Person]:
        """The receiver's two."""
        return self.at(self.receiver, "handlaggare1"), self.at(self.receiver, "gruppledare")

    def dossier(self) -> None:
        """What came, and what is withheld with the reason."""
        who, _ = self.there
        who.until("Läs underlaget", self.handover)
        who.follow("Läs underlaget")
        who.must_see(
            "Ekberg",
            "19950314-9800",
            "Till polisen",
            "Behov: hälso- och sjukvård",
            "Samtycket omfattar inte detta.",
        )

    def take_over(self) -> None:
        """Bops of Göteborg confirms the acute protection; then two persons take over."""
        who, _ = self.there
        bops = self.town.officer(GOTEBORG, "bops-vast", **self.options)
        who.go(f"{self.handover}/act/take-over")
        who.press("Fråga Bops")
        who.must_see("Frågan ställdes")
        bops.go("/")
        rooms = bops.page.get_by_role("listitem").filter(has_text="Att besvara")
        rooms.last.get_by_role("link").click()
        bops.answer("Ja")
        self.take_over_by_two()

    def take_over_by_two(self) -> None:
        """A case worker and a first meeting are named; the second person confirms."""
        who, second = self.there
        self.suitable(self.receiver, who)
        who.go(f"{self.handover}/act/take-over")
        who.fill(
            meeting_on=(TODAY.date() + timedelta(days=2)).isoformat(),
            meeting_at="09.30",
        )
        who.select(case_worker=who.account.name)
        who.press("Lämna till kollega")
        self.confirm(second, self.handover)
        who.go(self.handover)
        who.must_see(f"{self.place} ansvarar")

    def until_proposed(self) -> None:
        """Everything in Linköping up to the proposal."""
        self.register()
        self.assign()
        self.consent()
        self.needs("housing", "economy", "occupation", "addiction", "safety", "health_care")
        self.residence()
        self.threat()
