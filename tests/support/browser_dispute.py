"""Scenario 3 as people click it: Linköping to Norrköping, a no, IVO, a ruling, a take-over."""

from infra.demo.clock import TODAY
from tests.support.browser import Person
from tests.support.browser_story import LINKOPING, SOON, Story

NORRKOPING = "0581"
REASONS = "Sover i Norrköping tillfälligt. Familj och arbete finns i Linköping."
STATEMENT = "Personen har sovit i Norrköping de flesta nätter sedan i mars."
NUMBER = "SN 2026-0417"
RULING = "IVO 3.4.2-2026/118"
DAY = TODAY.date().isoformat()
CONTACT = {
    "given_name": "Nora",
    "family_name": "Nyberg",
    "personal_number": "19990505-9896",
    "note": "Kommer till socialkontoret. Vill lämna, och sover hos en vän i Norrköping.",
}
KINDS = (
    "Namn och personnummer",
    "Tillhörighet och skälen för den",
    "Hotnivå, enhet och dag",
    "Behov: boende",
)


class DisputeStory(Story):
    """One case of its own; the receiver is Norrköping."""

    @property
    def director(self) -> Person:
        """Who confirms an application to IVO."""
        return self.at(LINKOPING, "socialchef")

    def write_contact(self, **changes: str) -> None:
        """Registered in Linköping, though she sleeps elsewhere."""
        super().write_contact(**changes)
        self.worker.select(registered_municipality="Linköping")

    def assign(self) -> None:
        """The director too: the delegation order names her for disputes."""
        super().assign()
        self.leader.go(f"{self.case}/members/new")
        self.leader.select(staff_id=self.director.account.name)
        self.leader.choose("Roll i ärendet", "Socialchef")
        self.leader.fill(reason="Beslutar om tvister")
        self.leader.tick("no_conflict_of_interest")
        self.leader.press("Ge tillgång")

    def threat(self) -> None:
        """The local police area gives LOW, and lets the level be passed on."""
        who = self.worker
        police = self.town.officer(LINKOPING, "lpo-linkoping", **self.options)
        self.ask_police("Lokalpolisområde Linköping")
        police.go("/")
        police.follow(self.code_name)
        police.choose("Hotnivå", "Låg")
        police.choose("Metod", "Strukturerad metod")
        police.fill(next_review_on=SOON)
        police.press("Lämna bedömningen")
        who.go(f"{self.case}/level-passing-question")
        who.select(municipality="Norrköping")
        who.press("Skicka frågan")
        police.go("/")
        police.follow(self.code_name)
        police.answer("Ja")

    def decline(self) -> None:
        """Norrköping says no, with reasons; without them it cannot."""
        who, second = self.there
        who.until("Linköping ansvarar", self.handover)
        who.follow("Neka med skäl")
        who.choose("Varför?", "Anknytningen är inte starkast hit")
        assert who.press("Lämna till kollega").status == 422
        who.fill(text=REASONS)
        who.press("Lämna till kollega")
        self.confirm(second, self.handover)

    def see_the_no(self) -> None:
        """Linköping reads why; that a card tells of it, complaint 4's test holds."""
        who = self.worker
        who.until("Nekad", self.handover)
        who.must_see("Linköping ansvarar", REASONS)

    def apply(self) -> None:
        """The leader writes, the director reads the letter and confirms."""
        leader, director = self.leader, self.director
        leader.go(self.handover)
        leader.follow("Ansök hos IVO")
        leader.fill(applied_on=DAY, text=STATEMENT)
        assert leader.press("Ansök hos IVO").status == 422
        leader.fill(register_number=NUMBER)
        leader.press("Ansök hos IVO")
        director.go(self.handover)
        director.follow("Tvisten")
        director.must_see("Linköping ansvarar", REASONS)

    def fetch_application(self) -> bytes:
        """The letter as the director gets it."""
        page = self.director.page
        with page.expect_download() as download:
            page.get_by_role("link", name="Hämta ansökan som PDF").click()
        return bytes(download.value.path().read_bytes())

    def confirm_application(self) -> None:
        """From now on the matter lies with IVO, at both ends."""
        self.confirm(self.director, self.handover)
        for who in (self.leader, self.there[1]):
            who.until("Tvist hos IVO", f"{self.handover}/dispute")
            who.must_see("Linköping ansvarar", REASONS, STATEMENT, "IVO beslutar, oftast inom tre")

    def rule(self) -> None:
        """IVO's decision, final; it is not final before its own day."""
        leader = self.leader
        leader.go(self.handover)
        leader.follow("Registrera IVO:s beslut")
        leader.choose("Vem är ansvarig enligt beslutet?", "Den som skulle ta emot")
        leader.fill(document=RULING, decided_on=DAY, final_on=SOON)
        assert leader.press("Registrera IVO:s beslut").status == 422
        leader.must_see("laga kraft")
        leader.fill(final_on=DAY)
        leader.press("Registrera IVO:s beslut")
        self.worker.go(self.case)
        self.worker.must_see("IVO har beslutat att en annan kommun är ansvarig")
        self.there[1].until("Ni är ansvariga enligt IVO:s beslut", f"{self.handover}/dispute")
        self.there[1].must_see("Linköping ansvarar", "övertagandet väntar", RULING)

    def agree(self) -> None:
        """Norrköping names the day; the dossier comes by itself."""
        _, second = self.there
        second.go(self.handover)
        second.follow("Gå med på att ta över")
        second.fill(take_over_on=DAY)
        second.press("Gå med på att ta över")
        self.confirm(self.at(NORRKOPING, "samordnare"), self.handover)
        who, _ = self.there
        who.go(self.handover)
        who.must_see("läser bara de utsedda kollegorna")
        second.go(self.handover)
        second.follow("Låt en kollega till läsa")
        second.select(staff_id=who.account.name)
        second.choose("Varför?", "Förbereder övertagandet")
        second.press("Låt läsa")
        second.must_see("Vem läser", who.account.name)

    def take_over(self) -> None:
        """Two persons; then both ends say Norrköping."""
        who, _ = self.there
        who.until("Läs underlaget", self.handover)
        self.take_over_by_two()
        self.worker.until("Ärendet är avslutat här", self.case)
        self.worker.must_see("Norrköping har tagit över")
