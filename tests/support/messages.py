"""Messages for tests: composed, signed and sealed with real keys."""

from typing import Any

import msgspec

from shared.crypto import KeyRing
from shared.ids import AuthorityCode, ConversationId, MessageId, random_id
from shared.messages import Message, Receipt, compose
from tests.support.trust import GOTEBORG, NOW

CONVERSATION = ConversationId(random_id())


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body with nothing of a service in it."""

    text: str


def note(
    ring: KeyRing,
    text: str = "hej",
    *,
    number: int = 1,
    receiver: AuthorityCode = GOTEBORG,
    **fields: Any,
) -> Message:
    """A numbered message with a `Note`."""
    settings: dict[str, Any] = {
        "conversation_id": CONVERSATION,
        "direction": "forward",
        "kind": "note",
        "version": 1,
        "now": NOW,
        "key": ring.signing(NOW),
        "sender": ring.authority,
    } | fields
    return compose(receiver=receiver, number=number, body=Note(text), **settings)


def receipt(ring: KeyRing, of: Message, **fields: Any) -> Message:
    """The receipt that the addressee gives."""
    settings: dict[str, Any] = {
        "sender": ring.authority,
        "receiver": of.sender,
        "conversation_id": of.conversation_id,
        "direction": "back" if of.header.direction == "forward" else "forward",
        "kind": "receipt",
        "refers_to": MessageId(of.header.message_id),
        "body": Receipt("applied", of.header.content_hash, NOW),
    } | fields
    return compose(number=0, version=1, key=ring.signing(NOW), now=NOW, **settings)
