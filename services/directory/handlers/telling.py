"""What people here are told when the directory changes: one card a fact, codes only."""

from datetime import datetime, timedelta
from typing import Final

from services.directory import store
from services.directory.domain import Directory
from shared.crypto import KeyRing
from shared.db import UnitOfWork
from shared.db.cards import add_card, finish_cards_about
from shared.ids import AuthorityCode, SubjectId
from shared.outbox import pair_conversation

ADMINISTRATOR: Final = "system_admin"
LEADER: Final = "team_leader"

WARN: Final = timedelta(days=60)
"""A meeting of two authorities can be arranged within it, should the key be lost on the way."""


async def tell_changes(uow: UnitOfWork, before: Directory, after: Directory) -> None:
    """Cards for who joined, paused, came back or left, and for keys that must not be believed."""
    for code, entry in after.entries.items():
        known = before.entries.get(code)
        subject = _subject(uow, code)
        if known is None:
            if after.profiles[code].runs_node:
                await add_card(
                    uow,
                    "directory.joined",
                    ADMINISTRATOR,
                    subject=subject,
                    facts={"authority": code},
                )
            continue
        if known.status != entry.status:
            await _tell_status(uow, code, entry.status)
        taken = _revoked(after, code) - _revoked(before, code)
        if taken:
            await add_card(
                uow,
                "directory.key_revoked",
                ADMINISTRATOR,
                subject=subject,
                facts={"authority": code},
            )
        if known.statements != entry.statements:
            uow.audit("directory.keys_changed", authority=code)


async def tell_expiring(
    uow: UnitOfWork, ring: KeyRing, directory: Directory, now: datetime
) -> None:
    """Cards for keys that soon end without a successor: our own, and other authorities'."""
    own = _subject(uow, ring.authority)
    ends = min(
        max(each.not_after for each in keys) for keys in (ring.signing_keys, ring.sealing_keys)
    )
    if ends - now < WARN:
        days = max((ends - now).days, 0)
        await add_card(uow, "keys.expiring", ADMINISTRATOR, subject=own, facts={"days": days})
    else:
        await finish_cards_about(uow, "keys.expiring", own)
    chain = directory.chains.get(ring.authority)
    stated = {key.kid for key in chain.sealing} if chain else set()
    if (
        chain
        and {key.kid for key in ring.sealing_keys if key.not_after > now} - stated - chain.revoked
    ):
        await add_card(uow, "keys.unstated", ADMINISTRATOR, subject=own)
    else:
        await finish_cards_about(uow, "keys.unstated", own)
    for code, other in directory.chains.items():
        if code == ring.authority or directory.entries[code].status == "removed":
            continue
        last = max((key.not_after for key in other.sealing), default=now)
        if last - now < WARN:
            days = max((last - now).days, 0)
            await add_card(
                uow,
                "directory.keys_expiring",
                ADMINISTRATOR,
                subject=_subject(uow, code),
                facts={"authority": code, "days": days},
            )
        else:
            await finish_cards_about(uow, "directory.keys_expiring", _subject(uow, code))


async def tell_refused(uow: UnitOfWork) -> int:
    """A list that was refused here is somebody's mistake, or an attack: one card for each."""
    refused = await store.untold_refusals(uow)
    for row in refused:
        await add_card(
            uow,
            "directory.refused",
            ADMINISTRATOR,
            subject=row.message_id,
            facts={"code": row.refusal_code},
        )
    return len(refused)


async def _tell_status(uow: UnitOfWork, code: AuthorityCode, status: str) -> None:
    subject, facts = _subject(uow, code), {"authority": code}
    if status == "active":
        await finish_cards_about(uow, "directory.paused", subject)
        await add_card(uow, "directory.resumed", LEADER, subject=subject, facts=facts)
    elif status == "paused":
        await add_card(uow, "directory.paused", LEADER, subject=subject, facts=facts)
    else:
        await finish_cards_about(uow, "directory.paused", subject)
        await add_card(uow, "directory.removed", LEADER, subject=subject, facts=facts)


def _revoked(directory: Directory, code: AuthorityCode) -> frozenset[str]:
    chain = directory.chains.get(code)
    if chain is None:
        return frozenset()
    return chain.revoked | (frozenset(directory.root.revoked) & chain.signing.keys())


def _subject(uow: UnitOfWork, code: AuthorityCode) -> SubjectId:
    return SubjectId(pair_conversation(code, uow.actor.authority, "directory"))
