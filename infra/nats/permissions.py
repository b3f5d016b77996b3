"""What each authority may say and hear on the exchange. Everything else the server refuses.

Permissions bound what a client says; they do not bound where the server answers. A client names the
reply subject itself, and JetStream answers there with the server's own rights. Tried with all nodes
in one account: naming `$JS.API.STREAM.PURGE.EXCHANGE`, `$JS.API.CONSUMER.MSG.NEXT.EXCHANGE.<other>`
or `exchange.<third>.<other>.m` as the reply made the server ask itself to empty the stream (it
stumbled on an unknown field only), hand out another's message to nobody, and put its own words into
a third one's queue under a false sender. So each node has an account of its own, which imports
exactly the subjects below from the exchange's account: answers are resolved in the asker's account,
where none of those subjects exists. `tests/integration/nats/test_permissions.py` tries them all.
"""

from dataclasses import dataclass

from shared.ids import OPERATOR, AuthorityCode

STREAMS = {"EXCHANGE": "exchange", "ATTACHMENT": "attachment"}
"""Each stream with its subjects' first token: `<token>.<to>.<from>.m`."""

EXCHANGE = "EXCHANGE"
"""The account that holds the streams; the operator is its only user."""


def account_of(code: AuthorityCode) -> str:
    """The account of a node; it holds its one user and what that user may ask of the exchange."""
    return f"NODE{code}"


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects that a user may publish to and subscribe to; all others are refused."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def permissions_of(code: AuthorityCode) -> Permissions:
    """A node sends as itself and reads its own queue; the operator also manages the streams."""
    own = [f"{prefix}.*.{code}.m" for prefix in STREAMS.values()]
    for stream in STREAMS:
        own += [
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{code}",
            f"$JS.API.CONSUMER.INFO.{stream}.{code}",
            f"$JS.ACK.{stream}.{code}.>",
        ]
    if code == OPERATOR:
        own += [f"$JS.API.{verb}" for verb in _MANAGE]
    return Permissions(tuple(own), (f"_INBOX.{code}.>",))


# The operator makes and looks at streams and consumers. It may not read, delete or purge messages,
# and no subject lets it delete a stream: that takes a person with the server's own files.
_MANAGE = (
    "INFO",
    *(f"STREAM.{verb}.{stream}" for stream in STREAMS for verb in ("CREATE", "UPDATE", "INFO")),
    *(
        f"CONSUMER.{verb}"
        for stream in STREAMS
        for verb in (
            f"CREATE.{stream}.>",
            f"DURABLE.CREATE.{stream}.*",
            f"INFO.{stream}.*",
            f"LIST.{stream}",
            f"NAMES.{stream}",
        )
    ),
)
