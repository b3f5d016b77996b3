"""The directory on the real database: what is accepted, kept, put in force and confirmed."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from infra.directory import bootstrap, trust_files
from services.directory import api
from services.directory.api import (
    ConfirmFingerprint,
    ConfirmMeeting,
    DirectoryHandler,
    RecordMeeting,
    SignedDirectory,
)
from services.directory.domain import describe, issue, passed, state_next_keys
from shared.actor import Actor, worker
from shared.clock import FixedClock
from shared.crypto import KeyRing
from shared.db import Database
from shared.db.cards import open_cards
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import OPERATOR, AuthorityCode, StaffId
from shared.messages import Registry, compose
from shared.node import Node
from shared.policy import load_tenants
from tests.support.trust import GOTEBORG, LINKOPING, NOW

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def tenants():
    return load_tenants()


@pytest.fixture
def state(tmp_path, tenants):
    """Version 1 of the list; both municipalities' nodes have passed the join test."""
    bootstrap(tmp_path, tenants, now=NOW)
    files = trust_files(tmp_path, OPERATOR)
    signer = KeyRing.load(files.keys).signing(NOW)
    entries = dict(files.held().entries)
    for code in (LINKOPING, GOTEBORG):
        tested = passed(code, 1, ("replay",), signer=signer, now=NOW)
        entries[code] = msgspec.structs.replace(entries[code], tested=tested)
    document = issue(entries.values(), before=None, signer=signer, now=NOW)
    for code in (LINKOPING, OPERATOR):
        trust_files(tmp_path, code).directory.write_bytes(msgspec.json.encode(document))
    return tmp_path


@pytest.fixture
async def dsns(postgres_server):
    return await postgres_server.fresh_node_databases("0580")


@pytest.fixture
async def open_node(state, dsns):
    """Makes nodes of Linköping's: one process each."""
    opened = []

    def make(role="web", *, is_demo=False):
        clock = FixedClock(NOW)
        db = Database.open(getattr(dsns, role), clock=clock, wall=clock)
        opened.append(db)
        files = trust_files(state, LINKOPING)
        unused = SimpleNamespace()
        return Node(
            authority=LINKOPING,
            clock=clock,
            wall=clock,
            db=db,
            case_keys=unused,
            keyring=KeyRing.load(files.keys),
            directory=api.open_directory(files.directory, files.anchor, confirms_all=is_demo),
            policies=unused,
            registry=unused,
            index=unused,
        )

    yield make
    for db in opened:
        await db.close()


@pytest.fixture
def web(open_node):
    return open_node("web")


@pytest.fixture
def work(open_node):
    return open_node("worker")


def person(*roles):
    return Actor(StaffId(uuid4()), LINKOPING, LINKOPING, frozenset(roles))


LEADER = person("team_leader")
ADMIN = person("system_admin")


class Operator:
    """Issues lists with the state's own operator key."""

    def __init__(self, state):
        self.state = state
        self.ring = KeyRing.load(trust_files(state, OPERATOR).keys)
        files = trust_files(state, OPERATOR)
        self.directory = api.open_directory(files.directory, files.anchor).directory
        self.now = NOW

    def issue(self, changes=None, **fields) -> SignedDirectory:
        entries = dict(self.directory.entries) | (changes or {})
        self.now += timedelta(minutes=1)
        document = issue(
            entries.values(),
            before=self.directory,
            signer=self.ring.signing(NOW),
            now=self.now,
            **fields,
        )
        changed = [e for e in document.entries if self.directory.entries.get(e.code) != e]
        return SignedDirectory(document.root, tuple(changed))

    def paused(self, code):
        return {code: msgspec.structs.replace(self.directory.entries[code], status="paused")}

    def replaced_keys(self, code):
        """The authority has lost its keys and drawn new ones."""
        fresh = KeyRing.in_memory(code, NOW)
        before = self.directory.entries[code]
        statement = state_next_keys(fresh, before.statements, NOW, signer=fresh.signing(NOW))
        tenants = load_tenants()
        profile = describe(
            tenants[code].authority,
            before.policies,
            {},
            number=2,
            signer=fresh.signing(NOW),
            now=NOW,
        )
        entry = msgspec.structs.replace(
            before, statements=(*before.statements, statement), profile=profile
        )
        return fresh, {code: entry}

    def message(self, document, sender=OPERATOR):
        return compose(
            sender=sender,
            receiver=LINKOPING,
            conversation_id=UUID(int=1),
            direction="forward",
            number=1,
            kind="directory",
            version=1,
            body=document,
            key=self.ring.signing(NOW),
            now=NOW,
        )


