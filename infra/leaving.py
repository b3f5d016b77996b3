"""Leaving in order: the authority asks, collects the others' signed yes, and signs its removal.

`ask` runs at the authority, beside its worker, and writes `leave.json`. `accepted` runs at the
operator, and believes nothing but signatures: the removal must be the authority's own, and every
other active node must have receipted that nothing is open.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from gateway.node import open_node
from gateway.policies import load_federation
from gateway.settings import NodeSettings
from infra.directory import TrustFiles
from infra.files import write_private
from services.directory.api import LEAVING, Directory, Trust, ask_to_leave, remove
from shared.actor import worker
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode
from shared.messages import Receipt, check_content, read_header, verify
from shared.node import Node
from shared.outbox.tables import outbox

_EVERY_S: Final = 0.2
_FRESH: Final = timedelta(days=1)
"""An older yes says nothing of what is open now."""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One authority's yes: what it was asked, and its receipt, both as they were signed."""

    asked: str
    receipt: str
    body: bytes
    salt: bytes


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the operator is handed: the authority's own decision, and the others' answers."""

    removal: str
    answers: dict[str, Answer]


def leave_file(files: TrustFiles) -> Path:
    """Where it is left for the operator."""
    return files.folder / "leave.json"


def ask(
    settings: NodeSettings, files: TrustFiles, decided_on: date, wait_s: float
) -> list[AuthorityCode]:
    """Ask all, wait for their answers, and sign the removal when every one said yes.

    Returns:
        Those that have not answered in time; empty when `leave.json` is written.

    Raises:
        DomainError: `directory.still_open`: with `authority` where another said so.
    """
    return asyncio.run(_ask(settings, files, decided_on, wait_s))


async def _ask(
    settings: NodeSettings, files: TrustFiles, decided_on: date, wait_s: float
) -> list[AuthorityCode]:
    async with open_node(settings, "worker", load_federation(settings.tenants_dir)) as node:
        return await collect(node, files, decided_on, wait_s)


async def collect(
    node: Node, files: TrustFiles, decided_on: date, wait_s: float
) -> list[AuthorityCode]:
    """As `ask`, at an open node."""
    sent = await ask_to_leave(node, decided_on)
    ends = time.monotonic() + wait_s
    while True:
        answers, silent = await _answers(node, sent)
        if not silent or time.monotonic() > ends:
            break
        await asyncio.sleep(_EVERY_S)
    if not silent:
        now = node.wall.now()
        removal = remove(node.authority, decided_on, signer=node.keyring.signing(now), now=now)
        write_private(leave_file(files), msgspec.json.encode(Leave(removal, answers)))
    return silent


async def _answers(
    node: Node, sent: Mapping[AuthorityCode, UUID]
) -> tuple[dict[str, Answer], list[AuthorityCode]]:
    async with node.db.begin(worker(node.authority)) as uow:
        rows = (
            await uow.execute(select(outbox).where(outbox.c.message_id.in_(list(sent.values()))))
        ).mappings()
        found = {AuthorityCode(row["receiver"]): row for row in rows}
    refused = [code for code, row in found.items() if row["outcome"] == "refused"]
    if refused:
        raise DomainError("directory.open_elsewhere", authority=", ".join(sorted(refused)))
    answers = {
        str(code): Answer(row["jws"], row["answer_jws"], row["answer_body"], row["answer_salt"])
        for code, row in found.items()
        if row["outcome"] == "applied"
    }
    return answers, sorted(set(sent) - {AuthorityCode(code) for code in answers})


def accepted(files: TrustFiles, code: AuthorityCode, directory: Directory, now: datetime) -> str:
    """The removal to list, once every other active node's yes has been verified.

    Raises:
        DomainError: `directory.leave_missing`: nothing was handed over; `directory.leave_unproven`:
            an answer is missing or does not hold.
    """
    try:
        leave = msgspec.json.decode(leave_file(files).read_bytes(), type=Leave)
    except FileNotFoundError as error:
        raise DomainError("directory.leave_missing", authority=code) from error
    trust = Trust(directory)
    for other, profile in directory.profiles.items():
        if other == code or not profile.runs_node or not trust.may_receive(other):
            continue
        if not _says_yes(leave.answers.get(str(other)), code, other, trust, now):
            raise DomainError("directory.leave_unproven", authority=other)
    return leave.removal


def _says_yes(
    answer: Answer | None, leaver: AuthorityCode, other: AuthorityCode, trust: Trust, now: datetime
) -> bool:
    if answer is None:
        return False
    try:
        asked, said = verify(answer.asked, trust), verify(answer.receipt, trust)
        check_content(read_header(answer.receipt), answer.body, answer.salt)
        receipt = msgspec.json.decode(answer.body, type=Receipt)
    except (WireError, msgspec.DecodeError):
        return False
    return (
        (asked.sender, asked.receiver, asked.kind) == (leaver, other, LEAVING)
        and (said.sender, said.receiver, said.kind) == (other, leaver, "receipt")
        and said.refers_to == asked.message_id
        and receipt.content_hash == asked.content_hash
        and now - said.signed_at < _FRESH
    )
