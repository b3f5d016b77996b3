"""Scenario 3: declined, IVO, ruling, take-over; by the pages alone, and by the API alone."""

import io

import pypdf
import pytest

from infra.demo import story as demo_story
from infra.demo.api import play
from infra.demo.clock import set_clock
from infra.directory import trust_files
from infra.verify import verify_file
from services.handover.api import follows_protocol
from shared.ids import AuthorityCode
from tests.support.browser import in_thread
from tests.support.browser_dispute import CONTACT, KINDS, NUMBER, REASONS, STATEMENT, DisputeStory
from tests.support.browser_story import LINKOPING

pytestmark = pytest.mark.browser


def evidence_holds(town, who, code, handover, tmp_path) -> bool:
    for _ in range(60):  # the receipt of the last message is still on its way
        who.go(f"{handover}/evidence")
        if not who.sees("Inte än"):
            break
        who.page.wait_for_timeout(250)
    with who.page.expect_download() as download:
        who.page.get_by_role("link", name="Hämta bevisfilen").click()
    file = tmp_path / f"{code}.utvag-evidence.json"
    download.value.save_as(file)
    return bool(
        verify_file(file, trust_files(town.state, AuthorityCode(code)), follows_protocol).holds
    )


def test_norrkoping_declines_ivo_rules_and_norrkoping_takes_over(town, tmp_path):
    story = DisputeStory(town, contact=CONTACT, receiver="0581")
    story.register()
    story.assign()
    story.consent(*KINDS)
    story.needs("housing")
    story.residence("huvudsaklig dygnsvila")
    story.threat()
    story.propose("Polisens underlag")
    story.decline()
    story.see_the_no()
    story.apply()
    letter = pypdf.PdfReader(io.BytesIO(story.fetch_application()))
    said = " ".join(" ".join(page.extract_text() for page in letter.pages).split())
    for part in (NUMBER, STATEMENT, REASONS, "19990505-9896", "Familjen bor i Norrköping."):
        assert part in said
    story.confirm_application()
    story.rule()
    story.agree()
    story.take_over()

    there, _ = story.there
    for who, code in ((story.worker, LINKOPING), (there, "0581")):
        assert evidence_holds(town, who, code, story.handover, tmp_path)
    assert town.faults.found == []


def test_scenario_3_comes_out_right_by_the_api_alone(town, monkeypatch, capsys):
    # A machine with much else to do takes its time; in the demo it is a second.
    monkeypatch.setattr(demo_story, "ARRIVES_WITHIN_S", 60.0)
    outcomes = []

    async def story():
        outcomes.append(await play(town.state, 3))

    try:
        in_thread(story)
    finally:
        set_clock(town.state)
    assert outcomes == [True], capsys.readouterr().out
