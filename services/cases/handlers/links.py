"""The chain as this node keeps it."""

from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from services.cases.domain.chain import Link, LinkKind, check_chain, link_bytes, next_link
from services.cases.store import headers
from shared.crypto import KeyDirectory, SigningKey, key_id_of
from shared.db import UnitOfWork
from shared.errors import Conflict, WireError
from shared.ids import AuthorityCode, CaseId, FederationCaseId
from shared.node import Node


def is_signed_by(directory: KeyDirectory) -> Callable[[str, bytes, AuthorityCode], bool]:
    """Whether a JWS over these bytes is by a key that the directory gives this authority.

    Expired is judged by the day of signing, revoked by now: the directory refuses revoked ones, and
    the link's own date stands inside what is signed.
    """

    def check(jws: str, payload: bytes, authority: AuthorityCode) -> bool:
        try:
            return directory.signing_key(authority, key_id_of(jws)).verify(jws) == payload
        except WireError:
            return False

    return check


async def keep_link(uow: UnitOfWork, case_id: CaseId, link: Link) -> None:
    """Store a link as it was signed."""
    digest = sha256(link_bytes(link)).digest()
    encoded = msgspec.json.encode(link)
    await headers.insert_link(uow, case_id, link.number, encoded, digest, uow.wall)


async def chain(uow: UnitOfWork, case_id: CaseId) -> list[Link]:
    """All links, from number 1."""
    return [msgspec.json.decode(one, type=Link) for one in await headers.links(uow, case_id)]


async def append_link(
    uow: UnitOfWork,
    signer: SigningKey,
    case_id: CaseId,
    kind: LinkKind,
    counterpart: AuthorityCode | None = None,
) -> Link:
    """Make the next link in this authority's name, sign and keep it."""
    links = await chain(uow, case_id)
    link = next_link(
        links,
        federation_case_id=FederationCaseId(links[0].federation_case_id),
        kind=kind,
        authority=uow.actor.authority,
        counterpart=counterpart,
        at=uow.now,
        sign=signer.sign,
    )
    await keep_link(uow, case_id, link)
    return link


async def give_on_paper(
    uow: UnitOfWork, signer: SigningKey, case_id: CaseId, to: AuthorityCode
) -> Link:
    """Make the link that makes another responsible, in its stead: it has no node to sign by."""
    links = await chain(uow, case_id)
    link = next_link(
        links,
        federation_case_id=FederationCaseId(links[0].federation_case_id),
        kind="responsible",
        authority=to,
        counterpart=uow.actor.authority,
        at=uow.now,
        sign=signer.sign,
        recorded_by=uow.actor.authority,
    )
    await keep_link(uow, case_id, link)
    return link


async def receive_links(
    uow: UnitOfWork, node: Node, case_id: CaseId, links: Sequence[Link]
) -> None:
    """Keep the links that another authority made; those that are known must be the same.

    Raises:
        DomainError: `chain.broken` unless they follow from ours and verify.
        Conflict: `chain.forked` when a known number carries another link.
    """
    known = await chain(uow, case_id)
    for link in links:
        if link.number <= len(known) and link_bytes(known[link.number - 1]) != link_bytes(link):
            raise Conflict("chain.forked", number=link.number)
    new = [link for link in links if link.number > len(known)]
    whole = [*known, *new]
    if not whole:
        return
    check_chain(
        whole,
        federation_case_id=FederationCaseId(whole[0].federation_case_id),
        is_signed_by=is_signed_by(node.directory),
        could_sign=node.directory.could_sign,
    )
    for link in new:
        await keep_link(uow, case_id, link)
