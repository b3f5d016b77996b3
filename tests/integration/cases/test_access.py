"""Role gives capability, membership gives access; not found and not allowed answer alike."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text, update

from infra.postgres.databases import database_name
from services.cases import api as cases
from services.cases.api import EndMembership, RevealVault, SetExclusion
from services.cases.store import tables
from shared.db import StorageError, metadata
from shared.errors import AccessDenied, DomainError
from shared.ids import POLICE, CaseId, SubjectId, row_id
from tests.support.casework import CANARY, NOW, nobody, rich_case

pytestmark = pytest.mark.servers

CASE_TABLES = sorted(
    name
    for name, table in metadata.tables.items()
    if name.startswith("case_") and "case_id" in table.c
)


async def rows_seen(bench, actor, table):
    async with bench.node.db.begin(actor) as uow:
        found = await uow.execute(select(metadata.tables[table].c.case_id))
        return len(found.all())


async def code_of(refused):
    with pytest.raises(DomainError) as error:
        await refused
    return error.value.code


async def test_who_registers_is_a_member_and_reads_the_file(bench):
    asta = await bench.case_worker()
    case_id = await bench.register(asta)
    file = await cases.read_case(bench.node, asta, case_id, "läser")
    assert (file.header.state, file.person.family_name) == ("INTAKE", CANARY)
    assert [(m.staff_id, m.role, m.display_name) for m in file.members] == [
        (asta.staff_id, "case_worker", "Asta")
    ]


@pytest.mark.parametrize("case", ["another's", "nobody's"])
async def test_a_colleague_who_is_no_member_gets_the_answer_of_a_case_that_is_not(bench, case):
    case_id = await bench.register()
    bo = await bench.case_worker("Bo")
    asked = case_id if case == "another's" else CaseId(uuid4())
    for attempt in (
        cases.read_case(bench.node, bo, asked, "nyfiken"),
        cases.case_log(bench.node, bo, asked),
        cases.reveal_vault(bench.node, bo, RevealVault(asked, "nyfiken", uuid4())),
        cases.write_note(
            bench.node, bo, cases.WriteNote(asked, 1, "judgement", "x", "", bench.today)
        ),
        cases.set_exclusion(bench.node, bo, SetExclusion(asked, 1, "staff", "x", "y")),
        cases.withdraw_consent(bench.node, bo, cases.WithdrawConsent(asked, 1, uuid4())),
        bench.assign(asked, bo, bo, "case_worker"),
        cases.assignable(bench.node, bo, asked),
    ):
        with pytest.raises(AccessDenied):
            await attempt
    assert await cases.worklist(bench.node, bo) == []


async def test_what_the_key_store_says_is_told_to_members_only(bench):
    asta, bo = await bench.case_worker(), await bench.case_worker("Bo")
    case_id = await bench.register(asta)
    await bench.node.case_keys.destroy(SubjectId(case_id))
    with pytest.raises(AccessDenied):
        await cases.read_case(bench.node, bo, case_id, "nyfiken")
    assert await code_of(cases.read_case(bench.node, asta, case_id, "läser")) == "keys.erased"


async def test_access_ends_with_the_membership(bench):
    asta, gun = await bench.case_worker(), await bench.leader()
    case_id = await bench.register(asta)
    await bench.assign(case_id, gun, await bench.case_worker("Bo"), "case_worker")
    ended = EndMembership(case_id, 1, asta.staff_id, "byter enhet")
    await cases.end_membership(bench.node, gun, ended)
    with pytest.raises(AccessDenied):
        await cases.read_case(bench.node, asta, case_id, "läser")
    with pytest.raises(AccessDenied):
        await cases.end_membership(bench.node, gun, ended)


async def test_an_open_case_keeps_a_case_worker(bench):
    asta, gun = await bench.case_worker(), await bench.leader()
    case_id = await bench.register(asta)
    last = EndMembership(case_id, 1, asta.staff_id, "slutar")
    assert await code_of(cases.end_membership(bench.node, gun, last)) == (
        "assignment.last_case_worker"
    )


@pytest.mark.parametrize(
    "change",
    [{"roles": frozenset()}, {"roles": frozenset({"log_reviewer"})}, {"home": POLICE}],
    ids=["role lost", "another role", "signed in elsewhere"],
)
async def test_a_member_without_the_role_or_from_elsewhere_sees_nothing(bench, change):
    asta = await bench.case_worker()
    await bench.register(asta)
    for table in CASE_TABLES:
        assert await rows_seen(bench, replace(asta, **change), table) == 0


async def test_a_team_leader_sees_the_units_headers_and_no_file(bench):
    gun = await bench.person("Gun", "team_leader", unit="sig")
    other = await bench.person("Rut", "team_leader", unit="barn")
    asta = await bench.person("Asta", "case_worker", unit="sig")
    case_id = await bench.register(asta)
    (row,) = await cases.unit_cases(bench.node, gun)
    assert (row.case_id, row.is_member, row.case_worker) == (case_id, False, "Asta")
    assert CANARY not in repr(row)
    with pytest.raises(AccessDenied):
        await cases.read_case(bench.node, gun, case_id, "läser")
    assert await cases.unit_cases(bench.node, other) == []
    assert await cases.worklist(bench.node, gun) == []
    hidden = set(CASE_TABLES) - {"case_header", "case_member", "case_open_handover"}
    for table in hidden:
        assert await rows_seen(bench, gun, table) == 0
    for table in CASE_TABLES:
        assert await rows_seen(bench, other, table) == 0


STRANGERS = [
    nobody("case_worker"),
    nobody("exit_coordinator", "social_director"),
    nobody("log_reviewer", "system_admin", "security_chief", "national_coordinator"),
    nobody("police_partner", home=POLICE, unit="bops-ost"),
    nobody("case_worker", "team_leader", home=POLICE),
    nobody("worker"),
    nobody(),
]


async def test_the_database_shows_a_stranger_no_row_of_any_case_table(rich_bench):
    for stranger in STRANGERS:
        for table in CASE_TABLES:
            assert await rows_seen(rich_bench, stranger, table) == 0, (stranger.roles, table)


async def test_every_case_table_has_rows_for_the_one_who_may_see_them(rich_bench):
    asta = await rich_bench.case_worker()
    seen = {table: await rows_seen(rich_bench, asta, table) for table in CASE_TABLES}
    empty = {table for table, rows in seen.items() if rows == 0}
    # What only a take-over or a second registration of the person fills.
    assert empty == {"case_dossier", "case_redecision", "case_duplicate"}


@pytest.fixture
async def rich_bench(bench):
    """One case with something in every table."""
    await rich_case(bench)
    return bench


async def test_nobody_lets_himself_in_by_sql(bench):
    case_id = await bench.register()
    bo = await bench.case_worker("Bo")
    async with bench.node.db.begin(bo, term=1) as uow:
        with pytest.raises(StorageError):
            await uow.execute(
                insert(tables.member)
                .values(
                    member_id=row_id(NOW),
                    case_id=case_id,
                    staff_id=bo.staff_id,
                    role="case_worker",
                    given_by=bo.staff_id,
                    reason="jag",
                    started_at=NOW,
                )
                .inline()
            )


async def test_the_opener_names_members_in_the_opening_transaction_only(bench):
    asta, bo = await bench.case_worker(), await bench.case_worker("Bo")
    case_id = await bench.register(asta)
    assert await code_of(bench.assign(case_id, asta, bo, "case_worker")) == "case.role_may_not"
    async with bench.node.db.begin(asta, term=1) as uow:
        with pytest.raises(StorageError):
            await uow.execute(
                insert(tables.member)
                .values(
                    member_id=row_id(NOW),
                    case_id=case_id,
                    staff_id=bo.staff_id,
                    role="case_worker",
                    given_by=asta.staff_id,
                    reason="kollega",
                    started_at=NOW,
                )
                .inline()
            )


@pytest.mark.parametrize("role", ["node", "worker_node"])
async def test_what_only_grows_is_never_changed(rich_bench, role):
    asta = await rich_bench.case_worker()
    for table in ("case_note", "case_need", "case_event", "case_link"):
        for verb in ("delete from {}", "update {} set case_id = case_id", "truncate {}"):
            async with getattr(rich_bench, role).db.begin(asta, term=1) as uow:
                with pytest.raises(StorageError):
                    await uow.execute(text(verb.format(table)))


async def test_the_owner_of_the_tables_sees_no_row_either(rich_bench, postgres_server):
    name = database_name("0580")
    async with postgres_server.admin(name) as admin:
        await admin.execute(f'set role "{name}_owner"')
        for table in CASE_TABLES:
            assert await admin.fetchval(f"select count(*) from {table}") == 0


async def test_every_case_table_forces_row_security(rich_bench, postgres_server):
    tables_with_cases = [
        *CASE_TABLES,
        "joint_room",
        "room_unit",
        "threat",
        "room_question",
        "decision",
    ]
    async with postgres_server.admin(database_name("0580")) as admin:
        for table in tables_with_cases:
            forced = await admin.fetchrow(
                "select relrowsecurity and relforcerowsecurity from pg_class where relname = $1",
                table,
            )
            assert forced[0], table


async def test_nothing_of_the_person_stands_in_clear_in_any_table(rich_bench, postgres_server):
    canaries = [
        CANARY,
        "199503149800",
        "Hemliga gatan",
        "Berättade",
        "Behöver bostad",
        "Egen bostad",
        "Kontaktperson",
    ]
    async with postgres_server.admin(database_name("0580")) as admin:
        names = await admin.fetch(
            "select relname from pg_class where relkind = 'r'"
            " and relnamespace = 'public'::regnamespace"
        )
        for (name,) in names:
            for row in await admin.fetch(f'select t::text from "{name}" t'):
                for canary in canaries:
                    assert canary not in row[0]
                    assert canary.encode().hex() not in row[0]


async def test_a_header_does_not_change_its_identity(bench):
    asta = await bench.case_worker()
    case_id = await bench.register(asta)
    async with bench.node.db.begin(asta, term=1) as uow:
        with pytest.raises(StorageError):
            await uow.execute(
                update(tables.header)
                .where(tables.header.c.case_id == case_id)
                .values(code_name="Granit Lärka 41")
            )


async def test_a_social_director_is_a_member_for_a_decision_reads_and_writes_nothing(bench):
    case_id = await bench.investigated()
    siv = await bench.person("Siv", "social_director")
    with pytest.raises(AccessDenied):
        await cases.read_case(bench.node, siv, case_id, "ska besluta")
    await bench.assign(case_id, await bench.leader(), siv, "social_director")
    await cases.read_case(bench.node, siv, case_id, "ska besluta")
    note = cases.WriteNote(case_id, 1, "judgement", "x", "", bench.today)
    assert await code_of(cases.write_note(bench.node, siv, note)) == "case.role_may_not"


async def test_without_row_security_the_stranger_would_see_every_table(rich_bench, postgres_server):
    """The claim above rests on the row policies alone: take them away and it falls."""
    stranger = nobody("case_worker")
    never_filled_here = {"case_dossier", "case_redecision", "case_duplicate"}
    async with postgres_server.admin(database_name("0580")) as admin:
        for table in set(CASE_TABLES) - never_filled_here:
            await admin.execute(f"alter table {table} disable row level security")
            try:
                assert await rows_seen(rich_bench, stranger, table) > 0, table
            finally:
                await admin.execute(f"alter table {table} enable row level security")
            assert await rows_seen(rich_bench, stranger, table) == 0, table


async def test_without_the_membership_question_the_stranger_would_read_the_file(
    rich_bench, postgres_server
):
    asta, nils = await rich_bench.case_worker(), await rich_bench.case_worker("Nils")
    (row,) = await cases.worklist(rich_bench.node, asta)
    with pytest.raises(AccessDenied):
        await cases.read_case(rich_bench.node, nils, row.case_id, "nyfiken")
    async with postgres_server.admin(database_name("0580")) as admin:
        asked = await admin.fetchval("select pg_get_functiondef('app_is_member'::regproc)")
        await admin.execute(
            "create or replace function app_is_member(wanted uuid) returns boolean"
            " language sql stable security definer set search_path = '' as 'select true'"
        )
        try:
            read = await cases.read_case(rich_bench.node, nils, row.case_id, "nyfiken")
            assert read.person.family_name == CANARY
        finally:
            await admin.execute(asked)
