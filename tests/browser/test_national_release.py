"""A national coordinator at 9002, with a simulated nation's half-years released."""

import csv
import io
import re

import pytest

from infra.demo.nation import SimulatedNation
from infra.demo.released import FIRST, SEED, load_releases
from shared.policy.municipality import municipality_register
from tests.support.browser import in_thread

pytestmark = pytest.mark.browser

HALVES = 2
LARGEST = "0180"
PERIOD = "andra halvåret 2025"


@pytest.fixture(scope="module")
def own():
    """What the largest municipality counted in each of the released half-years, by series."""
    found = []
    for _, happened in SimulatedNation(SEED).half_years(FIRST, HALVES):
        events = [each.series for each in happened[LARGEST]]
        found.append({series: events.count(series) for series in set(events)})
    return found


@pytest.fixture(scope="module")
def coordinator(town):
    in_thread(lambda: load_releases(town.state, HALVES))
    return town.person("9002", "samordnare")


def test_a_release_is_read_with_tables_charts_and_files(town, coordinator):
    who = coordinator
    who.go("/")
    who.follow("Andra halvåret 2025")
    who.must_see(PERIOD, "Stämmer med det som visas", "Första kontakter", "visas inte")
    charts = who.page.locator("img.u-chart")
    assert charts.count() >= 4
    who.page.wait_for_load_state("load")
    assert min(charts.evaluate_all("all => all.map(each => each.naturalWidth)")) > 100
    assert who.page.locator("table.u-table th[scope=row]").count() > 10
    with who.page.expect_download() as came:
        who.page.get_by_role("link", name=re.compile("^CSV")).first.click()
    content = came.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert len(rows) > 3
    assert town.faults.found == []


def test_no_page_of_a_release_says_a_municipalitys_number_or_name(town, coordinator, own):
    who = coordinator
    names = {each.name for each in municipality_register().values()}
    base = f"/national/{FIRST.following.id}"
    who.go(base)
    pages = {base}
    for link in who.page.locator("main a[href*='/tables/']").all():
        pages.add(link.get_attribute("href"))
    assert len(pages) > 10
    counted = {own[0]["contacts"], own[1]["contacts"]}
    for path in sorted(pages)[:6]:
        who.go(path)
        said = who.page.locator("main").inner_text()
        said = re.sub(r"\S+ län", "", said)  # Örebro län is no municipality
        assert not [name for name in names if name in said], path
        for row in who.page.locator("table.u-table tr").all():
            if row.inner_text().startswith("Första kontakter"):
                assert not counted & {int(n) for n in re.findall(r"[0-9]+", row.inner_text())}
    assert town.faults.found == []