@pytest.fixture
def operator(state):
    return Operator(state)


async def receive(node, operator, document, **fields):
    """As the inbox does it: one transaction in the worker's name."""
    handler = DirectoryHandler(node.directory)
    message = operator.message(document, **fields)
    async with node.db.begin(worker(LINKOPING)) as uow:
        assert await handler.subjects(uow, message) == ()
        await handler.apply(uow, {}, message, document)
        await uow.commit()


async def test_a_new_list_is_kept_and_put_in_force_in_every_process(web, work, operator):
    assert web.directory.may_receive(GOTEBORG)
    await receive(work, operator, operator.issue(operator.paused(GOTEBORG)))
    assert work.directory.directory.version == 1  # not before the commit is seen
    for node in (web, work):
        assert await api.refresh(node.db, LINKOPING, node.directory) is True
        assert await api.refresh(node.db, LINKOPING, node.directory) is False
        assert node.directory.directory.version == 2
        assert not node.directory.may_receive(GOTEBORG)


async def test_a_process_that_starts_later_loads_what_was_kept(open_node, work, operator):
    await receive(work, operator, operator.issue(operator.paused(GOTEBORG)))
    late = open_node("web")
    await api.refresh(late.db, LINKOPING, late.directory)
    assert late.directory.directory.version == 2


async def test_two_lists_in_a_row_need_no_refresh_between(work, operator):
    first = operator.issue(operator.paused(GOTEBORG))
    await receive(work, operator, first)
    whole = api.accept(first, operator.directory, anchor=work.directory.anchor)
    operator.directory = whole
    await receive(work, operator, operator.issue(operator.paused("0581")))
    await api.refresh(work.db, LINKOPING, work.directory)
    assert work.directory.directory.version == 3
    assert not work.directory.may_receive(AuthorityCode("0581"))


async def test_the_same_list_again_changes_nothing(work, operator):
    document = operator.issue(operator.paused(GOTEBORG))
    await receive(work, operator, document)
    await receive(work, operator, document)
    await api.refresh(work.db, LINKOPING, work.directory)
    assert work.directory.directory.version == 2


async def test_a_list_from_anybody_but_the_operator_is_refused(work, operator):
    document = operator.issue(operator.paused(GOTEBORG))
    with pytest.raises(DomainError, match=r"directory\.not_from_operator"):
        await receive(work, operator, document, sender=GOTEBORG)
    assert await api.refresh(work.db, LINKOPING, work.directory) is False


async def test_a_list_that_breaks_a_rule_leaves_the_one_in_force(work, operator):
    _, changes = operator.replaced_keys(GOTEBORG)
    with pytest.raises(DomainError, match=r"directory\.keys_unproven"):
        await receive(work, operator, operator.issue(changes))
    assert await api.refresh(work.db, LINKOPING, work.directory) is False
    assert work.directory.directory.version == 1


async def test_a_list_spoilt_in_our_own_database_is_not_put_in_force(web, work, operator, dsns):
    await receive(work, operator, operator.issue(operator.paused(GOTEBORG)))
    connection = await asyncpg.connect(dsns.owner)
    try:
        await connection.execute("alter table directory_version disable trigger all")
        await connection.execute("update directory_version set root = reverse(root)")
    finally:
        await connection.close()
    with pytest.raises(DomainError, match=r"directory\."):
        await api.refresh(web.db, LINKOPING, web.directory)
    assert web.directory.directory.version == 1


