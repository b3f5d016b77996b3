"""Whether an evidence file holds, and if not, where."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.crypto import KeyDirectory, key_id_of, payload_of
from shared.crypto.encoding import from_base64url
from shared.errors import WireError
from shared.ids import AuthorityCode
from shared.messages.envelope import BAD_JSON, Header, check_content, verify
from shared.messages.evidence.document import (
    EvidenceLink,
    EvidenceMessage,
    EvidencePaper,
    Heading,
    Manifest,
    Step,
)
from shared.messages.evidence.places import Line, Placed, misplaced, place, places_of
from shared.messages.evidence.report import Failure, Report
from shared.messages.kinds import Receipt, Refusal
from shared.messages.paper import RECEIPT, SENT, Paper, verify_paper

MAX_BYTES: Final = 64 * 1024 * 1024

_CUT: Final = b""
"""No line at all: what stands for one without its end."""

_Line = TypeVar("_Line")
_HEADING: Final = msgspec.json.Decoder(Heading)
_STEP: Final[msgspec.json.Decoder[Step]] = msgspec.json.Decoder(Step)

_ANSWERS: Final[Mapping[str, type[Receipt] | type[Refusal]]] = {
    "receipt": Receipt,
    "refusal": Refusal,
}


Said = Header | Paper
"""What one end said: a message that it signed, or a paper that the other end noted."""
Protocol = Callable[[Sequence[Said], Sequence[bytes]], Iterable[tuple[int, str]]]
"""Given messages, then papers, and links, names those that no state of the protocol allows, or that
lack the link they led to: index among those given, and code."""


class _LinkClaims(msgspec.Struct, frozen=True):
    """What the kernel must know of a link: its place, its maker, and the hash of the one before.

    Args:
        at: needed of a link that another signed, and so is `kind` of those before it.
        recorded_by: who signed it instead of its maker, who has no node.
    """

    number: int
    authority: Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
    previous_hash: str
    kind: str = ""
    counterpart: str | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    recorded_by: Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")] | None = None


@dataclass(frozen=True, slots=True)
class _Verified:
    """A message whose signature holds."""

    where: str
    header: Header
    message: EvidenceMessage

    def failure(self, code: str) -> Failure:
        header = self.header
        return Failure(self.where, code, f"{header.kind} {header.direction} {header.number}")


def verify_evidence(
    content: bytes, directory: KeyDirectory, protocol: Protocol | None = None
) -> Report:
    """Check every signature, hash, number, receipt and link; name whatever fails.

    Args:
        directory: one that still knows removed authorities.
        protocol: the legal order of kinds, where somebody knows it.
    """
    heading, *lines = _read(content)
    try:
        manifest = _manifest(heading, directory)
    except WireError as error:
        is_evidence = heading is not None or any(line.step is not None for line in lines)
        where = "manifest" if is_evidence else "file"
        return Report(None, (), (), 0, (Failure(where, error.code),))
    places = places_of(manifest)
    placed = place(lines, places)
    failures = list(misplaced(placed, places))
    verified, forged = _verified(placed, directory)
    failures += forged
    papers, unproved = _papers(placed, manifest, directory)
    failures += unproved
    failures += _contents(verified, manifest)
    headers = tuple(each.header for each in verified)
    noted = tuple(each.paper for each in papers)
    failures += _numbering((*headers, *noted))
    failures += _answering(verified, is_one_sided=manifest.is_one_sided)
    failures += _paper_answers(papers, headers)
    failures += _spoken_for(manifest, headers, papers, directory)
    links, broken = _chain(placed, directory)
    failures += broken
    if protocol is not None:
        said: tuple[_Verified | _Noted, ...] = (*verified, *papers)
        failures += [said[at].failure(code) for at, code in protocol((*headers, *noted), links)]
    erased = sum(each.message.body is None for each in verified)
    return Report(manifest, headers, links, erased, tuple(failures), noted)


def _read(content: bytes) -> tuple[Heading | None, *tuple[Line, ...]]:
    """The heading, and each line below it; None stands for what is not in our spelling."""
    if len(content) > MAX_BYTES:
        return (None,)
    first, *rest = content.split(b"\n")
    end = rest.pop() if rest else b"none"
    if end:  # every line has an end, the last one too
        rest.append(_CUT)
    heading = _decoded(first, _HEADING)
    return heading, *(Line(at, _decoded(each, _STEP)) for at, each in enumerate(rest, start=2))


def _decoded(line: bytes, form: msgspec.json.Decoder[_Line]) -> _Line | None:
    try:
        found = form.decode(line)
    except BAD_JSON:
        return None
    return found if msgspec.json.encode(found) == line else None  # one line has one spelling


def _manifest(heading: Heading | None, directory: KeyDirectory) -> Manifest:
    if heading is None:
        raise WireError("evidence.unreadable")
    try:
        manifest = msgspec.json.decode(payload_of(heading.manifest), type=Manifest)
    except BAD_JSON as error:
        raise WireError("evidence.manifest") from error
    key = directory.signing_key(AuthorityCode(manifest.exported_by), key_id_of(heading.manifest))
    key.verify(heading.manifest)
    if not key.is_valid_at(manifest.exported_at):
        raise WireError("wire.expired_key")
    return manifest


def _verified(
    placed: Sequence[Placed], directory: KeyDirectory
) -> tuple[Sequence[_Verified], Sequence[Failure]]:
    verified: list[_Verified] = []
    failures: list[Failure] = []
    for each in placed:
        message = each.line.step
        if not isinstance(message, EvidenceMessage):
            continue
        try:
            header = verify(message.jws, directory)
        except WireError as error:
            failures.append(Failure(each.where, error.code, each.name))
        else:
            verified.append(_Verified(each.where, header, message))
    return verified, failures


@dataclass(frozen=True, slots=True)
class _Noted:
    """A paper whose statement holds."""

    where: str
    paper: Paper

    def failure(self, code: str) -> Failure:
        return Failure(self.where, code, self.paper.name)


def _papers(
    placed: Sequence[Placed], manifest: Manifest, directory: KeyDirectory
) -> tuple[Sequence[_Noted], Sequence[Failure]]:
    """Each is the exporter's own statement, of this conversation, and of one end to the other."""
    found: list[_Noted] = []
    failures: list[Failure] = []
    for each in placed:
        if not isinstance(each.line.step, EvidencePaper):
            continue
        try:
            noted = _Noted(each.where, verify_paper(each.line.step.jws, directory))
        except WireError as error:
            failures.append(Failure(each.where, error.code, each.name))
            continue
        found.append(noted)
        paper = noted.paper
        ends = {paper.sender, paper.receiver}
        if paper.conversation_id != manifest.conversation_id:
            failures.append(noted.failure("evidence.other_conversation"))
        if paper.recorded_by != manifest.exported_by or paper.recorded_by not in ends:
            failures.append(noted.failure("evidence.paper_of_another"))
        if not manifest.is_one_sided:
            failures.append(noted.failure("evidence.paper_two_sided"))
    return found, failures


