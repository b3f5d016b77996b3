"""Files by form and by API: read as they come, refused before they end, nothing written lost."""

import asyncio
import socket
from types import SimpleNamespace as Thing

import pytest
import pytest_asyncio
from granian.constants import Interfaces
from granian.server.embed import Server

from services.cases import api as cases
from services.documents.api import MAX_BYTES
from tests.support.casework import open_bench
from tests.support.leaks import BASE, _session, open_harness

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

PDF = b"%PDF-1.7 Kanariehandling"
TITLE = "Intyg från skolan, مرحبا"
TOO_LARGE = "Filen är för stor. Den får vara högst 25 MiB (26 214 400 byte)."
BOUNDARY = "----utvagprov"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(postgres_server, tmp_path_factory):
    """Linköping's web application and its people."""
    bench = await open_bench(await postgres_server.fresh_node_databases("0580"))
    harness = open_harness(Thing(node=bench.node), tmp_path_factory.mktemp("office"))
    harness.people = {
        "asta": await bench.case_worker(),
        "stig": await bench.case_worker("Stig"),
        "dag": await bench.person("Dag", "social_director"),
    }
    yield bench, harness
    await harness.client.aclose()
    await bench.node.db.close()
    await bench.worker_node.db.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(office):
    """The same, and a case without documents."""
    bench, harness = office
    return Thing(
        bench=bench,
        harness=harness,
        case_id=await bench.investigated(),
        people=harness.people,
        client=harness.client,
    )


def fields(desk, **changes):
    day = desk.bench.today.isoformat()
    given = {"term": "1", "section": "needs.housing", "title": TITLE, "received_on": day, **changes}
    return {name: text for name, text in given.items() if text is not None}


def signed_in(who):
    return {
        "authorization": f"Bearer {who}",
        "cookie": f"test={who}",
        "origin": BASE,
        "sec-fetch-site": "same-origin",
    }


async def by_page(desk, content=PDF, name="intyg.pdf", who="asta", token=None, **changes):
    form = {
        "_csrf_token": token or _session(desk.people[who]).form_token,
        **fields(desk, **changes),
    }
    return await desk.client.post(
        f"/cases/{desk.case_id}/documents/new",
        data=form,
        files={"file": (name, content, "application/pdf")},
        headers=signed_in(who),
    )


async def by_api(desk, content=PDF, name="intyg.pdf", who="asta", **changes):
    return await desk.client.post(
        f"/api/v1/cases/{desk.case_id}/documents",
        data=fields(desk, **changes),
        files={"file": (name, content, "application/pdf")},
        headers={"authorization": f"Bearer {who}"},
    )


async def listed(desk):
    return await cases.list_documents(desk.bench.node, desk.people["asta"], desk.case_id)


async def test_a_file_by_page_stands_in_the_list_and_is_fetched_as_it_was(desk):
    done = await by_page(desk)
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{desk.case_id}/documents")
    shown = await desk.client.get(done.headers["location"], headers=signed_in("asta"))
    assert TITLE in shown.text
    assert "intyg.pdf" not in shown.text
    (document,) = await listed(desk)
    address = f"/cases/{desk.case_id}/documents/{document.document_id}/file"
    assert address in shown.text
    got = await desk.client.get(address, headers=signed_in("asta"))
    assert got.content == PDF
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == f'attachment; filename="{document.file_name}"'
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["x-content-type-options"] == "nosniff"


async def test_a_file_by_api_is_listed_and_fetched_as_it_was(desk):
    made = await by_api(desk, b"Ren text.\n", "x")
    assert made.status_code == 201
    base = f"/api/v1/cases/{desk.case_id}/documents"
    rows = await desk.client.get(base, headers=signed_in("asta"))
    (row,) = rows.json()["items"]
    assert (row["document_id"], row["title"]) == (made.json()["id"], TITLE)
    got = await desk.client.get(f"{base}/{row['document_id']}/content", headers=signed_in("asta"))
    assert (got.content, got.headers["content-type"]) == (
        b"Ren text.\n",
        "text/plain; charset=utf-8",
    )
    assert got.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"MZ\x90\0 program", "Filen är ett program"),
        (b"PK\x03\x04 word", "inte PDF, PNG, JPEG eller ren text"),
        (b"", "Välj en fil"),
    ],
)
async def test_an_executable_named_pdf_is_refused_in_words_and_nothing_written_is_lost(
    desk, content, text
):
    page = await by_page(desk, content, "fullt ofarlig.pdf")
    assert page.status_code == 422
    assert text in page.text
    assert f'value="{TITLE}"' in page.text
    assert '<option value="needs.housing" selected>' in page.text
    assert "Välj filen igen" in page.text
    problem = await by_api(desk, content, "fullt ofarlig.pdf")
    assert problem.status_code == 422
    assert text in problem.json()["detail"]
    assert await listed(desk) == []


async def test_a_missing_field_is_told_beside_it(desk):
    page = await by_page(desk, section="", title="")
    assert page.status_code == 422
    assert page.text.count("Fel: ") >= 2
    problem = await by_api(desk, received_on="i går")
    assert problem.status_code == 400
    assert problem.json()["errors"] == [
        {"field": "received_on", "message": "Skriv datumet som 2026-11-22."}
    ]