async def test_new_keys_after_a_loss_need_two_persons_and_a_new_call(
    web, work, operator, open_node
):
    old = web.directory.fingerprint(GOTEBORG)
    await api.confirm_fingerprint(
        web, LEADER, ConfirmFingerprint(GOTEBORG, old, "Avhopparverksamheten")
    )
    fresh, changes = operator.replaced_keys(GOTEBORG)
    document = operator.issue(changes)
    kid = fresh.signing(NOW).kid
    spoken = " ".join(kid[at : at + 4] for at in range(0, len(kid), 4))
    held = RecordMeeting(GOTEBORG, spoken, date(2026, 3, 1))

    await api.record_meeting(web, LEADER, held)
    (waiting,) = await api.waiting_meetings(web, ADMIN)
    assert (waiting.authority, waiting.fingerprint) == (GOTEBORG, kid)
    assert waiting.recorded_by == LEADER.staff_id
    with pytest.raises(DomainError, match=r"directory\.keys_unproven"):
        await receive(work, operator, document)  # one person is not enough
    with pytest.raises(DomainError, match=r"directory\.same_person"):
        await api.confirm_meeting(web, LEADER, ConfirmMeeting(GOTEBORG, spoken))
    await api.confirm_meeting(web, ADMIN, ConfirmMeeting(GOTEBORG, spoken))
    assert await api.waiting_meetings(web, ADMIN) == []

    await receive(work, operator, document)
    await api.refresh(web.db, LINKOPING, web.directory)
    assert web.directory.signing_key(GOTEBORG, kid)
    assert web.directory.fingerprint(GOTEBORG) == kid
    assert not web.directory.is_confirmed(GOTEBORG)  # the call was about the old key
    late = open_node("worker")
    await api.refresh(late.db, LINKOPING, late.directory)
    assert late.directory.fingerprint(GOTEBORG) == kid


async def test_a_meeting_is_recorded_once_and_confirmed_once(web):
    kid = "k" * 43
    held = RecordMeeting(GOTEBORG, kid, date(2026, 3, 1))
    await api.record_meeting(web, LEADER, held)
    with pytest.raises(Conflict, match=r"directory\.meeting_recorded_already"):
        await api.record_meeting(web, ADMIN, held)
    await api.confirm_meeting(web, ADMIN, ConfirmMeeting(GOTEBORG, kid))
    with pytest.raises(Conflict, match=r"db\.changed_meanwhile"):
        await api.confirm_meeting(web, person("team_leader"), ConfirmMeeting(GOTEBORG, kid))
    with pytest.raises(AccessDenied):
        await api.confirm_meeting(web, ADMIN, ConfirmMeeting(GOTEBORG, "l" * 43))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"authority": AuthorityCode("9999")}, "directory.unknown_authority"),
        ({"held_on": date(2026, 3, 3)}, "directory.meeting_in_future"),
        ({"fingerprint": "for short"}, "directory.not_a_fingerprint"),
        ({"fingerprint": "!" * 43}, "directory.not_a_fingerprint"),
    ],
)
async def test_a_meeting_that_cannot_be_is_refused(web, changes, code):
    held = replace(RecordMeeting(GOTEBORG, "k" * 43, date(2026, 3, 1)), **changes)
    with pytest.raises(DomainError, match=code.replace(".", r"\.")):
        await api.record_meeting(web, LEADER, held)


async def test_a_proposal_waits_for_a_call(web, open_node):
    with pytest.raises(DomainError, match=r"directory\.not_confirmed"):
        api.check_may_propose_to(web, GOTEBORG)
    listed = api.authority(web, GOTEBORG)
    assert (listed.is_confirmed, listed.may_be_proposed_to) == (False, False)
    await api.confirm_fingerprint(
        web, LEADER, ConfirmFingerprint(GOTEBORG, listed.fingerprint, " Avhopparverksamheten ")
    )
    api.check_may_propose_to(web, GOTEBORG)
    assert api.authority(web, GOTEBORG).may_be_proposed_to
    other = open_node("web")
    await api.refresh(other.db, LINKOPING, other.directory)
    api.check_may_propose_to(other, GOTEBORG)
    with pytest.raises(Conflict, match=r"directory\.confirmed_already"):
        await api.confirm_fingerprint(
            web, ADMIN, ConfirmFingerprint(GOTEBORG, listed.fingerprint, "Växeln")
        )


