"""What a use case is given: one authority's node, put together once in the gateway."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from shared.clock import Clock
from shared.db import Database
from shared.ids import AuthorityCode

if TYPE_CHECKING:
    from shared.crypto import BlindIndex, CaseKeys, KeyDirectory, KeyRing
    from shared.messages import Registry
    from shared.policy import PolicyBook

T = TypeVar("T")


@dataclass(frozen=True)
class Node:
    """One authority's running system, seen from its services.

    Args:
        clock: the domain clock; a demo state may move it.
        wall: the wall clock: tokens, key validity, receipts, resends, sealing.
        db: under the process's own role, web or worker.
        case_keys: subject keys; asked before a transaction is opened, never inside.
        keyring: the authority's own private keys.
        directory: other authorities' public keys.
        policies: the tenant's policy by date.
        registry: which bodies the kinds and versions of messages have.
        index: finds personal numbers without showing them.
    """

    authority: AuthorityCode
    clock: Clock
    wall: Clock
    db: Database
    case_keys: "CaseKeys"
    keyring: "KeyRing"
    directory: "KeyDirectory"
    policies: "PolicyBook"
    registry: "Registry"
    index: "BlindIndex"
    _provided: dict[type[Any], Any] = field(default_factory=dict, repr=False)

    def provide(self, protocol: type[T], implementation: T) -> None:
        """Hand an upper service's function to the lower one that declared the Protocol.

        Raises:
            ValueError: provided already; the composition root says it once.
        """
        if protocol in self._provided:
            raise ValueError(f"{protocol.__name__} is provided already")
        self._provided[protocol] = implementation

    def find(self, protocol: type[T]) -> T:
        """What was provided for this Protocol.

        Raises:
            LookupError: nothing was; the composition root forgot it.
        """
        try:
            found: T = self._provided[protocol]
        except KeyError:
            raise LookupError(f"{protocol.__name__} is not provided") from None
        return found
