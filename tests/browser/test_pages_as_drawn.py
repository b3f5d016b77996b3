"""The pages as a browser draws them: at both widths, by keyboard, without script, in print."""

import pytest

from tests.support.browser import NARROW, WIDE, judged
from tests.support.page_samples import SAMPLES
from tests.support.page_server import page_server

pytestmark = pytest.mark.browser
# Narrow, the same mark-up is only laid out anew: one page of each layout is judged again.
JUDGED_NARROW = {"start", "cases", "contact", "case-investigation", "handover-4", "handover-life"}


@pytest.fixture(scope="module")
def address():
    with page_server() as found:
        yield found


@pytest.fixture(scope="module")
def tab(browser):
    context = browser.new_context(locale="sv-SE")
    page = context.new_page()
    page.heard = []
    page.on("console", lambda m: page.heard.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    yield page
    context.close()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_fits_breaks_no_rule_and_obeys_its_content_policy(tab, address, name):
    tab.heard.clear()
    tab.set_viewport_size(WIDE)
    tab.goto(f"{address}/{name}")
    assert fits(tab)
    assert judged(tab) == []
    tab.set_viewport_size(NARROW)
    assert fits(tab)
    if name in JUDGED_NARROW:
        assert judged(tab) == []
    assert tab.heard == []


def fits(tab) -> bool:
    """Without scrolling sideways."""
    return tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(params=(WIDE, NARROW), ids=("1280", "320"))
def sized(tab, request):
    tab.set_viewport_size(request.param)
    return tab


def test_what_a_machine_confirmed_is_drawn_smaller_than_what_a_person_said(sized, address):
    sized.goto(f"{address}/handover-life")
    size = "e => Math.max(...[...e.querySelectorAll('*')].map(x => parseFloat(getComputedStyle(x).fontSize)))"
    text = ".u-timeline__entry{} .u-timeline__head"
    machine = sized.locator(text.format("--machine")).first.evaluate(size)
    human = sized.locator(text.format(":not(.u-timeline__entry--machine)")).first.evaluate(size)
    assert machine < human


def test_the_first_stop_of_the_keyboard_skips_to_the_content(sized, address):
    sized.goto(f"{address}/start")
    sized.keyboard.press("Tab")
    assert sized.evaluate("document.activeElement.textContent") == "Hoppa till innehållet"
    sized.keyboard.press("Enter")
    sized.keyboard.press("Tab")
    assert sized.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_every_stop_of_the_keyboard_is_seen(sized, address):
    sized.goto(f"{address}/contact")
    sized.evaluate("document.activeElement.blur()")
    stops = []
    while len(stops) < 40:
        sized.keyboard.press("Tab")
        name, style = sized.evaluate(
            "(e => [e.id || e.tagName, getComputedStyle(e).outlineStyle])(document.activeElement)"
        )
        if name == "BODY" and stops:
            break
        stops.append(name)
        assert style == "solid", name
    assert {"channel-4", "given_name", "registered_municipality", "wants_to_apply"} <= set(stops)


@pytest.mark.parametrize("has_script", [True, False])
def test_after_an_error_the_focus_is_on_the_summary_and_leads_to_the_field(
    browser, address, has_script
):
    context = browser.new_context(java_script_enabled=has_script)
    page = context.new_page()
    page.goto(f"{address}/contact")
    assert page.title().startswith("Fel:")
    if has_script:
        assert page.evaluate("document.activeElement.id") == "error-summary"
    page.get_by_role("link", name="Personnumret stämmer inte").click()
    assert page.url.endswith("#personal_number")
    if has_script:
        assert page.evaluate("document.activeElement.id") == "personal_number"
    page.locator("#personal_number").fill("19950314-9800")
    assert page.get_by_role("button", name="Spara och öppna ärendet").is_enabled()
    context.close()


def test_forced_colours_lose_no_state(browser, address):
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(f"{address}/case-overview")
    for tag in page.locator(".u-tag").all():
        assert tag.evaluate("e => getComputedStyle(e).borderStyle") == "solid"
        assert tag.inner_text().strip()
    context.close()


def test_print_leaves_out_what_paper_cannot_press(browser, address):
    context = browser.new_context()
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(f"{address}/handover-6")
    for hidden in (".u-menu", ".u-footer", ".u-buttons", ".u-steps", ".u-header__out"):
        assert not page.locator(hidden).first.is_visible()
    assert page.get_by_text("Hålls inne, och varför").is_visible()
    context.close()
