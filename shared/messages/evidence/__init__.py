"""A conversation as proof: one file that anybody with the directory can verify, offline.

The file holds every message as it was signed, with body and salt where they still exist, the papers
of an authority that has no node as the exporter noted them, the links of the responsibility chain, and a **manifest** under the exporter's signature that lists them all.
The parts prove themselves one by one, so that a fault is named where it is; the manifest proves
that nothing was left out at the end, where no number is missing.

Erasing a body does not break the proof: the header with its hash was signed, and stays.
"""

from shared.messages.evidence.checks import Protocol, Said, verify_evidence
from shared.messages.evidence.document import (
    EvidenceLink,
    EvidenceMessage,
    EvidencePaper,
    Ground,
    Manifest,
    export_evidence,
)
from shared.messages.evidence.report import Failure, Report

__all__ = [
    "EvidenceLink",
    "EvidenceMessage",
    "EvidencePaper",
    "Failure",
    "Ground",
    "Manifest",
    "Protocol",
    "Report",
    "Said",
    "export_evidence",
    "verify_evidence",
]
