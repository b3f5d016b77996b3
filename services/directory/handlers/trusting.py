"""What people establish about a key: a telephone call, a meeting of two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.directory import store
from services.directory.handlers.live import live
from shared.actor import Actor
from shared.clock import local_date
from shared.errors import AccessDenied, DomainError
from shared.ids import AuthorityCode, StaffId
from shared.node import Node

ROLES = ("team_leader", "system_admin")
"""Who may say that a key is the right one."""


@dataclass(frozen=True, slots=True)
class ConfirmFingerprint:
    """The authority read its fingerprint by telephone, and it was this one.

    Args:
        fingerprint: as heard, spaces allowed.
        spoken_with: the function that answered (never a person).
    """

    authority: AuthorityCode
    fingerprint: str
    spoken_with: str


@dataclass(frozen=True, slots=True)
class RecordMeeting:
    """Two persons met the authority and compared its new key; the first records it."""

    authority: AuthorityCode
    fingerprint: str
    held_on: date


@dataclass(frozen=True, slots=True)
class ConfirmMeeting:
    """The second person says the same."""

    authority: AuthorityCode
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that waits for the second person."""

    authority: AuthorityCode
    fingerprint: str
    held_on: date
    recorded_by: StaffId


async def confirm_fingerprint(node: Node, actor: Actor, command: ConfirmFingerprint) -> None:
    """Allow proposals to an authority.

    Raises:
        DomainError: `directory.other_fingerprint`: what was heard is not what the directory says.
            Stop, and call the operator.
        Conflict: `directory.confirmed_already`.
    """
    _demand_role(actor)
    directory = live(node.directory)
    heard = "".join(command.fingerprint.split())
    if heard != directory.fingerprint(command.authority):
        raise DomainError("directory.other_fingerprint", authority=command.authority)
    if not command.spoken_with.strip():
        raise DomainError("directory.spoken_with_missing")
    async with node.db.begin(actor) as uow:
        await store.add_confirmation(
            uow, command.authority, heard, local_date(uow.wall), command.spoken_with.strip()
        )
        confirmed = await store.confirmations(uow)
        uow.audit("directory.fingerprint_confirmed", authority=command.authority)
        await uow.commit()
    directory.confirm(confirmed)


async def record_meeting(node: Node, actor: Actor, command: RecordMeeting) -> None:
    """Keep the first person's record; nothing is believed yet.

    Raises:
        DomainError: `directory.meeting_in_future`, `directory.unknown_authority`.
        Conflict: `directory.meeting_recorded_already`.
    """
    _demand_role(actor)
    if command.authority not in live(node.directory).directory.entries:
        raise DomainError("directory.unknown_authority", authority=command.authority)
    if command.held_on > local_date(node.wall.now()):
        raise DomainError("directory.meeting_in_future")
    fingerprint = _key_name(command.fingerprint)
    async with node.db.begin(actor) as uow:
        await store.add_meeting(uow, command.authority, fingerprint, command.held_on)
        uow.audit("directory.meeting_recorded", authority=command.authority)
        await uow.commit()


async def confirm_meeting(node: Node, actor: Actor, command: ConfirmMeeting) -> None:
    """Keep the second person's word: a list with this key may be accepted from now on.

    Raises:
        AccessDenied: no such meeting.
        DomainError: `directory.same_person`.
    """
    _demand_role(actor)
    fingerprint = _key_name(command.fingerprint)
    async with node.db.begin(actor) as uow:
        first = await store.recorded_by(uow, command.authority, fingerprint)
        if first is None:
            raise AccessDenied
        if first == actor.staff_id:
            raise DomainError("directory.same_person")
        await store.confirm_meeting(uow, command.authority, fingerprint)
        uow.audit("directory.meeting_confirmed", authority=command.authority)
        await uow.commit()


async def waiting_meetings(node: Node, actor: Actor) -> Sequence[Meeting]:
    """Meetings that wait for the second person."""
    _demand_role(actor)
    async with node.db.begin(actor) as uow:
        rows = await store.open_meetings(uow)
    return [
        Meeting(AuthorityCode(row.authority), row.fingerprint, row.held_on, row.recorded_by)
        for row in rows
    ]


def _demand_role(actor: Actor) -> None:
    if not actor.has_any(*ROLES):
        raise AccessDenied


def _key_name(heard: str) -> str:
    name = "".join(heard.split())
    if len(name) != 43 or not name.replace("-", "").replace("_", "").isalnum():
        raise DomainError("directory.not_a_fingerprint")
    return name
