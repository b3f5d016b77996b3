"""The responsibility chain: numbered links, each bound to the one before and signed by who made it.

Both ends of a handover hold the same links. Who is responsible is read from the last `responsible`
link; the term is that link's term, and rises by one only there. Pure: signing and verifying come
from outside.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec

from shared.errors import DomainError
from shared.ids import AuthorityCode, FederationCaseId

LinkKind = Literal[
    "responsible",
    "proposed",
    "accepted",
    "declined",
    "returned",
    "disputed",
    "ruled",
    "agreed",
    "kept",
    "withdrawn",
]


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step in who answers for a case.

    Args:
        number: from 1, without gaps.
        term: the term that the link was made under; a `responsible` link starts its own.
        authority: who made and signed the link; for `responsible`, who is responsible from it on.
        counterpart: the other end (`proposed` to, `accepted` from); None for the first link.
        at: the maker's domain clock, aware.
        previous_hash: hex SHA-256 of the link before; empty for number 1.
        signatures: JWS compact over `link_bytes`.
        recorded_by: who signed instead of `authority`, which has no node and told it on paper; left
            out of every other link, which is spelt as it always was.
    """

    number: int
    federation_case_id: UUID
    term: int
    kind: LinkKind
    authority: str
    counterpart: str | None
    at: datetime
    previous_hash: str
    signatures: tuple[str, ...] = ()
    recorded_by: str | msgspec.UnsetType = msgspec.UNSET

    @property
    def is_one_sided(self) -> bool:
        """Whether the one that it makes responsible has not signed it."""
        return self.recorded_by is not msgspec.UNSET

    @property
    def signer(self) -> AuthorityCode:
        """Whose signature it bears."""
        return AuthorityCode(
            self.authority if isinstance(self.recorded_by, msgspec.UnsetType) else self.recorded_by
        )


def link_bytes(link: Link) -> bytes:
    """What is signed and hashed: the link without its signatures, in one fixed form."""
    return msgspec.json.encode(msgspec.structs.replace(link, signatures=()), order="deterministic")


def link_hash(link: Link) -> str:
    """Hex SHA-256 that the next link carries."""
    return sha256(link_bytes(link)).hexdigest()


def current_term(chain: Sequence[Link]) -> int:
    """The term of the last `responsible` link; 0 before any."""
    return max((link.term for link in chain if link.kind == "responsible"), default=0)


def responsible(chain: Sequence[Link]) -> AuthorityCode | None:
    """Who answers for the case now; None before the first link."""
    for link in reversed(chain):
        if link.kind == "responsible":
            return AuthorityCode(link.authority)
    return None


def next_link(
    chain: Sequence[Link],
    *,
    federation_case_id: FederationCaseId,
    kind: LinkKind,
    authority: AuthorityCode,
    counterpart: AuthorityCode | None,
    at: datetime,
    sign: Callable[[bytes], str],
    recorded_by: AuthorityCode | None = None,
) -> Link:
    """The link that follows, signed.

    A `responsible` link raises the term by one; every other keeps it.

    Args:
        recorded_by: who notes and signs it for an authority that has no node.

    Raises:
        DomainError: `chain.not_started` when another kind than `responsible` would come first,
            `chain.already_responsible` when the responsible authority would follow itself,
            `chain.other_case` when the chain is another case's,
            `chain.not_theirs_to_record` when `recorded_by` notes more than it may.
    """
    if not chain and kind != "responsible":
        raise DomainError("chain.not_started")
    if chain and chain[-1].federation_case_id != federation_case_id:
        raise DomainError("chain.other_case")
    if kind == "responsible" and responsible(chain) == authority:
        raise DomainError("chain.already_responsible")
    term = current_term(chain) + (1 if kind == "responsible" else 0)
    unsigned = Link(
        number=len(chain) + 1,
        federation_case_id=federation_case_id,
        term=term,
        kind=kind,
        authority=authority,
        counterpart=counterpart,
        at=at,
        previous_hash=link_hash(chain[-1]) if chain else "",
        recorded_by=msgspec.UNSET if recorded_by is None else recorded_by,
    )
    if not _may_be_recorded(unsigned, chain):
        raise DomainError("chain.not_theirs_to_record")
    return msgspec.structs.replace(unsigned, signatures=(sign(link_bytes(unsigned)),))


def _may_be_recorded(link: Link, before: Sequence[Link]) -> bool:
    """Nobody takes a responsibility by noting it: one notes that it was given, or where it began.

    So a link that somebody else signed says that the case went from the signer to the other, or is
    the first: that the other had it before it came.
    """
    if not link.is_one_sided:
        return True
    is_given = responsible(before) == link.signer or not before
    return link.kind == "responsible" and link.signer != link.authority and is_given


def _began(link: Link, before: Sequence[Link]) -> datetime:
    """When the handover began that it ends; for the first link, when that was made."""
    for each in reversed(before):
        ends = (each.authority, each.counterpart)
        if each.kind == "proposed" and ends == (link.signer, link.authority):
            return each.at
        if each.kind == "responsible":
            break
    return link.at


def _has_to_be_recorded(
    link: Link, before: Sequence[Link], could_sign: Callable[[AuthorityCode, datetime], bool]
) -> bool:
    """Who could sign then is not spoken for; who got a node since the handover began may be.

    The one that notes had its own keys then: nobody dates a note back to before there were nodes.
    """
    if not link.is_one_sided:
        return True
    began = _began(link, before)
    if None in {began.tzinfo, link.at.tzinfo}:
        return False
    return could_sign(link.signer, began) and not could_sign(AuthorityCode(link.authority), began)


def check_chain(
    chain: Sequence[Link],
    *,
    federation_case_id: FederationCaseId,
    is_signed_by: Callable[[str, bytes, AuthorityCode], bool],
    could_sign: Callable[[AuthorityCode, datetime], bool],
) -> None:
    """Raise unless every link follows from the one before and is signed by who made it.

    A link of an authority without a node is signed by the one that noted it, within narrow bounds:
    the directory says that it had none.

    Args:
        chain: all links from number 1.
        federation_case_id: the case that every link must name.
        is_signed_by: whether a JWS is this authority's signature over these bytes.
        could_sign: whether the directory gives this authority a key to sign by at that time.

    Raises:
        DomainError: `chain.broken` with the first bad link's `number`.
    """
    for index, link in enumerate(chain):
        before = chain[:index]
        raises = link.kind == "responsible"
        expected = (
            index + 1,
            federation_case_id,
            current_term(before) + (1 if raises else 0),
            link_hash(before[-1]) if before else "",
        )
        is_next = (link.number, link.federation_case_id, link.term, link.previous_hash) == expected
        is_started = bool(before) or raises
        is_change = not raises or responsible(before) != link.authority
        is_signed = bool(link.signatures) and all(
            is_signed_by(jws, link_bytes(link), link.signer) for jws in link.signatures
        )
        is_allowed = _may_be_recorded(link, before) and _has_to_be_recorded(
            link, before, could_sign
        )
        if not (is_next and is_started and is_change and is_allowed and is_signed):
            raise DomainError("chain.broken", number=index + 1)
