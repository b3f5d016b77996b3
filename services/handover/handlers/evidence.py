"""What happened in a handover, as one file that anybody with the directory can verify."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from hashlib import sha256
from uuid import UUID

import msgspec

from services.cases import api as cases
from services.directory import api as directory
from services.directory.api import BAD_JSON
from services.handover import wire
from services.handover.domain.order import Sent, first_impossible
from services.handover.domain.records import Incoming, Outgoing
from services.handover.domain.states import Message
from services.handover.handlers.acting import find_end
from services.handover.handlers.common import End, is_reader, policy_at, subject_of
from services.handover.store import attached, beside, papers
from shared.actor import Actor
from shared.crypto import KeyDirectory, SubjectKey
from shared.crypto.encoding import to_base64url
from shared.db import UnitOfWork
from shared.errors import AccessDenied, DomainError
from shared.ids import ConversationId, SubjectId
from shared.messages import Report, Said, verify_evidence
from shared.messages.evidence import EvidenceMessage, Ground
from shared.messages.evidence import export_evidence as write_file
from shared.node import Node
from shared.outbox import answers_subject

_NAME_A_POLICY = frozenset({"proposed", "accepted", "declined"})
_KINDS = {kind.value: kind for kind in Message}


async def export_evidence(
    node: Node, actor: Actor, handover_id: ConversationId, *, with_bodies: bool = False
) -> bytes:
    """The file: every message and receipt as it was signed, the chain, the policy it went by.

    Args:
        with_bodies: personal data too; without them every signature and hash still holds.

    Raises:
        AccessDenied: not the actor's to see.
    """
    return await _written(
        node, actor, handover_id, "handover.evidence_exported", with_bodies=with_bodies
    )


async def check_evidence(node: Node, actor: Actor, handover_id: ConversationId) -> Report:
    """What this end's evidence proves now, checked as anybody would who was given the file.

    With what is kept of the contents: that it still is what was signed.

    Raises:
        AccessDenied: not the actor's to see.
    """
    content = await _written(
        node, actor, handover_id, "handover.evidence_checked", with_bodies=True
    )
    return verify_evidence(content, _keys_of_all(node), follows_protocol)


async def _written(
    node: Node, actor: Actor, handover_id: ConversationId, event: str, *, with_bodies: bool
) -> bytes:
    seen = await find_end(node, actor, handover_id)
    may_open = is_reader(seen, actor)  # the proof is for all who see it, the words are not
    conversation = await _key(node, subject_of(handover_id)) if may_open else None
    answers = await _key(node, answers_subject(node.authority, seen.other))
    async with node.db.begin(actor) as uow:
        opened = conversation if with_bodies else None
        is_on_paper = isinstance(seen, Outgoing) and seen.is_on_paper
        found = await attached.signed_messages(uow, handover_id, opened, answers)
        noted = await papers.signed(uow, handover_id, opened) if is_on_paper else ()
        bodies = {} if opened is None else await beside.bodies(uow, handover_id, opened)
        links = await _links(uow, seen)
        grounds = await _grounds(uow, node, seen, conversation)
        uow.audit(
            event,
            case_id=seen.case_id,
            handover=str(handover_id),
            with_bodies=with_bodies,
        )
        await uow.commit()
    return write_file(
        [*(EvidenceMessage(*each) for each in found), *_letters(noted, bodies)],
        conversation_id=handover_id,
        exported_by=node.authority,
        directory_version=_directory_version(node),
        signer=node.keyring.signing(node.wall.now()),
        now=node.wall.now(),
        links=[link.signatures for link in links],
        grounds=grounds,
        papers=[jws for paper, jws, _ in noted if paper.what != "message"],
        is_one_sided=is_on_paper,
    )


def _letters(
    noted: Sequence[papers.Signed], bodies: Mapping[UUID, bytes]
) -> Iterator[EvidenceMessage]:
    """Our words on paper: signed as every message, by us, with their content where it is kept."""
    for paper, jws, salt in noted:
        if paper.what != "message":
            continue
        body = bodies.get(paper.paper_id)
        if body is None or salt is None:
            yield EvidenceMessage(jws)
        else:
            yield EvidenceMessage(jws, body.decode(), to_base64url(salt))


async def _grounds(uow: UnitOfWork, node: Node, seen: End, key: SubjectKey | None) -> list[Ground]:
    """The policies of both that were in force, and the consent or law, each by its hash."""
    began = seen.received_at if isinstance(seen, Incoming) else seen.proposed_at
    ours = policy_at(node, began or uow.now)
    grounds = [_policy(node.authority, ours.valid_from, ours.sha256)]
    kept = {} if key is None else await beside.bodies(uow, seen.handover_id, key)
    for each in await beside.messages(uow, seen.handover_id):
        if each.message_id not in kept or each.kind not in _NAME_A_POLICY:
            continue
        body = wire.read(each.kind, kept[each.message_id])
        if not isinstance(body, wire.Proposed | wire.Accepted | wire.Declined):
            continue  # a paper names no policy by its hash
        author = node.authority if each.is_ours else seen.other
        grounds.append(_policy(author, body.policy_from, body.policy_sha256))
        if isinstance(body, wire.Proposed):
            digest = sha256(msgspec.json.encode(body.ground)).hexdigest()
            match body.ground:
                case wire.ConsentGround(consent_id=consent_id):
                    grounds.append(Ground("consent", str(consent_id), digest))
                case wire.StatuteGround(law=law):
                    grounds.append(Ground("law", law, digest))
    return list(dict.fromkeys(grounds))


def _policy(authority: str, valid_from: date, digest: str) -> Ground:
    return Ground("policy", f"{authority} {valid_from.isoformat()}", digest)


def _directory_version(node: Node) -> int:
    known = node.directory
    return known.directory.version if isinstance(known, directory.LiveDirectory) else 0


def _keys_of_all(node: Node) -> KeyDirectory:
    """Who has left since signed what it signed: its evidence does not leave with it."""
    known = node.directory
    if isinstance(known, directory.LiveDirectory):
        return directory.Trust(known.directory, keeps_removed=True)
    return known


async def _key(node: Node, subject: SubjectId) -> SubjectKey | None:
    """None where it was destroyed, or never made: the proof stands without the words."""
    try:
        return await node.case_keys.get(subject)
    except (DomainError, AccessDenied):
        return None


async def _links(uow: UnitOfWork, seen: End) -> Sequence[cases.Link]:
    """The case's chain, where the case is, or was, here."""
    return [] if seen.case_id is None else await cases.chain(uow, seen.case_id)


