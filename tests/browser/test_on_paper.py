"""A case goes to Jönköping, which has no node: letters out and papers in, by the pages alone."""

import io
from dataclasses import dataclass

import pypdf
import pytest

from infra.demo.clock import TODAY
from tests.support.browser_story import PLACES, Story

pytestmark = pytest.mark.browser
NOW = TODAY.date().isoformat()


def scan(what: str) -> dict:
    """A paper as it was scanned: no two come to the same bytes."""
    content = f"%PDF-1.7 {what}".encode()
    return {"name": "IMG_0001.pdf", "mimeType": "application/pdf", "buffer": content}


@dataclass
class PaperStory(Story):
    """The receiver has no node, and nobody there is met."""

    receiver: str = "0680"

    @property
    def place(self) -> str:
        return (PLACES | {"0680": "Jönköping"})[self.receiver]

    def propose(self, *withheld: str) -> None:
        who = self.worker
        self.open_draft()
        self.handover = who.path.removesuffix("/step/1")
        who.fill(duration="Minst ett år.", circumstances="Familjen bor där.", wish="Vill dit.")
        who.fill(need="Boende.")
        who.press("Spara och fortsätt")
        who.press("Spara och fortsätt")
        who.must_see("Kommunen har ingen nod: begäran går på papper.", *withheld)
        who.press("Fortsätt")
        who.press("Spara och fortsätt")
        who.must_see("Skriv ert diarienummer.")
        who.follow("Skillnader")
        who.fill(register_number="IFO 2026/17")
        who.press("Spara och fortsätt")
        who.press("Lämna till kollega")
        self.confirm(self.leader, self.handover)

    def letter(self) -> str:
        """What the letter that waits says; it is noted as sent."""
        who = self.worker
        who.go(f"{self.handover}/papers")
        with who.page.expect_download() as download:
            who.page.get_by_role("link", name="Hämta brevet som PDF").click()
        content = download.value.path().read_bytes()
        who.fill(sent_on=NOW)
        who.choose("Hur?", "Rekommenderat brev")
        who.press("Anteckna som skickat")
        who.must_see("Inget brev väntar på att skickas.")
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())

    def came(self, what: str, **fields: str) -> None:
        """A paper is read in by one, and compared by another."""
        who = self.worker
        who.go(f"{self.handover}/papers")
        who.follow(what)
        who.fill(received_on=NOW, **fields)
        who.page.locator("[name=file]").set_input_files(scan(what))
        who.press("Lämna till en andra person")
        self.confirm(self.leader, self.handover)


def test_a_municipality_without_a_node_takes_over_on_paper(town):
    told = PaperStory(town)
    told.register()
    told.assign()
    told.consent("Namn och personnummer", "Tillhörighet och skälen för den", parties=())
    told.residence("starkast anknytning")
    told.propose()
    request = told.letter()
    assert "Begäran om överflyttning av ärende" in request
    assert told.contact["family_name"] not in request
    told.came("Mottagningsbevis")
    told.came("Ja, de tar över", take_over_on=NOW)
    assert told.contact["family_name"] in told.letter()
    told.came("De har tagit över", taken_over_on=NOW)

    who = told.worker
    who.go(told.handover)
    who.must_see("Jönköping ansvarar", "Överlämnat")
