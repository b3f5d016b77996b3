"""An authority's keys through time: each statement signed by the one before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.directory.domain.documents import KeyStatement, digest, read_payload
from shared.crypto.jws import key_id_of
from shared.crypto.keys import SealingKey, SigningKey
from shared.errors import DomainError, WireError
from shared.ids import AuthorityCode

Reset = tuple[AuthorityCode, str]
"""An authority, and the name of the key that two persons met to compare."""


@dataclass(frozen=True)
class Chain:
    """What the statements say together.

    Args:
        signing: every key that ever was stated, by name: old signatures are still to be verified.
        current: keys of the last statement, the only ones that may sign the next.
        sealing: keys of the last statement.
        fingerprint: name of the key on which all the others rest, the one to compare by telephone:
            the first, or that of the last meeting.
        revoked: names that are not to be believed.
    """

    signing: dict[str, SigningKey]
    current: tuple[SigningKey, ...]
    sealing: tuple[SealingKey, ...]
    fingerprint: str
    revoked: frozenset[str]

    def vouches_for(self, jws: str, at: datetime) -> bool:
        """Whether a key that was valid then, and is not revoked, signed this."""
        return _signs(jws, self.signing.values(), at, self.revoked)

    def vouches_now_for(self, jws: str, at: datetime) -> bool:
        """The same of a key that is in use: for what must not be signed under an old one."""
        return _signs(jws, self.current, at, self.revoked)


def read_chain(
    authority: AuthorityCode, statements: Sequence[str], resets: Collection[Reset]
) -> Chain:
    """Follow the statements from the first.

    Args:
        resets: where two persons met, a statement may begin anew under its own key.

    Raises:
        DomainError: `directory.unreadable`, `directory.statement_order`, or
            `directory.keys_unproven`: a key that nobody but the operator vouches for.
    """
    chain: Chain | None = None
    stated_at: datetime | None = None
    for number, jws in enumerate(statements, start=1):
        statement = read_payload(jws, KeyStatement)
        expected = (authority, number, digest(statements[number - 2]) if number > 1 else None)
        if (statement.authority, statement.number, statement.previous) != expected:
            raise DomainError("directory.statement_order", authority=authority)
        if stated_at is not None and statement.stated_at < stated_at:
            raise DomainError("directory.statement_order", authority=authority)
        stated_at = statement.stated_at
        chain = _next(authority, chain, statement, jws, resets)
    if chain is None:
        raise DomainError("directory.keys_unproven", authority=authority)
    return chain


def _next(
    authority: AuthorityCode,
    before: Chain | None,
    statement: KeyStatement,
    jws: str,
    resets: Collection[Reset],
) -> Chain:
    try:
        signing = tuple(key.signing_key() for key in statement.signing)
        sealing = tuple(key.sealing_key() for key in statement.sealing)
    except WireError as error:
        raise DomainError("directory.unreadable", authority=authority) from error
    revoked = frozenset(statement.revoked) | (before.revoked if before else frozenset())
    if before and _signs(jws, before.current, statement.stated_at, before.revoked):
        fingerprint = before.fingerprint
    elif before and (authority, key_id_of(jws)) not in resets:
        raise DomainError("directory.keys_unproven", authority=authority)
    elif _signs(jws, signing, statement.stated_at, revoked):
        fingerprint = key_id_of(jws)
    else:
        raise DomainError("directory.keys_unproven", authority=authority)
    return Chain(
        signing=(before.signing if before else {}) | {key.kid: key for key in signing},
        current=tuple(key for key in signing if key.kid not in revoked),
        sealing=tuple(key for key in sealing if key.kid not in revoked),
        fingerprint=fingerprint,
        revoked=revoked,
    )


def _signs(jws: str, keys: Collection[SigningKey], at: datetime, revoked: Collection[str]) -> bool:
    kid = key_id_of(jws)
    for key in keys:
        if key.kid == kid and kid not in revoked and key.is_valid_at(at):
            try:
                key.verify(jws)
            except WireError:
                return False
            return True
    return False
