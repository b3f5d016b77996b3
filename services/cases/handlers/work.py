"""What every use case on a case begins with: keys, transaction, the case as the actor may see it.

Keys are asked before the transaction. What the key store says (no key, erased) is told only to who
may see the case: to anybody else a case that exists and one that does not answer alike.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.cases.domain import rights
from services.cases.domain.aid import STILL_AIDED
from services.cases.domain.alarm import ON_CALL_MAY
from services.cases.domain.rules import subject_of
from services.cases.domain.states import require_open
from services.cases.domain.views import CaseHeader
from services.cases.store import headers, plans
from shared.actor import Actor
from shared.clock import local_date
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.errors import AccessDenied, Conflict, DomainError
from shared.ids import CaseId, SubjectId
from shared.node import Node


class Keys:
    """Subject keys asked before the transaction; an answer is heard when the key is taken."""

    def __init__(self, answers: dict[SubjectId, "SubjectKey | Exception"]) -> None:
        self._answers = answers

    def __getitem__(self, subject: SubjectId) -> SubjectKey:
        """The key, or the key store's refusal."""
        answer = self._answers[subject]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def load_keys(node: Node, *subjects: SubjectId, make: Sequence[SubjectId] = ()) -> Keys:
    """Ask for keys; those in `make` are made where there are none."""
    answers: dict[SubjectId, SubjectKey | Exception] = {}
    for subject in subjects:
        try:
            ask = node.case_keys.ensure if subject in make else node.case_keys.get
            answers[subject] = await ask(subject)
        except (AccessDenied, DomainError) as refusal:
            answers[subject] = refusal
    return Keys(answers)


@dataclass(frozen=True, slots=True)
class AtCase:
    """An open transaction at a case that the actor may see.

    Args:
        key: the case's own key, already asked for.
        keys: further keys that the use case named.
    """

    uow: UnitOfWork
    header: CaseHeader
    key: SubjectKey
    keys: Keys


@asynccontextmanager
async def reading(
    node: Node,
    actor: Actor,
    case_id: CaseId,
    action: rights.Action,
    *,
    more_keys: Callable[[CaseId], SubjectId] | None = None,
) -> AsyncIterator[AtCase]:
    """For use cases that only read; they commit too, for the log's sake."""
    subject = subject_of(case_id)
    wanted = [subject, *([more_keys(case_id)] if more_keys else [])]
    keys = await load_keys(node, *wanted)
    async with node.db.begin(actor) as uow:
        header = await headers.load(uow, case_id)
        _require(actor, header, action)
        yield AtCase(uow, header, keys[subject], keys)


@asynccontextmanager
async def writing(
    node: Node,
    actor: Actor,
    case_id: CaseId,
    term: int,
    action: rights.Action,
    *,
    keys: Sequence[SubjectId] = (),
    make: Sequence[SubjectId] = (),
    even_closed: bool = False,
    even_refused: bool = False,
    even_aided: bool = False,
    lock: bool = True,
) -> AsyncIterator[AtCase]:
    """For use cases that write: the term is the form's, the case open, the role right.

    Args:
        keys: subjects whose keys are wanted beside the case's.
        make: of those, the ones to make where missing. They are made before membership is known;
            what a stranger could cause is an unused key.
        even_closed: what may be written in a closed case (members, consent taken back).
        even_refused: what is left to do where the entry was refused, or the person excluded: to
            decide on aid.
        even_aided: what carries granted aid out there, while any runs.
        lock: hold the header until the end; not needed by what only adds rows.

    Raises:
        AccessDenied: row security shows no such case.
        Conflict: `case.responsibility_moved`, `case.closed`.
        DomainError: `case.role_may_not`, `case.on_call_may_not`.
    """
    subject = subject_of(case_id)
    loaded = await load_keys(node, subject, *keys, make=make)
    async with node.db.begin(actor, term=term) as uow:
        header = await headers.load(uow, case_id, lock=lock)
        _require(actor, header, action)
        if header.term != term:
            raise Conflict("case.responsibility_moved")
        if not even_closed:
            if not header.is_responsible:
                raise Conflict("case.responsibility_moved")
            is_left = header.ended_reason in STILL_AIDED and (
                even_refused
                or (even_aided and await plans.is_aided(uow, case_id, local_date(uow.now)))
            )
            if not is_left:
                require_open(header.state)
        yield AtCase(uow, header, loaded[subject], loaded)


def _require(actor: Actor, header: CaseHeader, action: rights.Action) -> None:
    rights.require(actor, action)
    if header.is_on_call and action not in ON_CALL_MAY:
        raise DomainError("case.on_call_may_not")