def follows_protocol(headers: Sequence[Said], links: Sequence[bytes]) -> Iterator[tuple[int, str]]:
    """Name the messages that no run of the two tables sends: what `verify_evidence` asks for."""
    yield from _out_of_order(headers)
    yield from _without_link(headers, links)


def _without_link(headers: Sequence[Said], links: Sequence[bytes]) -> Iterator[tuple[int, str]]:
    """A take-over is in the chain: whoever leaves out its last link does not prove less by it."""
    refused = {header.refers_to for header in headers if header.kind == "refusal"}
    claimed = {_claim(link) for link in links}
    for index, header in enumerate(headers):
        if header.kind != Message.COMPLETED.value or header.message_id in refused:
            continue
        if ("responsible", header.sender, header.receiver) not in claimed:
            yield index, "handover.link_missing"


def _claim(link: bytes) -> tuple[str, str, str | None] | None:
    try:
        said = msgspec.json.decode(link, type=cases.Link)
    except BAD_JSON:
        return None
    return said.kind, said.authority, said.counterpart


def _out_of_order(headers: Sequence[Said]) -> Iterator[tuple[int, str]]:
    refused = {header.refers_to for header in headers if header.kind == "refusal"}
    directions: dict[str, list[tuple[int, Sent]]] = {"forward": [], "back": []}
    for index, header in enumerate(headers):
        kind = _KINDS.get(header.kind)
        if kind is not None and header.number:
            sent = Sent(kind, header.message_id in refused)
            directions[header.direction].append((index, sent))
    numbers = {index: headers[index].number for found in directions.values() for index, _ in found}
    for found in directions.values():
        found.sort(key=lambda each: numbers[each[0]])
    forward, back = directions["forward"], directions["back"]
    explained = first_impossible([sent for _, sent in forward], [sent for _, sent in back])
    if explained is None:
        return
    for found, count in zip((forward, back), explained, strict=True):
        if count < len(found):
            yield found[count][0], "handover.out_of_order"
