"""What each authority may say and hear on the exchange. Everything else the server refuses."""

from dataclasses import dataclass

from shared.ids import OPERATOR, AuthorityCode

STREAMS = {"EXCHANGE": "exchange", "ATTACHMENT": "attachment"}
"""Each stream with its subjects' first token: `<token>.<to>.<from>.m`."""


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