def _spoken_for(
    manifest: Manifest, headers: Sequence[Header], papers: Sequence[_Noted], directory: KeyDirectory
) -> Iterator[Failure]:
    """Nobody is spoken for on paper who could sign when the conversation began.

    Without this, who has had a signed no could leave it out and note a yes; without a single paper,
    who has had no receipt would need none.
    """
    if not manifest.is_one_sided:
        return
    ours = [each for each in headers if each.sender == manifest.exported_by and each.number > 0]
    others = {end for each in headers for end in (each.sender, each.receiver)}
    others |= {end for each in papers for end in (each.paper.sender, each.paper.receiver)}
    dates = [each.signed_at for each in ours] or [each.paper.recorded_at for each in papers]
    began = min(dates, default=manifest.exported_at)
    able = {
        end
        for end in others - {manifest.exported_by}
        if directory.could_sign(AuthorityCode(end), began)
    }
    if able:
        yield Failure("manifest", "evidence.paper_two_sided")
    for each in papers:
        if able & {each.paper.sender, each.paper.receiver}:
            yield each.failure("evidence.paper_two_sided")


def _paper_answers(papers: Sequence[_Noted], headers: Sequence[Header]) -> Iterator[Failure]:
    """A letter that left, and a proof that it arrived, are about a message of this file."""
    known = {header.message_id for header in headers if header.number > 0}
    for each in papers:
        if each.paper.kind in {SENT, RECEIPT} and each.paper.refers_to not in known:
            yield each.failure("evidence.answers_nothing")


def _contents(verified: Iterable[_Verified], manifest: Manifest) -> Iterator[Failure]:
    """Each belongs here, and its body, where there is one, is the one that was signed."""
    for each in verified:
        if each.header.conversation_id != manifest.conversation_id:
            yield each.failure("evidence.other_conversation")
        body, salt = each.message.body, each.message.salt
        if (body is None) != (salt is None):
            yield each.failure("evidence.half_content")
        elif body is not None and salt is not None and not _is_content(each.header, body, salt):
            yield each.failure("wire.content")


