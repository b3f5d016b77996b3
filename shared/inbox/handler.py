"""What a service gives the inbox: one object for each kind and version of message it takes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, runtime_checkable

from shared.crypto import SubjectKey
from shared.db import UnitOfWork
from shared.ids import SubjectId
from shared.messages import Header, Message


class Handler(Protocol):
    """Applies one kind of message, exactly once, in the conversation's order.

    The inbox opens the transaction, as the node's worker, and commits it together with the receipt.
    """

    kind: str
    version: int

    async def subjects(self, uow: UnitOfWork, message: Message, /) -> Sequence[SubjectId]:
        """Whose keys `apply` needs beside the conversation's own; asked in a transaction before."""
        ...

    async def apply(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        message: Message,
        body: Any,
        /,
    ) -> None:
        """Do what the message says.

        Args:
            keys: the conversation's own, and those of `subjects`.
            body: the struct that the registry knows for this kind and version.

        Raises:
            DomainError: a rule says no. What was written here is undone, the sender gets a signed
                refusal with the code and the facts, and the number is used up.
        """
        ...


@runtime_checkable
class NeedsNoMoreKeys(Protocol):
    """A handler whose `subjects` is always empty: the question is not asked, nor a transaction made."""

    needs_no_more_keys: Literal[True]


@runtime_checkable
class KeepsNoBody(Protocol):
    """A handler of what must not lie about: done, applied or refused, its messages have no body here.

    The signed header stays, and with it the body's hash: doubles and second contents are known still.
    """

    kind: str
    keeps_no_body: Literal[True]


@runtime_checkable
class RefusalHandler(Protocol):
    """A handler that is also told when another authority refused a message of its kind of ours."""

    kind: str

    async def on_refused(
        self,
        uow: UnitOfWork,
        keys: Mapping[SubjectId, SubjectKey],
        header: Header,
        code: str,
        /,
    ) -> None:
        """Do what a refusal of the message with this header means.

        Args:
            keys: the conversation's own, unless it was destroyed.
            header: of our message, as it was signed.
            code: the refuser's.
        """
        ...


def kinds_without_body(handlers: Iterable[Handler]) -> frozenset[str]:
    """The kinds whose handlers are `KeepsNoBody`."""
    return frozenset(each.kind for each in handlers if isinstance(each, KeepsNoBody))
