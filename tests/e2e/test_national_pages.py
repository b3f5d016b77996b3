"""The national coordinator at 9002: the released figures, and never a municipality's own."""

import csv
import hashlib
import io
import re
import zipfile
from types import SimpleNamespace

import pypdf
import pytest
import pytest_asyncio
from sqlalchemy import text

from gateway.pages.national import national_handlers
from gateway.texts.words_national import SERIES
from services.statistics import api as statistics
from services.statistics.domain.release import decode
from services.statistics.domain.vector import PLACE, Slot, unpack
from shared.actor import Actor
from shared.crypto.jws import payload_of
from shared.db import StorageError
from shared.errors import AccessDenied
from shared.ids import AuthorityCode, StaffId, random_id
from shared.policy.municipality import municipality_register
from tests.e2e.leaks.matrix import entry_of
from tests.support.leaks import open_harness
from tests.support.releases import FEW, ITS_CONTACTS, ODD_ONE, happenings, open_released

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

NATION = AuthorityCode("9002")
BASE = "/national/2026H2"
VIEWS = ("totals", "trend", "handovers", "waiting", "contacts.county_group", "admitted.age.sex")
PAGES = (
    "/",
    "/national/method",
    BASE,
    "/national/2026H1",
    *(f"{BASE}/tables/{each}" for each in VIEWS),
    *(f"{BASE}/charts/{each}.svg" for each in VIEWS),
    *(f"{BASE}/files/{each}.{kind}" for each in VIEWS for kind in ("csv", "xlsx")),
    f"{BASE}/release.xlsx",
    f"{BASE}/release.jws",
    f"{BASE}/report.pdf",
    "/api/v1/national/releases",
    "/api/v1/national/releases/2026H2",
)


