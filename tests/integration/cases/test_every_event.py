"""Every state, every event, every role: done exactly where the table of states says so.

What the table allows may still be refused by a guard of its own (nothing is signed, no goal is
met); what it does not allow is refused for that reason and no other, in Swedish.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import cycle, product
from uuid import uuid4

import pytest

from gateway.texts.error_sentences import SENTENCES
from infra.postgres.databases import database_name
from services.cases import api as cases
from services.cases.domain.states import CLOSED_STATES, STATES, TABLE, EventName, actors_of
from shared.errors import AccessDenied, DomainError
from tests.support.casework import nobody

pytestmark = pytest.mark.servers

ROWS = {(row.from_state, row.event) for row in TABLE}
BY_THE_TABLE = {"case.event_not_allowed", "case.role_may_not", "case.closed"}
MEMBERS = ("case_worker", "exit_coordinator", "team_leader", "social_director")
OUTSIDERS = (
    "security_chief",
    "records_officer",
    "data_protection_officer",
    "log_reviewer",
    "system_admin",
    "national_coordinator",
    "api_monitor",
    "police_partner",
    "case_worker",
)
DOES: dict[EventName, Callable] = {
    "apply": lambda c, day: (cases.apply, cases.Apply(c, 1)),
    "ready": lambda c, day: (cases.mark_ready, cases.MarkReady(c, 1)),
    "admit": lambda c, day: (cases.admit, cases.Admit(c, 1, uuid4())),
    "refuse_entry": lambda c, day: (
        cases.refuse_entry,
        cases.RefuseEntry(c, 1, uuid4(), "NO_CONSENT"),
    ),
    "sign": lambda c, day: (cases.start_programme, cases.StartProgramme(c, 1, day)),
    "pause": lambda c, day: (
        cases.pause_programme,
        cases.PauseProgramme(c, 1, "HOSPITAL", "Inlagd.", day - timedelta(days=9)),
    ),
    "resume": lambda c, day: (
        cases.resume_programme,
        cases.ResumeProgramme(c, 1, day - timedelta(days=9)),
    ),
    "report_relapse": lambda c, day: (
        cases.report_relapse,
        cases.ReportRelapse(c, 1, "DRUGS", "PERSON", "Berättar själv."),
    ),
    "continue": lambda c, day: (
        cases.continue_programme,
        cases.ContinueProgramme(c, 1, uuid4(), "Tätare möten.", day),
    ),
    "exclude": lambda c, day: (
        cases.exclude_person,
        cases.ExcludePerson(c, 1, uuid4(), uuid4()),
    ),
    "complete": lambda c, day: (
        cases.complete_programme,
        cases.CompleteProgramme(c, 1, "Klart.", "Inget."),
    ),
    "withdraw": lambda c, day: (
        cases.end_at_persons_wish,
        cases.EndAtPersonsWish(c, 1, "Vill inte mer.", "samtal"),
    ),
    "reopen": lambda c, day: (cases.reopen_case, cases.ReopenCase(c, 1, "kommer tillbaka")),
}
"""How each event is caused; day is the day after today."""
ELSEWHERE = {
    # Their handlers have tests of their own: they need a unit's header, a report, a message, a tick.
    *("register_contact", "report", "open_investigation", "not_open", "assign"),
    *("taken_over", "take_over", "start_retention", "fall_due", "purge", "archive"),
}


class Case:
    """One case that is put into any state."""

    def __init__(self, bench, case_id, admin) -> None:
        self.bench, self.case_id, self.admin = bench, case_id, admin

    async def put(self, state):
        """As the owner of the database would, past every rule but the table's own constraints."""
        ended = "WITHDRAWN" if state in CLOSED_STATES else None
        await self.admin.execute(
            "update case_header set state = $1, ended_reason = $2 where case_id = $3",
            state,
            ended,
            self.case_id,
        )

    async def refusal(self, event, actor):
        """The code of the refusal; None when it is done."""
        do, command = DOES[event](self.case_id, self.bench.today + timedelta(days=1))
        try:
            await do(self.bench.node, actor, command)
        except DomainError as error:
            return error.code
        except AccessDenied:
            return "access.denied"
        return None


@pytest.fixture
async def case(bench, postgres_server):
    """A case with a member of each role that can be one."""
    case_id = await bench.investigated()
    gun = await bench.leader()
    for role in ("exit_coordinator", "social_director"):
        await bench.assign(case_id, gun, await bench.person(role, role), role)
    async with postgres_server.admin(database_name("0580")) as admin:
        await admin.execute("select set_config('app.term', '1', false)")
        yield Case(bench, case_id, admin)


async def member(bench, role):
    name = {"case_worker": "Asta", "team_leader": "Gun"}.get(role, role)
    return await bench.person(name, role)


def test_every_event_of_the_table_is_tried_here_or_named():
    assert {row.event for row in TABLE} == {*DOES, *ELSEWHERE}


async def test_a_member_causes_an_event_exactly_where_the_table_says(case):
    wrong, done = [], 0
    for role in MEMBERS:
        actor = await member(case.bench, role)
        for state in STATES:
            await case.put(state)
            for event in DOES:
                code = await case.refusal(event, actor)
                is_allowed = (state, event) in ROWS and role in actors_of(event)
                if is_allowed == (code in BY_THE_TABLE):
                    wrong.append((role, state, event, code))
                if code is None:
                    done += 1
                    await case.put(state)
                elif code not in SENTENCES:
                    wrong.append((role, state, event, f"{code} has no sentence"))
    assert wrong == []
    assert done >= 20


async def test_who_is_no_member_causes_nothing_and_learns_nothing(case):
    # Row security does not ask for the state: each outsider meets each event in one of them.
    for (role, event), state in zip(product(OUTSIDERS, DOES), cycle(STATES), strict=False):
        await case.put(state)
        actor = nobody(role, home="9001" if role == "police_partner" else "0580")
        assert await case.refusal(event, actor) == "access.denied", (role, state, event)