def _is_content(header: Header, body: str, salt: str) -> bool:
    try:
        check_content(header, body.encode(), from_base64url(salt))
    except (WireError, ValueError):
        return False
    return True


def _numbering(said: Sequence[Said]) -> Iterator[Failure]:
    """From 1 without a hole in each direction, and in each one authority speaks."""
    for direction in ("forward", "back"):
        flow = [each for each in said if each.direction == direction]
        if len({(each.sender, each.receiver) for each in flow}) > 1:
            yield Failure(direction, "evidence.other_sender")
        before = 0
        for number in sorted(each.number for each in flow if each.number > 0):
            if number == before:
                yield Failure(f"{direction} {number}", "evidence.number_twice")
            elif number > before + 1:  # the first of the hole names it, however wide it is
                yield Failure(f"{direction} {before + 1}", "evidence.number_missing")
            before = number


def _answering(verified: Sequence[_Verified], *, is_one_sided: bool) -> Iterator[Failure]:
    """Every numbered message was answered by its addressee, for this very content."""
    asked = {each.header.message_id: each for each in verified if each.header.number > 0}
    answered: set[UUID] = set()
    for each in verified:
        if each.header.kind not in _ANSWERS:
            continue
        question = asked.get(each.header.refers_to) if each.header.refers_to else None
        if question is None:
            yield each.failure("evidence.answers_nothing")
        elif (each.header.sender, each.header.receiver) != (
            question.header.receiver,
            question.header.sender,
        ):
            yield each.failure("evidence.other_sender")
        elif _vouched_hash(each) != question.header.content_hash:
            yield each.failure("evidence.other_content")
        else:
            answered.add(question.header.message_id)
    if not is_one_sided:
        for message_id, each in asked.items():
            if message_id not in answered:
                yield each.failure("evidence.receipt_missing")


def _vouched_hash(answer: _Verified) -> str | None:
    """Which content an answer is about; None where its body, never erased, cannot tell."""
    try:
        body = msgspec.json.decode(answer.message.body or "", type=_ANSWERS[answer.header.kind])
    except BAD_JSON:
        return None
    return body.content_hash


def _chain(
    placed: Sequence[Placed], directory: KeyDirectory
) -> tuple[Sequence[bytes], Sequence[Failure]]:
    """Each names the one before, and is signed by who made it, or by who says that it notes it."""
    before = ""
    claimed: list[_LinkClaims] = []
    verified: list[bytes] = []
    failures: list[Failure] = []
    for each in placed:
        link = each.line.step
        if not isinstance(link, EvidenceLink):
            continue
        try:
            payload = payload_of(link.signatures[0])
            claims = msgspec.json.decode(payload, type=_LinkClaims)
            for jws in link.signatures:
                signer = AuthorityCode(claims.recorded_by or claims.authority)
                _check_signed(jws, payload, signer, directory)
        except WireError as error:
            failures.append(Failure(each.where, error.code))
        except BAD_JSON:
            failures.append(Failure(each.where, "evidence.unreadable"))
        else:
            if (claims.number, claims.previous_hash) != (len(verified) + 1, before):
                failures.append(Failure(each.where, "evidence.link_broken"))
            if not _has_to_be_noted(claims, claimed, directory):
                failures.append(Failure(each.where, "evidence.paper_two_sided"))
            claimed.append(claims)
            verified.append(payload)
            before = hashlib.sha256(payload).hexdigest()
    return tuple(verified), failures


def _has_to_be_noted(
    link: _LinkClaims, before: Sequence[_LinkClaims], directory: KeyDirectory
) -> bool:
    """Whether its maker had no key, and the signer had, when the handover began that it ends."""
    if link.recorded_by is None:
        return True
    began = link.at
    for each in reversed(before):
        ends = (each.authority, each.counterpart)
        if each.kind == "proposed" and ends == (link.recorded_by, link.authority):
            began = each.at
            break
        if each.kind == "responsible":
            break
    if began is None:
        return False
    signer, maker = AuthorityCode(link.recorded_by), AuthorityCode(link.authority)
    return directory.could_sign(signer, began) and not directory.could_sign(maker, began)


def _check_signed(jws: str, payload: bytes, maker: AuthorityCode, directory: KeyDirectory) -> None:
    if directory.signing_key(maker, key_id_of(jws)).verify(jws) != payload:
        raise WireError("evidence.link_differs")