def person(*roles):
    return Actor(
        staff_id=StaffId(random_id()),
        authority=NATION,
        home=NATION,
        roles=frozenset(roles),
        unit=None,
        display_name="Samordnare S.",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nation(postgres_server):
    async with open_released(postgres_server) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(nation, tmp_path_factory):
    node = nation[NATION].service_node(web=True)
    harness = open_harness(SimpleNamespace(node=node), tmp_path_factory.mktemp("desk"))
    harness.people = {
        "coordinator": person("national_coordinator"),
        "reviewer": person("log_reviewer"),
        "admin": person("system_admin"),
        "monitor": person("api_monitor"),
        "worker of a municipality": person("case_worker", "team_leader", "social_director"),
    }
    yield harness
    await harness.client.aclose()


async def read(desk, path, who="coordinator"):
    response = await desk.call("GET", path, who)
    assert response.status_code == 200, (path, response.status_code, response.text[:300])
    return response


def words_of(response) -> str:
    """All text of an answer, whatever it is packed in."""
    match response.headers["content-type"].partition(";")[0]:
        case "application/pdf":
            pages = pypdf.PdfReader(io.BytesIO(response.content)).pages
            return "\n".join(page.extract_text() for page in pages)
        case "application/jose":
            return payload_of(response.text).decode()
        case kind if kind.endswith("sheet"):
            with zipfile.ZipFile(io.BytesIO(response.content)) as book:
                return "\n".join(
                    re.sub(r"<[^>]*>", " ", book.read(name).decode())
                    for name in book.namelist()
                    if name.endswith(".xml")
                )
    return re.sub(r"<[^>]*>", " ", response.text)


async def test_both_half_years_are_released_in_order_and_signed(nation, desk):
    rows = await statistics.releases(
        nation[NATION].service_node(web=True), desk.people["coordinator"]
    )
    assert [(row.half_year, row.state) for row in rows] == [
        ("2026H1", "released"),
        ("2026H2", "released"),
    ]
    assert all(row.is_genuine for row in rows)
    assert rows[0].release.find("contacts.total", "2026H1").total == await total(nation, "2026H1")
    assert rows[1].release.find("contacts.total", "2026H2").total == await total(nation, "2026H2")


async def total(nation, half_year):
    """What the municipalities counted, in clear."""
    contacts = 0
    for code in FEW:
        own = ITS_CONTACTS if code == ODD_ONE else None
        events = happenings(f"{half_year}{code}", own)
        contacts += sum(each.series == "contacts" for each in events)
    row = await nation.release(half_year)
    assert unpack(row.nation)[PLACE[Slot("contacts", (), (), "persons")]] == contacts
    return contacts


async def test_the_coordinator_reads_every_page_and_file(desk):
    for path in PAGES:
        assert len((await read(desk, path)).content) > 50, path


async def test_no_page_or_file_has_a_municipalitys_own_number_or_name(desk):
    names = {each.name for each in municipality_register().values()}
    for path in PAGES:
        words = words_of(await read(desk, path))
        assert not re.search(rf"(?<![0-9]){ITS_CONTACTS}(?![0-9])", words), path
        assert not [name for name in names if name in words], path


async def test_the_page_says_the_figures_that_the_signed_file_has(desk):
    response = await read(desk, f"{BASE}/release.jws")
    signed = payload_of(response.text)
    release = decode(signed)
    page = (await read(desk, BASE)).text
    contacts = release.find("contacts.total", "2026H2").total
    assert f"registrerades {contacts} första kontakter" in page
    assert hashlib.sha256(signed).hexdigest() in page
    assert "Stämmer med det som visas" in page


async def test_the_api_says_the_figures_that_were_signed_and_null_for_what_is_kept_back(desk):
    heads = (await read(desk, "/api/v1/national/releases")).json()["items"]
    assert [(each["half_year"], each["state"]) for each in heads] == [
        ("2026H1", "released"),
        ("2026H2", "released"),
    ]
    found = (await read(desk, "/api/v1/national/releases/2026H2")).json()
    release = decode(payload_of(found["jws"]))
    tables = {(each["id"], each["period"]): each for each in found["tables"]}
    assert len(tables) == len(release.tables)
    for shown in release.tables:
        cells = {tuple(c["key"]): c["count"] for c in tables[shown.kind, shown.period]["cells"]}
        assert cells == dict(shown.cells)
    assert None in {c["count"] for c in tables["admitted.age.sex", "2026"]["cells"]}
    assert found["head"]["sha256"] == hashlib.sha256(payload_of(found["jws"])).hexdigest()


async def test_the_api_has_no_half_year_that_is_not_released(desk):
    for path in ("/api/v1/national/releases/2027H1", "/api/v1/national/releases/0580"):
        assert (await desk.call("GET", path, "coordinator")).status_code == 404


async def test_what_is_kept_back_is_said_on_the_page_and_is_two_dots_in_the_file(desk):
    page = (await read(desk, f"{BASE}/tables/admitted.age.sex")).text
    assert "visas inte" in page
    answer = await read(desk, f"{BASE}/files/admitted.age.sex.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Ålder", "Kvinnor", "Män", "Uppgift saknas", "Alla"]
    assert any(".." in row for row in rows)
    assert all(re.fullmatch(r"[0-9]+|\.\.", cell) for row in rows[1:] for cell in row[1:])


async def test_the_report_is_tagged_and_has_findings_and_method(desk):
    answer = await read(desk, f"{BASE}/report.pdf")
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    words = " ".join(words_of(answer).split())
    assert "Avhopparverksamhet i Sverige, andra halvåret 2026" in words
    assert "Vad som inte visas, och varför" in words


async def test_nobody_else_reads_any_of_it(nation, desk):
    for path in PAGES[1:]:
        for who in (*(each for each in desk.people if each != "coordinator"), None):
            response = await desk.call("GET", path, who)
            refused = {401, 404} if path.startswith("/api/") else {302, 303, 404}
            assert response.status_code in refused, (path, who)
            assert SERIES["contacts"] not in response.text
    for who in ("reviewer", "worker of a municipality"):
        with pytest.raises(AccessDenied):
            await statistics.releases(nation[NATION].service_node(web=True), desk.people[who])


@pytest.mark.parametrize(
    "path",
    [
        "/national/2027H1",
        "/national/0580",
        f"{BASE}/tables/contacts.municipality",
        f"{BASE}/tables/weeks_to_threat.weeks",
        f"{BASE}/files/totals.exe",
        f"{BASE}/charts/nothing.svg",
    ],
)
async def test_what_is_no_fixed_table_is_not_there(desk, path):
    assert (await desk.call("GET", path, "coordinator")).status_code == 404


async def test_every_route_of_the_nation_has_an_entry_in_the_matrix():
    for handler in national_handlers:
        for path in handler.paths:
            assert entry_of("GET", path) is not None, path


@pytest.mark.parametrize("column", ["nation", "groups", "kept", "order_jws"])
async def test_the_web_role_cannot_read_an_exact_sum(nation, desk, column):
    node = nation[NATION].service_node(web=True)
    async with node.db.begin(desk.people["coordinator"]) as uow:
        with pytest.raises(StorageError, match="42501"):
            await uow.execute(text(f"select {column} from statistics_release"))


@pytest.mark.parametrize("change", ["content = 'x'", "kept = 'x'", "state = 'added'"])
async def test_a_release_is_never_changed_not_even_by_the_worker(nation, change):
    node = nation[NATION].service_node()
    async with node.db.begin(nation[NATION].worker) as uow:
        with pytest.raises(StorageError, match="UV002"):
            await uow.execute(text(f"update statistics_release set {change}"))
