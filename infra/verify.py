"""`utvag verify FILE`: does this evidence hold? Needs the directory and nothing else.

Works offline and without a node: whoever has the file, the directory and the operator's pinned key
can check what two authorities told each other, when, and from when the receiver was responsible.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from gateway.texts.evidence import explain
from infra.directory import TrustFiles
from services.directory.api import BAD_JSON, Anchor, SignedDirectory, Trust, accept
from shared.errors import DomainError
from shared.messages import Header, Paper, Report, verify_evidence
from shared.messages.evidence import Protocol


class _Responsible(msgspec.Struct, frozen=True):
    """What a link says of who answers for the case."""

    kind: str
    authority: str
    at: datetime
    recorded_by: str | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a file proves, for a person and for a program."""

    report: Report

    @property
    def holds(self) -> bool:
        """Whether everything was proved."""
        return self.report.holds

    def as_text(self) -> str:
        """In Swedish, one fact a line."""
        return "\n".join(_lines(self.report))

    def as_facts(self) -> dict[str, Any]:
        """For a program; no bodies, so no personal data."""
        report = self.report
        return {
            "holds": report.holds,
            "manifest": msgspec.to_builtins(report.manifest),
            "messages": [msgspec.to_builtins(header) for header in report.headers],
            "papers": [msgspec.to_builtins(paper) for paper in report.papers],
            "responsible": [msgspec.to_builtins(each) for each in _responsible(report)],
            "erased": report.erased,
            "failures": [
                {"where": each.where, "code": each.code, "name": each.name}
                for each in report.failures
            ],
        }


ONE_SIDED = (
    "Ensidigt bevis: den andra myndigheten har ingen nod och har inte skrivit under något här.",
    "Bevisat: vad utlämnaren skrev under, vad den antecknade om varje papper, och att det är orört.",
    "Inte bevisat: att den andra myndigheten fick eller skrev det som står på papperen.",
    "Det visar papperen själva; varje fil känns igen på sitt kontrollvärde.",
)


def trust_for_evidence(trust: TrustFiles) -> Trust:
    """The directory, checked from the pinned key, that still believes who has left since.

    Raises:
        DomainError: `directory.*`; `directory.missing` when a file is not there.
    """
    try:
        anchor = msgspec.json.decode(trust.anchor.read_bytes(), type=Anchor)
        document = msgspec.json.decode(trust.directory.read_bytes(), type=SignedDirectory)
    except OSError as error:
        raise DomainError("directory.missing") from error
    except BAD_JSON as error:
        raise DomainError("directory.unreadable") from error
    return Trust(accept(document, None, anchor=anchor), keeps_removed=True)


def verify_file(path: Path, trust: TrustFiles, protocol: Protocol | None = None) -> FileReport:
    """Check an evidence file.

    Args:
        trust: a folder with the directory and the operator's pinned key.
        protocol: the legal order of kinds, as the service that owns the protocol states it.

    Raises:
        DomainError: `directory.*`: there is nothing to check against.
        OSError: the file cannot be read.
    """
    return FileReport(verify_evidence(path.read_bytes(), trust_for_evidence(trust), protocol))


def _lines(report: Report) -> Iterator[str]:
    manifest = report.manifest
    if manifest is not None:
        yield (
            f"Bevis över {manifest.conversation_id}, utlämnat av {manifest.exported_by} "
            f"{manifest.exported_at:%Y-%m-%d %H:%M} UTC, katalog {manifest.directory_version}."
        )
        if manifest.is_one_sided:
            yield from ONE_SIDED
        for ground in manifest.grounds:
            yield f"Grund: {ground.kind} {ground.name} ({ground.sha256[:16]}…)"
    for header in report.headers:
        yield _told(header)
    for paper in report.papers:
        yield _noted(paper)
    for link in _responsible(report):
        alone = f" Antecknat av {link.recorded_by} ensam." if link.recorded_by else ""
        yield f"Ansvarig: {link.authority} från {link.at:%Y-%m-%d %H:%M:%S} UTC.{alone}"
    if report.erased:
        yield f"Innehållet i {report.erased} meddelanden följer inte med; underskrifterna håller."
    if report.holds:
        yield "Allt stämmer."
    for failure in report.failures:
        yield f"FEL: {explain(failure)}"


def _responsible(report: Report) -> Iterator[_Responsible]:
    for payload in report.links:
        with contextlib.suppress(*BAD_JSON):  # another link's form is that service's to judge
            link = msgspec.json.decode(payload, type=_Responsible)
            if link.kind == "responsible":
                yield link


def _noted(paper: Paper) -> str:
    number = f" nr {paper.number}" if paper.number else ""
    who = "en person" if paper.persons == 1 else "två personer"
    return (
        f"{paper.paper_on:%Y-%m-%d} på papper  {paper.sender} → {paper.receiver}  {paper.kind}{number}, "
        f"antecknat av {paper.recorded_by} ({who}), fil {paper.paper_sha256[:16]}…"
    )


def _told(header: Header) -> str:
    number = f" nr {header.number}" if header.number else ""
    return (
        f"{header.signed_at:%Y-%m-%d %H:%M:%S} UTC  {header.sender} → {header.receiver}  "
        f"{header.kind}{number}"
    )
