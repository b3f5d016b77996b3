"""What the national coordinators read: releases, and how far the next one has come."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from services.statistics.domain.release import Release, decode
from services.statistics.handlers.bodies import COORDINATOR
from services.statistics.store import releasing
from shared.actor import Actor
from shared.crypto.jws import key_id_of
from shared.errors import AccessDenied, WireError
from shared.node import Node


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One half-year, as far as it has come; nothing exact that was not released.

    Args:
        state: called, ordered, added, released; stopped, withheld or too_few where it ended so.
        release: None until it is released; the rest likewise.
        kid: of the key that signed.
        is_genuine: what is shown is what this authority's own key signed.
    """

    half_year: str
    state: str
    released_at: datetime | None = None
    release: Release | None = None
    jws: str | None = None
    sha256: str | None = None
    kid: str | None = None
    is_genuine: bool = False


async def releases(node: Node, actor: Actor) -> list[ReleaseRow]:
    """All half-years that have begun, oldest first.

    Raises:
        AccessDenied: no national coordinator.
    """
    if not actor.has_any(COORDINATOR):
        raise AccessDenied
    async with node.db.begin(actor) as uow:
        rows = await releasing.readable(uow)
        uow.audit("statistics.releases_read", rows=len(rows))
        await uow.commit()
    return [_row(node, each) for each in reversed(rows)]


def _row(node: Node, row: releasing.Record) -> ReleaseRow:
    if row.content is None:
        return ReleaseRow(row.half_year, row.state)
    return ReleaseRow(
        row.half_year,
        row.state,
        released_at=row.released_at,
        release=decode(row.content),
        jws=row.jws,
        sha256=hashlib.sha256(row.content).hexdigest(),
        kid=key_id_of(row.jws),
        is_genuine=_is_genuine(node, row),
    )


def _is_genuine(node: Node, row: releasing.Record) -> bool:
    try:
        key = node.directory.signing_key(node.authority, key_id_of(row.jws))
        return key.verify(row.jws) == bytes(row.content)
    except WireError:
        return False