def test_the_nodes_registry_reads_the_directory():
    registry = Registry()
    api.register(registry)
    one = frozenset({DirectoryHandler.version})
    assert registry.versions() == {api.KIND: one, api.LEAVING: one}


async def test_no_proposal_goes_to_a_node_that_has_not_passed_the_join_test(web):
    with pytest.raises(DomainError, match=r"directory\.not_tested"):
        api.check_may_propose_to(web, AuthorityCode("0581"))
    assert not api.authority(web, AuthorityCode("0581")).may_be_proposed_to
    with pytest.raises(DomainError, match=r"directory\.not_tested"):
        api.check_tested(web, AuthorityCode("0581"))
    api.check_tested(web, GOTEBORG)


async def test_a_node_that_has_not_passed_proposes_nothing(web, work, operator):
    entry = operator.directory.entries[LINKOPING]
    untested = {LINKOPING: msgspec.structs.replace(entry, tested=msgspec.UNSET)}
    await receive(work, operator, operator.issue(untested))
    await api.refresh(web.db, LINKOPING, web.directory)
    with pytest.raises(DomainError, match=r"directory\.not_tested_here"):
        api.check_may_propose_to(web, GOTEBORG)


async def test_only_the_operator_says_that_a_node_has_passed(work, operator):
    ring = KeyRing.load(trust_files(operator.state, GOTEBORG).keys)
    by_itself = passed(AuthorityCode("0581"), 1, ("replay",), signer=ring.signing(NOW), now=NOW)
    of_another = operator.directory.entries[GOTEBORG].tested
    for tested in (by_itself, of_another):
        entry = operator.directory.entries["0581"]
        changes = {AuthorityCode("0581"): msgspec.structs.replace(entry, tested=tested)}
        with pytest.raises(DomainError, match=r"directory\.test_unproven"):
            await receive(work, operator, operator.issue(changes))


async def test_a_newer_list_in_the_file_is_taken_in_while_the_node_runs(web, work, operator):
    files = trust_files(operator.state, LINKOPING)
    file = api.DirectoryFile(files.directory)
    assert await file.take(work) == 0  # what it started with
    document = operator.issue(operator.paused(GOTEBORG))
    whole = api.accept(document, operator.directory, anchor=work.directory.anchor).document()
    files.directory.write_bytes(msgspec.json.encode(whole))
    assert (await file.take(work), await file.take(work)) == (1, 0)
    for node in (web, work):
        assert await api.refresh(node.db, LINKOPING, node.directory) is True
        assert not node.directory.may_receive(GOTEBORG)


@pytest.mark.parametrize("content", [b"{}", b"not json", b'{"root":"a.b.c","entries":[]}'])
async def test_a_file_that_is_no_list_is_refused_once_and_told_of(work, operator, content):
    files = trust_files(operator.state, LINKOPING)
    file = api.DirectoryFile(files.directory)
    files.directory.write_bytes(content)
    assert await file.take(work) == 0
    assert await file.take(work) == 0
    async with work.db.begin(worker(LINKOPING)) as uow:
        kinds = [row.kind for row in await open_cards(uow)]
    assert kinds == ["directory.refused"]
    assert work.directory.directory.version == 1


async def test_a_demo_needs_no_call(open_node):
    api.check_may_propose_to(open_node(is_demo=True), GOTEBORG)


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("9999", "directory.unknown_authority"),
        ("9001", "directory.no_node"),
        ("1480", "directory.not_active"),
    ],
)
async def test_nothing_is_proposed_to_who_cannot_receive(web, work, operator, code, refusal):
    await receive(work, operator, operator.issue(operator.paused(GOTEBORG)))
    await api.refresh(web.db, LINKOPING, web.directory)
    with pytest.raises(DomainError, match=refusal.replace(".", r"\.")):
        api.check_may_propose_to(web, AuthorityCode(code))


