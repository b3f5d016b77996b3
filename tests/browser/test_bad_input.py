"""What people get wrong: a plain sentence, focus on it, and nothing that they wrote is lost."""

import pytest

from tests.support.browser_story import CONTACT, LINKOPING, Story

pytestmark = pytest.mark.browser
LONG = ("مرحبا بالعالم 🙂 Å" * 6250)[:100_000]


@pytest.fixture(scope="module")
def case(town):
    story = Story(town, {"judge": False})
    story.register()
    story.assign()
    story.consent()
    return story


def refused(person, button, text, **kept):
    """Press the button, and demand the sentence, the focus on it, and all that was written."""
    assert person.press(button).status == 422
    person.must_see(text)
    assert person.page.title().startswith("Fel:")
    assert person.page.evaluate("document.activeElement.id") == "error-summary"
    for name, value in kept.items():
        assert person.page.locator(f"[name={name}]").first.input_value() == value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("19950314-9801", "Personnumret stämmer inte."),
        ("20990101-2394", "Födelsedatumet ligger i framtiden."),
    ],
)
def test_a_personal_number_that_can_not_be(case, number, text):
    who = case.worker
    who.go("/cases/new")
    case.write_contact(personal_number=number)
    refused(who, "Spara och öppna ärendet", text, **CONTACT | {"personal_number": number})
    assert who.page.locator("[name=personal_number]").get_attribute("aria-invalid") == "true"


def test_a_municipality_that_does_not_exist(case):
    who = case.worker
    who.go("/cases/new")
    case.write_contact()
    who.forge("registered_municipality", "9999")
    refused(who, "Spara och öppna ärendet", "Kommunkoden finns inte.", **CONTACT)


def test_an_empty_contact_names_every_field(case):
    who = case.worker
    who.go("/cases/new")
    refused(who, "Spara och öppna ärendet", "fel att rätta")


def test_a_handover_to_oneself(town):
    case = Story(town, {"judge": False})
    case.register()
    who = case.worker
    who.go(f"{case.case}/handovers/new")
    who.forge("receiver", LINKOPING)
    refused(who, "Fortsätt", "Ärendet kan inte lämnas över till den egna kommunen.")


def test_a_decision_by_who_may_not_make_it(case):
    case.find_residence()
    who = case.worker
    who.go(f"{case.case}/investigation")
    found = case.leader
    found.go(f"{case.case}/investigation")
    address = found.page.get_by_role("link", name="Läs och bekräfta").first.get_attribute("href")
    who.go(address)
    refused(who, "Jag har läst och bekräftar", "Den som skrev bedömningen kan inte själv")


def test_a_handover_without_a_legal_ground(case):
    who = case.worker
    case.open_draft()
    who.page.goto(who.page.url.replace("step/1", "step/2"))
    who.forge("ground", "")
    who.press("Spara och fortsätt")
    who.page.goto(who.page.url.replace("step/3", "step/5"))
    who.must_see("Välj vad överlämningen stöds på: samtycke eller ett lagrum.")
    assert not who.page.get_by_role("button", name="Lämna till kollega").count()


def test_a_long_note_in_several_scripts_is_kept_whole(case):
    who = case.worker
    who.go(f"{case.case}/notes/new")
    who.choose("Slag", "Uppgift")
    who.fill(text=LONG, source="Personen själv")
    who.press("Spara anteckningen")
    assert who.page.get_by_text(LONG[:40]).first.inner_text().strip() == LONG.strip()
    who.fits()


def test_two_handlers_who_save_the_same_form_lose_nothing(case):
    first, second = case.worker, case.colleague
    case.open_draft()
    second.go(first.path)
    first.fill(duration="Första handläggarens text.")
    second.fill(duration="Andra handläggarens text.")
    first.press("Spara och fortsätt")
    assert second.press("Spara och fortsätt").status == 409
    second.must_see("Någon annan hann före", "Andra handläggarens text.")
