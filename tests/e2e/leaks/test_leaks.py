"""Every route, as everybody, on every planted case: who may not, learns nothing."""

import contextlib
import logging

import pytest
import pytest_asyncio
from sqlalchemy import text

from gateway.auth import gate
from infra.postgres.databases import database_name
from shared.bus import BusUnavailable
from tests.e2e.leaks.matrix import entry_of
from tests.support.exchange import open_pair
from tests.support.leaks import (
    REPORTED,
    Finding,
    Records,
    canaries_in,
    everything_of,
    fill,
    nothing,
    open_harness,
    plant,
    shape,
)

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def planted(postgres_server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaks")
    async with open_pair(postgres_server, folder) as pair:
        found = await plant(pair)
        harnesses = {}
        for town in (pair.linkoping, pair.goteborg):
            harness = open_harness(town, folder)
            harness.people = found.people[town.node.authority]
            harnesses[town.node.authority] = harness
        yield pair, found, harnesses
        for harness in harnesses.values():
            await harness.client.aclose()


async def members(town, case_id) -> set:
    rows = await town.rows(
        "select staff_id from case_member where case_id = :id and ended_at is null", id=case_id
    )
    return {row.staff_id for row in rows}


async def may_reach(town, entry, who, actor, target) -> bool:
    """Whether this person has the relation that the matrix asks for."""
    case_id, handover_id = target.ids["case_id"], target.ids["handover_id"]
    match entry.relation:
        case "case":
            return actor.staff_id in await members(town, case_id)
        case "unit":
            return bool(await members(town, case_id)) and (
                actor.has_any("team_leader", "exit_coordinator")
                or actor.staff_id in await members(town, case_id)
            )
        case "handover":
            rows = await town.rows(
                "select roles from incoming_handover where handover_id = :id", id=handover_id
            )
            if rows:
                return actor.has_any(*rows[0].roles)
            sent = await town.rows(
                "select case_id from handover where handover_id = :id", id=handover_id
            )
            return bool(sent) and actor.staff_id in await members(town, sent[0].case_id)
        case "room":
            rows = await town.rows(
                "select u.unit from room_unit u join joint_room r using (room_id)"
                " where r.room_id = :id and r.closed_at is null",
                id=target.ids["room_id"],
            )
            return actor.unit in {row.unit for row in rows}
    return True


async def walk(harness, targets, only=None) -> list[Finding]:
    """Every route as everybody on every target; `only` narrows it to some routes."""
    findings = []
    for (method, path), access in sorted(harness.routes().items()):
        if only is not None and (method, path) not in only:
            continue
        entry = entry_of(method, path)
        route = f"{method} {path}"
        if entry is None:
            findings.append(Finding(route, "-", "-", "has no entry in the matrix"))
            continue
        if path in {"/sign-in/start", "/sign-in/return", "/sign-out/back-channel"}:
            continue  # they speak with Keycloak; their own tests hold them
        for who in [*harness.people, None]:
            findings += await _as(harness, route, method, path, access, entry, who, targets)
    return findings


async def _as(harness, route, method, path, access, entry, who, targets):
    findings = []
    actor = harness.people.get(who)
    has_role = access.way == "nobody" or (
        actor is not None and (access.roles is None or actor.has_any(*access.roles))
    )
    if entry.relation is None:
        response = await harness.call(method, fill(path, nothing(targets[0]), entry.fixed), who)
        shown = canaries_in(everything_of(response))
        if shown:
            findings.append(Finding(route, str(who), "-", f"shows {sorted(shown)}"))
        if response.status_code >= 500:
            findings.append(Finding(route, str(who), "-", f"answers {response.status_code}"))
        return findings
    random = nothing(targets[0])
    stranger = shape(
        await harness.call(method, fill(path, random, entry.fixed), who, entry.body), random
    )
    # Whom the guard stops never comes as far as an object: one target stands for all.
    for target in targets if has_role else targets[:1]:
        if target.name == REPORTED and REPORTED not in entry.opens_on:
            continue
        response = await harness.call(method, fill(path, target, entry.fixed), who, entry.body)
        shown = canaries_in(everything_of(response))
        reaches = has_role and await may_reach(harness.town, entry, who, actor, target)
        excess = shown - entry.shows if reaches else shown
        if excess:
            findings.append(Finding(route, str(who), target.name, f"shows {sorted(excess)}"))
        if response.status_code >= 500:
            findings.append(
                Finding(route, str(who), target.name, f"answers {response.status_code}")
            )
        if not reaches and not _is_refused_alike(actor, entry, response, target, stranger):
            findings.append(Finding(route, str(who), target.name, "tells that it exists"))
        if (
            reaches
            and method == "GET"
            and who == "member"
            and target.name in entry.opens_on
            and response.status_code >= 400
        ):
            findings.append(Finding(route, who, target.name, f"is closed: {response.status_code}"))
    return findings


def _is_refused_alike(actor, entry, response, target, stranger) -> bool:
    """As if there were nothing; but a team leader may know the headers of the unit's cases."""
    if entry.relation == "case" and actor is not None and actor.has_any("team_leader"):
        return 400 <= response.status_code < 500
    return shape(response, target) == stranger


def own(planted, code):
    _pair, found, harnesses = planted
    here = [
        target
        for target in found.targets.values()
        if (target.name == "arrived") == (code == "1480")
    ]
    there = [target for target in found.targets.values() if target not in here]
    return harnesses[code], here + there


@pytest.mark.parametrize("code", ["0580", "1480"])
async def test_nobody_learns_what_they_may_not(planted, code):
    harness, targets = own(planted, code)
    records = Records()
    logging.getLogger().addHandler(records)
    try:
        findings = await walk(harness, targets)
    finally:
        logging.getLogger().removeHandler(records)

    assert not findings, "\n".join(str(finding) for finding in findings)
    assert not canaries_in("\n".join(records.lines))
    assert harness.calls > 2000


async def test_what_lies_in_the_clear_names_nobody(planted):
    """Outbox, inbox, audit, cards: no canary in any column that a key does not close."""
    pair, _, _ = planted
    for town in (pair.linkoping, pair.goteborg):
        tables = await town.rows(
            "select table_name from information_schema.tables where table_schema = 'public'"
        )
        for (table,) in tables:
            rows = await town.rows(f'select row_to_json(t)::text as line from "{table}" t')
            shown = canaries_in("\n".join(row.line for row in rows if row.line))
            assert not shown, f"{table} shows {shown}"


async def test_a_monitor_sees_that_something_waits_and_nobody_else_does(planted):
    pair, _, harnesses = planted
    pair.exchange.go_away()
    with contextlib.suppress(BusUnavailable):
        await pair.proposed()
    answer = await harnesses["0580"].call("GET", "/api/v1/undelivered", "api_monitor")
    refused = await harnesses["0580"].call("GET", "/api/v1/undelivered", "case_worker")
    pair.exchange.come_back()
    await pair.settle()
    arrived = await harnesses["0580"].call("GET", "/api/v1/undelivered", "api_monitor")

    assert [each["authority"] for each in answer.json()["items"]] == ["1480"]
    assert refused.status_code == 404
    assert arrived.json()["items"] == []


FEW = {
    ("GET", "/api/v1/cases/{case_id:uuid}"),
    ("GET", "/api/v1/handovers/{handover_id:uuid}"),
    ("GET", "/api/v1/joint-rooms/{room_id:uuid}"),
    ("GET", "/cases/{case_id:uuid}/journal"),
    ("GET", "/administration"),
}
"""Enough to see a missing check; the whole walk takes a minute."""


async def test_the_harness_sees_a_membership_check_that_is_gone(planted, postgres_server):
    harness, targets = own(planted, "0580")
    assert not await walk(harness, targets, FEW)
    async with postgres_server.admin(database_name("0580")) as admin:
        (source,) = await admin.fetchrow(
            "select pg_get_functiondef(oid) from pg_proc where proname = 'app_is_member'"
        )
        head, _, _ = source.partition("AS $")
        await admin.execute(f"{head} AS $leak$ select true $leak$")
        try:
            findings = await walk(harness, targets, FEW)
        finally:
            await admin.execute(source)

    shown = {(each.route, each.who) for each in findings if "shows" in each.what}
    assert ("GET /api/v1/cases/{case_id:uuid}", "case_worker") in shown


async def test_the_harness_sees_a_role_check_that_is_gone(planted, monkeypatch):
    harness, targets = own(planted, "0580")
    monkeypatch.setattr(gate, "_demand_role", lambda _actor, _access: None)

    findings = await walk(harness, targets, {("GET", "/administration")})

    assert findings or await harness.call("GET", "/administration", "case_worker")
    answered = await harness.call("GET", "/administration", "case_worker")
    assert answered.status_code == 200


async def visible(database, actor, table) -> int:
    """How many rows row security shows this person."""
    async with database.begin(actor) as uow:
        return (await uow.execute(text(f'select count(*) from "{table}"'))).scalar_one()


async def guarded(admin) -> list[str]:
    """Tables under row security that the web may read at all."""
    rows = await admin.fetch(
        "select c.relname from pg_class c where c.relrowsecurity and c.relkind = 'r'"
        " and has_table_privilege($1, c.oid, 'select') order by 1",
        database_name("0580") + "_web",
    )
    return [row[0] for row in rows]


async def bound_to_a_case(admin) -> set[str]:
    """Tables that name a case, a handover, a room or a subject."""
    rows = await admin.fetch(
        "select distinct table_name from information_schema.columns where table_schema = 'public'"
        " and column_name in ('case_id', 'handover_id', 'room_id', 'subject_id')"
    )
    views = await admin.fetch("select table_name from information_schema.views")
    return {row[0] for row in rows} - {row[0] for row in views}


EXCHANGE = {
    *("attachment_in", "attachment_in_chunk", "attachment_out", "attachment_out_chunk"),
    *("inbox", "outbox", "conversation", "conversation_flow", "undelivered"),
}
"""The kernel's own: sealed, they name authorities and random ids; every colleague's page may enqueue."""


async def test_every_table_of_a_case_is_under_row_security(planted, postgres_server):
    async with postgres_server.admin(database_name("0580")) as admin:
        unguarded = await admin.fetch(
            "select relname from pg_class where relname = any($1) and relkind = 'r'"
            " and not (relrowsecurity and relforcerowsecurity)",
            list(await bound_to_a_case(admin)),
        )
    assert [row[0] for row in unguarded] == []


async def test_the_harness_sees_each_row_policy_that_is_gone(planted, postgres_server):
    """A stranger counts nothing in any table of a case; without its row security, everything."""
    pair, found, _ = planted
    stranger = found.people["0580"]["case_worker"]
    database = pair.linkoping.node.db
    async with postgres_server.admin(database_name("0580")) as admin:
        bound = await bound_to_a_case(admin) - EXCHANGE
        tables = [each for each in await guarded(admin) if each in bound]
        proved = 0
        seen = {table: await visible(database, stranger, table) for table in tables}
        assert {table for table, count in seen.items() if count} == set()
        for table in tables:
            there = await admin.fetchval(f'select count(*) from "{table}"')
            if not there:
                continue
            await admin.execute(f'alter table "{table}" disable row level security')
            try:
                assert await visible(database, stranger, table) > 0, table
            finally:
                await admin.execute(f'alter table "{table}" enable row level security')
            proved += 1
    assert proved > 15
