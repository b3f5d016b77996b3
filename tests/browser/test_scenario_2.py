"""Scenario 2 by the pages alone: everybody signs in through Keycloak, nobody touches the API."""

import pytest

from infra.directory import trust_files
from infra.verify import verify_file
from services.handover.api import follows_protocol
from shared.ids import AuthorityCode
from tests.support.browser_story import GOTEBORG, Story

pytestmark = pytest.mark.browser


def test_from_first_contact_in_linkoping_to_take_over_in_goteborg(town, tmp_path):
    story = Story(town)
    story.until_proposed()
    story.propose()
    story.accept()
    story.dossier()
    story.take_over()

    story.worker.until("Ärendet är avslutat här", story.case)
    for path in ("", "/investigation", "/journal", "/handovers", "/people", "/log"):
        story.worker.go(story.case + path)
    assert not story.worker.page.get_by_role("link", name="Skriv anteckning").count()

    who, _ = story.there
    who.go(f"{story.handover}/evidence")
    with who.page.expect_download() as download:
        who.page.get_by_role("link", name="Hämta bevisfilen").click()
    file = tmp_path / "overlamning.utvag-evidence.jsonl"
    download.value.save_as(file)
    trust = trust_files(town.state, AuthorityCode(GOTEBORG))
    assert verify_file(file, trust, follows_protocol).holds

    for person, pages in (
        (story.worker, ("/", "/handovers")),
        (who, ("/", "/handovers", "/cases")),
    ):
        for path in pages:
            person.go(path)
    assert town.faults.found == []