async def test_a_stale_term_shows_the_conflict_and_what_was_written(desk):
    page = await by_page(desk, term="7")
    assert page.status_code == 409
    assert TITLE in page.text
    assert (await by_api(desk, term="7")).status_code == 409


async def test_who_is_no_member_or_has_no_role_sees_no_case(desk):
    for who in ("stig", "dag"):
        assert (await by_page(desk, who=who)).status_code == 404
        assert (await by_api(desk, who=who)).status_code == 404
    assert await listed(desk) == []


async def test_a_form_without_its_token_is_refused_before_the_file(desk):
    assert (await by_page(desk, token="forged")).status_code == 403
    assert await listed(desk) == []


# -- over a real connection ------------------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wire(office):
    """The same application on the real server; a raw connection sees what comes when."""
    port = free_port()
    server = Server(
        office[1].app,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
    )
    task = asyncio.create_task(server.serve())
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            break
    opened = []
    yield Thing(port=port, opened=opened)
    for writer in opened:  # the server stops when nobody is left
        writer.close()
    server.stop()
    await task


def form_head(desk, **extra):
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in {**fields(desk), **extra}.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return "".join(parts).encode()


TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


async def begin(desk, wire, path, head, length):
    """Open a connection and send all but the file; `length` None announces none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    wire.opened.append(writer)
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1:4000",
        *(f"{name}: {value}" for name, value in signed_in("asta").items()),
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}",
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    if length is not None:
        writer.write(head)
    await writer.drain()
    return reader, writer


async def answer(reader):
    """Status and body of one response."""
    async with asyncio.timeout(20):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        return int(head.split()[1]), (await reader.readexactly(length)).decode()


def entrances(desk):
    token = {"_csrf_token": _session(desk.people["asta"]).form_token}
    return {
        "page": (f"/cases/{desk.case_id}/documents/new", token),
        "api": (f"/api/v1/cases/{desk.case_id}/documents", {}),
    }


@pytest.mark.parametrize("way", ["page", "api"])
async def test_one_byte_too_many_is_refused_before_a_byte_of_the_file_is_sent(desk, wire, way):
    path, extra = entrances(desk)[way]
    head = form_head(desk, **extra)
    length = len(head) + MAX_BYTES + 1 + len(TAIL)
    reader, writer = await begin(desk, wire, path, head, length)
    status, body = await answer(reader)
    assert (status, TOO_LARGE in body) == (422, True)
    writer.close()
    assert await listed(desk) == []


async def test_who_goes_on_sending_is_heard_out_and_then_served_again(desk, wire):
    """A browser reads the answer only when it has sent all: it must not be cut off before."""
    path, extra = entrances(desk)["page"]
    head = form_head(desk, **extra)
    reader, writer = await begin(desk, wire, path, head, len(head) + MAX_BYTES + 1 + len(TAIL))
    for _ in range(MAX_BYTES // (1 << 20)):
        writer.write(bytes(1 << 20))
        await writer.drain()
    writer.write(b"x" + TAIL)
    await writer.drain()
    status, body = await answer(reader)
    assert (status, TOO_LARGE in body) == (422, True)
    writer.close()


@pytest.mark.parametrize("way", ["page", "api"])
async def test_26_214_400_bytes_pass(desk, wire, way):
    path, extra = entrances(desk)[way]
    head = form_head(desk, **extra)
    reader, writer = await begin(desk, wire, path, head, len(head) + MAX_BYTES + len(TAIL))
    writer.write(b"%PDF-" + bytes(MAX_BYTES - 5) + TAIL)
    await writer.drain()
    status, _ = await answer(reader)
    assert status == {"page": 303, "api": 201}[way]
    writer.close()
    (document,) = await listed(desk)
    assert document.size_bytes == MAX_BYTES


async def test_an_unannounced_length_is_counted_and_refused_at_the_byte_too_many(desk, wire):
    path, extra = entrances(desk)["api"]
    head = form_head(desk, **extra)
    reader, writer = await begin(desk, wire, path, head, None)

    def chunk(data):
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    chunk(head + b"%PDF-")
    for _ in range(25):
        chunk(bytes(1 << 20))
        await writer.drain()
    status, body = await answer(reader)  # no end of the file, no end of the form has been sent
    assert (status, TOO_LARGE in body) == (422, True)
    writer.close()


async def test_a_program_is_refused_at_its_first_bytes(desk, wire):
    path, extra = entrances(desk)["page"]
    head = form_head(desk, **extra)
    reader, writer = await begin(desk, wire, path, head, len(head) + 20_000_000 + len(TAIL))
    writer.write(b"MZ\x90\0" + bytes(4096))
    await writer.drain()
    status, body = await answer(reader)
    assert (status, "Filen är ett program" in body) == (422, True)
    writer.close()


async def test_a_connection_that_breaks_leaves_nothing_and_the_next_works(desk, wire):
    path, extra = entrances(desk)["page"]
    head = form_head(desk, **extra)
    _, writer = await begin(desk, wire, path, head, len(head) + 1_000_000 + len(TAIL))
    writer.write(b"%PDF-" + bytes(500_000))
    await writer.drain()
    writer.transport.abort()
    reader, writer = await begin(desk, wire, path, head, len(head) + len(PDF) + len(TAIL))
    writer.write(PDF + TAIL)
    await writer.drain()
    assert (await answer(reader))[0] == 303
    writer.close()
    assert [each.size_bytes for each in await listed(desk)] == [len(PDF)]
