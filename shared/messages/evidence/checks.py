"""Whether an evidence file holds, and if not, where."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.crypto import KeyDirectory, key_id_of, payload_of
from shared.crypto.encoding import from_base64url
from shared.errors import WireError
from shared.ids import AuthorityCode
from shared.messages.envelope import BAD_JSON, Header, check_content, verify
from shared.messages.evidence.document import (
    EvidenceFile,
    EvidenceLink,
    EvidenceMessage,
    Manifest,
    digest,
)
from shared.messages.kinds import Receipt, Refusal

MAX_BYTES: Final = 64 * 1024 * 1024

_ANSWERS: Final[Mapping[str, type[Receipt] | type[Refusal]]] = {
    "receipt": Receipt,
    "refusal": Refusal,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that does not hold.

    Args:
        where: `file`, `manifest`, `message 3`, `link 2`, `forward 4` (a number of a direction).
        code: stable, dotted.
        name: which message it is or was, where that is known.
    """

    where: str
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the file proves, and what it does not.

    Args:
        manifest: None when not even that can be believed.
        headers: of the messages that verified, in the file's order.
        links: of the responsibility chain, those that verified; what was signed, JSON.
        erased: how many of them have no body any more.
        failures: empty when all of it holds.
    """

    manifest: Manifest | None
    headers: Sequence[Header]
    links: Sequence[bytes]
    erased: int
    failures: Sequence[Failure]

    @property
    def holds(self) -> bool:
        """Whether everything was proved."""
        return not self.failures


Protocol = Callable[[Sequence[Header]], Iterable[tuple[int, str]]]
"""Names the messages that no state of the protocol allows: index among those given, and code."""


class _LinkClaims(msgspec.Struct, frozen=True):
    """What the kernel must know of a link: its place, its maker, and the hash of the one before."""

    number: int
    authority: Annotated[str, Meta(pattern=r"\A[0-9]{4}\Z")]
    previous_hash: str


@dataclass(frozen=True, slots=True)
class _Verified:
    """A message whose signature holds."""

    place: int
    header: Header
    message: EvidenceMessage

    @property
    def where(self) -> str:
        return f"message {self.place}"

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
    try:
        file = _read(content)
        manifest = _manifest(file.manifest, directory)
    except WireError as error:
        where = "file" if error.code == "evidence.unreadable" else "manifest"
        return Report(None, (), (), 0, (Failure(where, error.code),))
    verified: list[_Verified] = []
    failures = list(_listing(manifest, file))
    for place, message in enumerate(file.messages, start=1):
        try:
            header = verify(message.jws, directory)
        except WireError as error:
            failures.append(Failure(f"message {place}", error.code))
            continue
        verified.append(_Verified(place, header, message))
    failures += _contents(verified, manifest)
    failures += _numbering(verified)
    failures += _answering(verified, is_one_sided=manifest.is_one_sided)
    links, broken = _chain(file.links, directory)
    failures += broken
    headers = tuple(each.header for each in verified)
    if protocol is not None:
        failures += [verified[index].failure(code) for index, code in protocol(headers)]
    erased = sum(each.message.body is None for each in verified)
    return Report(manifest, headers, links, erased, tuple(failures))


def _read(content: bytes) -> EvidenceFile:
    if len(content) > MAX_BYTES:
        raise WireError("evidence.unreadable")
    try:
        file = msgspec.json.decode(content, type=EvidenceFile)
    except BAD_JSON as error:
        raise WireError("evidence.unreadable") from error
    if msgspec.json.encode(file) != content:  # one file has one spelling
        raise WireError("evidence.unreadable")
    return file


def _manifest(jws: str, directory: KeyDirectory) -> Manifest:
    try:
        manifest = msgspec.json.decode(payload_of(jws), type=Manifest)
    except BAD_JSON as error:
        raise WireError("evidence.manifest") from error
    key = directory.signing_key(AuthorityCode(manifest.exported_by), key_id_of(jws))
    key.verify(jws)
    if not key.is_valid_at(manifest.exported_at):
        raise WireError("wire.expired_key")
    return manifest


def _listing(manifest: Manifest, file: EvidenceFile) -> Iterator[Failure]:
    """What the manifest lists and the file lacks, and the other way round."""
    listed_messages = [(each.sha256, each.name) for each in manifest.messages]
    found_messages = [digest(message.jws) for message in file.messages]
    listed_links = [(sha256, "") for sha256 in manifest.links]
    found_links = [digest(*link.signatures) for link in file.links]
    for what, listed, found in (
        ("message", listed_messages, found_messages),
        ("link", listed_links, found_links),
    ):
        known = [sha256 for sha256, _ in listed]
        for place, (sha256, name) in enumerate(listed, start=1):
            if sha256 not in found:
                yield Failure(f"{what} {place}", "evidence.step_missing", name)
        for place, sha256 in enumerate(found, start=1):
            if sha256 not in known:
                yield Failure(f"{what} {place}", "evidence.step_unlisted")
        if known != found and sorted(known) == sorted(found):
            yield Failure(what, "evidence.order")


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


def _numbering(verified: Sequence[_Verified]) -> Iterator[Failure]:
    """From 1 without a hole in each direction, and in each one authority speaks."""
    for direction in ("forward", "back"):
        flow = [each.header for each in verified if each.header.direction == direction]
        if len({(header.sender, header.receiver) for header in flow}) > 1:
            yield Failure(direction, "evidence.other_sender")
        before = 0
        for number in sorted(header.number for header in flow if header.number > 0):
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
    links: Sequence[EvidenceLink], directory: KeyDirectory
) -> tuple[Sequence[bytes], Sequence[Failure]]:
    """Each names the one before, and is signed by who made it."""
    before, verified, failures = "", [], []
    for number, link in enumerate(links, start=1):
        try:
            payload = payload_of(link.signatures[0])
            claims = msgspec.json.decode(payload, type=_LinkClaims)
            for jws in link.signatures:
                _check_signed(jws, payload, AuthorityCode(claims.authority), directory)
        except WireError as error:
            failures.append(Failure(f"link {number}", error.code))
        except BAD_JSON:
            failures.append(Failure(f"link {number}", "evidence.unreadable"))
        else:
            if (claims.number, claims.previous_hash) != (number, before):
                failures.append(Failure(f"link {number}", "evidence.link_broken"))
            verified.append(payload)
            before = hashlib.sha256(payload).hexdigest()
    return tuple(verified), failures


def _check_signed(jws: str, payload: bytes, maker: AuthorityCode, directory: KeyDirectory) -> None:
    if directory.signing_key(maker, key_id_of(jws)).verify(jws) != payload:
        raise WireError("evidence.link_differs")