async def test_a_fingerprint_heard_otherwise_is_refused(web):
    heard = web.directory.fingerprint(AuthorityCode("0581"))
    with pytest.raises(DomainError, match=r"directory\.other_fingerprint"):
        await api.confirm_fingerprint(web, LEADER, ConfirmFingerprint(GOTEBORG, heard, "Växeln"))


async def test_a_call_was_with_somebody(web):
    heard = web.directory.fingerprint(GOTEBORG)
    with pytest.raises(DomainError, match=r"directory\.spoken_with_missing"):
        await api.confirm_fingerprint(web, LEADER, ConfirmFingerprint(GOTEBORG, heard, " "))


async def test_only_leaders_and_administrators_vouch_for_keys(web):
    other = person("case_worker", "log_reviewer", "police_partner")
    heard = web.directory.fingerprint(GOTEBORG)
    with pytest.raises(AccessDenied):
        await api.confirm_fingerprint(web, other, ConfirmFingerprint(GOTEBORG, heard, "Växeln"))
    with pytest.raises(AccessDenied):
        await api.record_meeting(web, other, RecordMeeting(GOTEBORG, heard, date(2026, 3, 1)))
    with pytest.raises(AccessDenied):
        await api.confirm_meeting(web, other, ConfirmMeeting(GOTEBORG, heard))
    with pytest.raises(AccessDenied):
        await api.waiting_meetings(web, other)


async def test_everybody_is_listed_in_order_of_code(web, tenants):
    listed = api.authorities(web)
    assert [each.code for each in listed] == sorted(tenants)
    assert web.directory.sealing_key(GOTEBORG, NOW).kid
    police = api.authority(web, AuthorityCode("9001"))
    assert (police.kind, police.runs_node, police.fingerprint) == ("police", False, None)
    with pytest.raises(DomainError, match=r"directory\.unknown_authority"):
        api.authority(web, AuthorityCode("9999"))


async def test_published_policies_are_what_the_authority_decided(web, tenants):
    book = api.published_policies(web, GOTEBORG)
    decided = tenants[GOTEBORG].policies
    assert [p.sha256 for p in book.policies] == [p.sha256 for p in decided.policies]
    with pytest.raises(DomainError, match=r"directory\.unknown_authority"):
        api.published_policies(web, AuthorityCode("9999"))


async def test_what_people_establish_is_in_the_log(web, dsns):
    heard = web.directory.fingerprint(GOTEBORG)
    await api.confirm_fingerprint(web, LEADER, ConfirmFingerprint(GOTEBORG, heard, "Växeln"))
    connection = await asyncpg.connect(dsns.owner)
    try:
        await connection.execute("alter table audit_entry no force row level security")
        rows = await connection.fetch("select actor_id, action, facts from audit_entry")
    finally:
        await connection.close()
    assert [(row["actor_id"], row["action"]) for row in rows] == [
        (LEADER.staff_id, "directory.fingerprint_confirmed")
    ]
    assert "1480" in rows[0]["facts"]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("web", "insert into directory_version values (9, 'x', now())"),
        ("web", "insert into directory_entry values (repeat('a', 64), '0580', '')"),
        ("web", "update directory_confirmation set spoken_with = 'x'"),
        ("web", "delete from directory_confirmation"),
        ("web", "update directory_meeting set fingerprint = repeat('x', 43)"),
        ("web", "delete from directory_meeting"),
        ("worker", "delete from directory_version"),
        ("worker", "update directory_entry set content = ''"),
        ("worker", "insert into directory_confirmation select * from directory_confirmation"),
        ("worker", "update directory_meeting set confirmed_by = gen_random_uuid()"),
        ("owner", "truncate directory_version"),
        ("owner", "delete from directory_confirmation"),
    ],
)
async def test_each_role_may_do_its_own_part_only(dsns, role, statement):
    connection = await asyncpg.connect(getattr(dsns, role))
    try:
        with pytest.raises(asyncpg.PostgresError, match=r"permission denied|append only"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_node_without_the_real_directory_is_told_so(web):
    from tests.support.trust import StaticDirectory

    bare = replace(web, directory=StaticDirectory([]))
    with pytest.raises(TypeError, match="LiveDirectory"):
        api.authorities(bare)
