"""Who does what in the national statistics, as the directory says now."""

from collections.abc import Sequence
from functools import cache
from typing import Protocol
from uuid import UUID, uuid5

import msgspec

from services.directory import api as directory
from services.statistics.domain.sets import county_groups
from services.statistics.wire import PURPOSE, VERSION
from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.ids import AuthorityCode, SubjectId
from shared.node import Node
from shared.outbox import enqueue, pair_conversation
from shared.policy.municipality import municipality_register

COORDINATOR = "national_coordinator"
"""Who gets the coordinator's cards."""
_HALF_YEARS = UUID("b0a4c2de-3f0a-4f7c-9d51-6f0b8f3c2a77")


class Bodies(Protocol):
    """The bodies, and the municipalities whose numbers are added."""

    @property
    def coordinator(self) -> AuthorityCode | None:
        """Who orders and releases; None where there is not exactly one."""
        ...

    @property
    def collectors(self) -> tuple[AuthorityCode, ...]:
        """The two, in order of code; empty where there are not exactly two."""
        ...

    @property
    def municipalities(self) -> Sequence[AuthorityCode]:
        """Who may contribute: municipalities of the register that run a node and are active."""
        ...

    def check_may_send_to(self, collector: AuthorityCode) -> None:
        """Raise the directory's own error unless a share may be sealed to it.

        Whoever could put two collectors of its own into the list would hold both shares: a person
        here has heard their fingerprints.
        """
        ...


class DirectoryBodies:
    """As the directory that is in force lists them; read anew when there is a newer one."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._version = -1
        self._active: dict[str, list[AuthorityCode]] = {}

    @property
    def coordinator(self) -> AuthorityCode | None:
        """The one national coordination."""
        found = self._of_kind("national_coordination")
        return found[0] if len(found) == 1 else None

    @property
    def collectors(self) -> tuple[AuthorityCode, ...]:
        """The two collectors."""
        found = self._of_kind("collector")
        return tuple(found) if len(found) == 2 else ()

    @property
    def municipalities(self) -> Sequence[AuthorityCode]:
        """All that run a node."""
        return [code for code in self._of_kind("municipality") if code in municipality_register()]

    def check_may_send_to(self, collector: AuthorityCode) -> None:
        """Active, and its fingerprint confirmed here."""
        directory.check_confirmed(self._node, collector)

    def _of_kind(self, kind: str) -> list[AuthorityCode]:
        version = directory.live(self._node.directory).directory.version
        if version != self._version:
            active: dict[str, list[AuthorityCode]] = {}
            for each in directory.authorities(self._node):
                if each.runs_node and each.status == "active":
                    active.setdefault(each.kind, []).append(each.code)
            self._version, self._active = version, active
        return sorted(self._active.get(kind, []))


@cache
def groups() -> dict[str, tuple[AuthorityCode, ...]]:
    """The county groups of all municipalities."""
    return county_groups({code: m.county_code for code, m in municipality_register().items()})


def about(half_year: str) -> UUID:
    """What a card about this half-year is about: the same for every card of it."""
    return uuid5(_HALF_YEARS, half_year)


async def keys_to(node: Node, others: Sequence[AuthorityCode]) -> dict[AuthorityCode, SubjectKey]:
    """The keys that close what is sent to these; asked before a transaction is opened."""
    return {
        code: await node.case_keys.ensure(
            SubjectId(pair_conversation(node.authority, code, PURPOSE))
        )
        for code in others
    }


async def tell(
    uow: UnitOfWork,
    node: Node,
    to: AuthorityCode,
    key: SubjectKey,
    kind: str,
    body: msgspec.Struct,
) -> None:
    """Send one message of the statistics, with this transaction."""
    await enqueue(
        uow,
        to=to,
        conversation=pair_conversation(node.authority, to, PURPOSE),
        direction="forward",
        kind=kind,
        version=VERSION,
        body=body,
        key=key,
        signer=node.keyring.signing(uow.wall),
    )
