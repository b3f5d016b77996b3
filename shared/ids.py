"""Identifiers: NewTypes, so that no id is taken for another.

An id that leaves the node, in an address, a subject or a message, is drawn at random (UUIDv4):
a UUIDv7 would tell when the case began. Rows that never leave are UUIDv7, which keeps their index
in order of writing.
"""

import os
import re
from datetime import datetime
from typing import NewType
from uuid import UUID, uuid4

AuthorityCode = NewType("AuthorityCode", str)
StaffId = NewType("StaffId", UUID)
CaseId = NewType("CaseId", UUID)
FederationCaseId = NewType("FederationCaseId", UUID)
SubjectId = NewType("SubjectId", UUID)
"""Whom a data key belongs to: a case, or a handover that has no case here yet."""
ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)

OPERATOR = AuthorityCode("9000")
POLICE = AuthorityCode("9001")

_CODE = re.compile(r"[0-9]{4}", re.ASCII)


def authority_code(text: str) -> AuthorityCode:
    """The four-digit code as it may stand in a bus subject or an address.

    Raises:
        ValueError: anything but four ASCII digits; a wildcard never becomes a subject token.
    """
    if not _CODE.fullmatch(text):
        raise ValueError("an authority code is four digits")
    return AuthorityCode(text)


def random_id() -> UUID:
    """An id that may leave the node: says nothing about when or in which order."""
    return uuid4()


def row_id(now: datetime) -> UUID:
    """UUIDv7 (RFC 9562, section 5.7) for a row that stays inside: 48 bits of ms, 74 of chance."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    chance = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80
    value |= 0x7 << 76
    value |= (chance >> 68 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= chance & ((1 << 62) - 1)
    return UUID(int=value)
