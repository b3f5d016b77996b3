"""The first meeting with the person."""

from services.cases.domain.meeting import HELD, RecordFirstMeeting, check_first_meeting
from services.cases.handlers.work import writing
from services.cases.store import files, headers
from shared.actor import Actor
from shared.clock import local_date
from shared.node import Node


async def record_first_meeting(node: Node, actor: Actor, command: RecordFirstMeeting) -> None:
    """Write down when it was held; nothing of what was said.

    Raises:
        AccessDenied: not a member, or no such case.
        DomainError: `meeting.recorded_already`, `meeting.before_contact`, `meeting.in_future`.
    """
    async with writing(node, actor, command.case_id, command.term, "write_journal") as at:
        check_first_meeting(
            command.held_on,
            contact_on=local_date(at.header.opened_at),
            today=local_date(at.uow.now),
            history=[row.code for row in await files.events(at.uow, command.case_id)],
        )
        facts = {"on": command.held_on.isoformat()}
        await headers.insert_event(at.uow, command.case_id, HELD, dict(facts))
        at.uow.audit(HELD, case_id=command.case_id)
        await at.uow.commit()
