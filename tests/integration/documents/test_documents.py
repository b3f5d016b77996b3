"""A document is whole or not there, closed under the case's key, and its members' alone."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from infra.postgres.databases import database_name
from services.cases import api as cases
from services.documents.api import MAX_BYTES, PIECE_BYTES
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import SubjectId
from tests.support.casework import GOTEBORG

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

PDF = b"%PDF-1.7 " + b"Kanarieinneh\xc3\xa5ll " * 3


async def in_parts(*parts):
    for part in parts:
        yield part


async def stored(bench, case_id, table="document"):
    query = text(f"select * from {table} where case_id = :case order by 1")
    async with bench.worker_node.db.begin(bench.worker) as uow:
        return list((await uow.execute(query, {"case": case_id})).mappings())


async def content(bench, case_id, document_id, actor=None):
    actor = actor or await bench.case_worker()
    found = await cases.read_document(bench.node, actor, case_id, document_id, "prov")
    return found.content


async def refusal(attempt):
    with pytest.raises(DomainError) as refused:
        await attempt
    return refused.value.code


@pytest.mark.parametrize("size", [1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 900_001])
async def test_a_document_is_handed_out_as_it_came(bench, size):
    case_id = await bench.investigated()
    came = (b"%PDF-" + os.urandom(size))[:size] if size > 5 else b"x" * size
    document_id = await bench.document(case_id, came)
    assert await content(bench, case_id, document_id) == came
    (row,) = await stored(bench, case_id)
    assert (row["size_bytes"], row["pieces"]) == (size, -(-size // PIECE_BYTES))


async def test_neither_title_nor_content_lies_in_the_clear(bench):
    case_id = await bench.investigated()
    await bench.document(case_id, PDF, title="Kanarieintyg")
    kept = repr(await stored(bench, case_id)) + repr(await stored(bench, case_id, "document_piece"))
    assert "Kanarie" not in kept


async def test_a_document_is_listed_with_its_title_and_a_name_that_tells_nothing(bench):
    case_id = await bench.investigated()
    document_id = await bench.document(case_id, PDF, title="  Intyg\u0000 från\r\nskolan ")
    (found,) = await cases.list_documents(bench.node, await bench.leader(), case_id)
    assert (found.title, found.section) == ("Intyg från\nskolan", "needs.housing")
    assert found.file_name == f"handling-{document_id.hex[:8]}.pdf"
    assert found.came_from is None


async def test_only_members_add_list_and_open(bench):
    case_id = await bench.investigated()
    document_id = await bench.document(case_id, PDF)
    asta, gun = await bench.case_worker(), await bench.leader()
    stranger = await bench.case_worker("Stig")
    leading = await bench.leader("Gerd")  # sees the unit's headers, no file
    for actor in (stranger, leading):
        with pytest.raises(AccessDenied):
            await bench.document(case_id, PDF, actor=actor)
        with pytest.raises(AccessDenied):
            await cases.list_documents(bench.node, actor, case_id)
        with pytest.raises(AccessDenied):
            await content(bench, case_id, document_id, actor)
    other = await bench.register(asta, personal_number=None)
    with pytest.raises(AccessDenied):  # a document of another case, by its right id
        await content(bench, other, document_id)
    for actor in (asta, gun):
        assert await content(bench, case_id, document_id, actor) == PDF


async def test_row_security_alone_shows_a_stranger_nothing(bench):
    case_id = await bench.investigated()
    await bench.document(case_id, PDF)
    for actor, count in ((await bench.case_worker(), 1), (await bench.case_worker("Stig"), 0)):
        async with bench.node.db.begin(actor) as uow:
            for table in ("document", "document_piece"):
                query = text(f"select count(*) from {table} where case_id = :case")
                found = await uow.execute(query, {"case": case_id})
                assert found.scalar_one() == count


async def test_every_list_and_opening_is_in_the_log(bench):
    case_id = await bench.investigated()
    document_id = await bench.document(case_id, PDF)
    await cases.list_documents(bench.node, await bench.case_worker(), case_id)
    await content(bench, case_id, document_id)
    log = await cases.case_log(bench.node, await bench.case_worker(), case_id)
    assert {"case.document_added", "case.documents_listed", "case.document_read"} <= {
        row.action for row in log
    }


async def test_a_stale_term_is_refused_by_handler_and_by_the_database(bench):
    case_id = await bench.investigated()
    with pytest.raises(Conflict, match=r"case\.responsibility_moved"):
        await bench.document(case_id, PDF, term=2)
    insert = text(
        "insert into document values (gen_random_uuid(), :case, 'identity', 'text/plain',"
        " repeat('0', 64), 1, 1, '', current_date, now(), gen_random_uuid(), null)"
    )
    async with bench.node.db.begin(await bench.case_worker(), term=2) as uow:
        with pytest.raises(Conflict, match=r"case\.responsibility_moved"):
            await uow.execute(insert, {"case": case_id})


async def test_a_case_that_has_left_keeps_its_documents_and_takes_no_more(bench):
    case_id, handover_id = await bench.investigated(), uuid4()
    document_id = await bench.document(case_id, PDF)
    async with bench.node.db.begin(await bench.case_worker(), term=1) as uow:
        await cases.mark_open_handover(uow, case_id, handover_id)
        await cases.end_transferred(uow, case_id, handover_id, to=GOTEBORG)
        await uow.commit()
    with pytest.raises(Conflict, match=r"case\.responsibility_moved"):
        await bench.document(case_id, PDF)
    assert await content(bench, case_id, document_id) == PDF


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " \n"}, "document.title_missing"),
        ({"title": "x" * 201}, "text.too_long"),
        ({"section": "threat_level"}, "document.section_unknown"),
        ({"received_on": None}, "document.in_future"),
    ],
)
async def test_what_the_form_says_is_judged_before_the_file_is_read(bench, changes, code):
    case_id = await bench.investigated()
    if "received_on" in changes:
        changes = {"received_on": bench.today + timedelta(days=1)}

    async def unread():
        raise AssertionError("the file was read")
        yield b""

    given = {"section": "identity", "title": "Intyg", "received_on": bench.today, **changes}
    command = cases.AddDocument(case_id, 1, **given)
    attempt = cases.add_document(bench.node, await bench.case_worker(), command, unread())
    assert await refusal(attempt) == code


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((b"MZ\x90\0 this program",), "document.executable"),
        ((b"PK\x03\x04 word",), "document.type_unknown"),
        ((b"text", b" " * 70_000, b"\0"), "document.type_unknown"),
        ((), "document.empty"),
        ((b"%PDF-", *[bytes(PIECE_BYTES)] * 100), "document.too_large"),
    ],
)
async def test_of_what_is_refused_nothing_is_kept(bench, parts, code):
    case_id = await bench.investigated()
    command = cases.AddDocument(case_id, 1, "identity", "intyg.pdf", bench.today)
    attempt = cases.add_document(bench.node, await bench.case_worker(), command, in_parts(*parts))
    assert await refusal(attempt) == code
    assert await stored(bench, case_id) == await stored(bench, case_id, "document_piece") == []


async def test_a_file_that_ends_early_leaves_nothing(bench):
    case_id = await bench.investigated()

    async def cut_off():
        yield b"%PDF-" + bytes(PIECE_BYTES)
        raise DomainError("document.upload_broken")

    command = cases.AddDocument(case_id, 1, "identity", "Intyg", bench.today)
    attempt = cases.add_document(bench.node, await bench.case_worker(), command, cut_off())
    assert await refusal(attempt) == "document.upload_broken"
    assert await stored(bench, case_id, "document_piece") == []


async def test_the_largest_file_passes_and_one_byte_more_is_not_even_read(bench):
    case_id = await bench.investigated()
    asta = await bench.case_worker()
    command = cases.AddDocument(case_id, 1, "identity", "Stor", bench.today)
    parts = (b"%PDF-", bytes(PIECE_BYTES - 5), *[bytes(PIECE_BYTES)] * 99)
    document_id = await cases.add_document(
        bench.node, asta, command, in_parts(*parts), announced_bytes=MAX_BYTES
    )
    assert await content(bench, case_id, document_id) == b"".join(parts)
    read = []

    async def watched():
        read.append(1)
        yield b"%PDF-"

    attempt = cases.add_document(
        bench.node, asta, command, watched(), announced_bytes=MAX_BYTES + 1
    )
    assert (await refusal(attempt), read) == ("document.too_large", [])


SWAPPED = (
    "update document_piece p set sealed = q.sealed from document_piece q"
    " where p.{this} and q.{this} and q.number = 1 - p.number and p.number < 2"
)


async def spoil(postgres_server, statement):
    async with postgres_server.admin(database_name("0580")) as admin:
        for what in (
            "alter table document disable trigger all",
            "alter table document_piece disable trigger all",
            statement,
            "alter table document enable trigger all",
            "alter table document_piece enable trigger all",
        ):
            await admin.execute(what)


@pytest.mark.parametrize(
    "damage",
    [
        "update document_piece set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) where {this}",
        "delete from document_piece where {this} and number = 1",
        SWAPPED,
        "update document set sha256 = repeat('0', 64) where {this}",
        "update document set size_bytes = size_bytes - 262144 where {this}",
    ],
)
async def test_a_spoiled_document_is_an_error_never_other_bytes(bench, postgres_server, damage):
    case_id = await bench.investigated()
    document_id = await bench.document(case_id, b"%PDF-" + os.urandom(3 * PIECE_BYTES - 7))
    await spoil(postgres_server, damage.format(this=f"document_id = '{document_id}'"))
    assert await refusal(content(bench, case_id, document_id)) == "document.spoiled"


async def test_an_erased_case_shows_no_document(bench):
    case_id = await bench.investigated()
    document_id = await bench.document(case_id, PDF)
    await bench.node.case_keys.destroy(SubjectId(case_id))
    assert await refusal(content(bench, case_id, document_id)) == "keys.erased"


async def test_who_may_is_asked_again_when_the_file_has_come(bench):
    """A membership that ends while the file is on its way: nothing is kept."""
    case_id = await bench.investigated()
    gun, bo = await bench.leader(), await bench.case_worker("Bo")

    async def slow():
        yield b"%PDF-"
        end = cases.EndMembership(case_id, 1, bo.staff_id, "byter enhet")
        await cases.end_membership(bench.node, gun, end)

    command = cases.AddDocument(case_id, 1, "identity", "Intyg", bench.today)
    with pytest.raises(AccessDenied):
        await cases.add_document(bench.node, bo, command, slow())
    assert await stored(bench, case_id) == []


async def test_two_files_at_once_are_both_kept(bench):
    import asyncio

    case_id = await bench.investigated()
    first, second = await asyncio.gather(
        bench.document(case_id, PDF), bench.document(case_id, b"text")
    )
    assert await content(bench, case_id, first) == PDF
    assert await content(bench, case_id, second) == b"text"
