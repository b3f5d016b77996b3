"""The golden files of what crosses between authorities: one for each kind and version.

A file holds the schema's digest and bodies as they were written on the day the version was made. To
make one for a new kind or version, with at least one body:

    python -m tests.support.golden proposed 2 '{"…": "…"}' ['{…}' …]

There is no way to change one here, on purpose: a node of another release reads by it.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from gateway.node import make_registry
from services.audit.wire import Statement
from services.cases.api import Link
from services.directory.domain import (
    Anchor,
    Entry,
    JoinTest,
    KeyStatement,
    Profile,
    Removal,
    Root,
    SignedDirectory,
)
from services.handover.wire import DossierContent, DossierContentWithFiles
from services.statistics.wire import ReleaseOrder
from shared.messages import Header
from shared.messages.evidence.document import EvidenceLink, EvidenceMessage, Heading, Manifest
from shared.outbox.attachments import ATTACHMENT_CHUNK, AttachmentChunk

FOLDER = Path(__file__).parents[1] / "contract/messages/golden/wire"

BESIDE: dict[str, dict[int, type[msgspec.Struct]]] = {
    ATTACHMENT_CHUNK: {1: AttachmentChunk},
    "attachment-dossier": {1: DossierContent, 2: DossierContentWithFiles},
    "signed-header": {1: Header},
    "signed-link": {1: Link},
    "signed-checkpoint": {1: Statement},
    "signed-keys": {1: KeyStatement},
    "signed-profile": {1: Profile},
    "signed-removal": {1: Removal},
    "signed-join-test": {1: JoinTest},
    "signed-list": {1: Root},
    "signed-release-order": {1: ReleaseOrder},
    "directory-entry": {1: Entry},
    "directory-file": {1: SignedDirectory},
    "directory-anchor": {1: Anchor},
    "evidence-heading": {2: Heading},
    "evidence-message": {2: EvidenceMessage},
    "evidence-link": {2: EvidenceLink},
    "evidence-manifest": {1: Manifest},
}
"""What is signed, kept or handed over without being a message's body."""

WHAT_TO_DO = (
    "What other nodes read is never changed: leave the struct of {name} version {version} as it was, "
    "make the new form a struct of its own, register it as the next version beside the old one, and "
    "write its golden file: python -m tests.support.golden {name} NUMBER 'BODY'."
)


def structs() -> Iterator[tuple[str, int, type[msgspec.Struct]]]:
    """Every form that crosses, in the versions that this release reads."""
    yield from make_registry()
    for name, versions in BESIDE.items():
        for version, struct in versions.items():
            yield name, version, struct


def golden_file(name: str, version: int) -> Path:
    return FOLDER / f"{name}.{version}.json"


def schema_digest(struct: type[msgspec.Struct]) -> str:
    """Changes with every field, type, limit and default; not with what is written about them."""
    schema = _bare(msgspec.json.schema(struct))
    return hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()


def write(name: str, version: int, bodies: list[str]) -> None:
    known = {(each, number): struct for each, number, struct in structs()}
    if (name, version) not in known:
        raise SystemExit(f"nothing reads {name} version {version}")
    file = golden_file(name, version)
    if file.exists():
        raise SystemExit(WHAT_TO_DO.format(name=name, version=version))
    struct = known[name, version]
    for body in bodies:
        msgspec.json.decode(body, type=struct)
    FOLDER.mkdir(parents=True, exist_ok=True)
    content = {"schema_sha256": schema_digest(struct), "bodies": bodies}
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _bare(part: Any) -> Any:
    if isinstance(part, dict):
        return {k: _bare(v) for k, v in part.items() if k not in {"description", "title"}}
    return [_bare(each) for each in part] if isinstance(part, list) else part


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
