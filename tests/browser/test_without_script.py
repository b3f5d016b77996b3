"""The core of the story with script turned off: every step is a page and a form."""

import pytest

from tests.support.browser_story import Story

pytestmark = pytest.mark.browser


def test_a_case_goes_from_contact_to_dossier_and_never_twice_at_once(town):
    story = Story(town, {"has_script": False})
    story.until_proposed()
    story.propose()

    who = story.worker
    who.go(f"{story.case}/handovers/new")
    assert who.press("Fortsätt").status == 409
    who.must_see("Ärendet är redan på väg till en annan kommun.")
    assert who.page.title().startswith("Fel:")

    story.accept()
    story.dossier()
