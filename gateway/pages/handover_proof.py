"""What came, and what proves it: the dossier with what is withheld, the evidence and its file."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gateway.pages.frame import Page, node_of, page
from gateway.pages.handover_acts import ACCESS, WORKERS
from gateway.pages.handover_view import name_of, opened
from gateway.texts import evidence as evidence_words
from gateway.texts.fields import field_words
from services.handover import api as handover
from shared.errors import AccessDenied
from shared.ids import ConversationId


@get("/handovers/{handover_id:uuid}/dossier", access=WORKERS)
async def dossier(request: Page, handover_id: FromPath[UUID]) -> Any:
    """The dossier with what is withheld; reading it is audited."""
    view = await opened(request, handover_id, "dossier")
    if view.dossier is None or not isinstance(view.row, handover.Incoming):
        raise AccessDenied
    return page(
        request,
        "handover/dossier",
        f"Underlag – {name_of(view)}",
        crumbs=[("Överlämningar", "/handovers"), (name_of(view), f"/handovers/{handover_id}")],
        sender=view.row.sender,
        sections=[
            {"name": section.__struct_config__.tag, "rows": section_rows(section)}
            for section in view.dossier.sections
        ],
        withheld=view.dossier.withheld,
        documents=[each.document for each in view.dossier.documents],
        withheld_documents=view.dossier.withheld_documents,
        received_at=view.row.dossier_at or view.row.since,
        chain=view.dossier.chain,
        back=f"/handovers/{handover_id}",
    )


@get("/handovers/{handover_id:uuid}/evidence", access=ACCESS)
async def evidence(request: Page, handover_id: FromPath[UUID]) -> Any:
    """Every message and receipt, what checking them says now, and the file that proves them."""
    view = await opened(request, handover_id, "evidence")
    report = await handover.check_evidence(
        node_of(request), request.user, ConversationId(handover_id)
    )
    hashes = {header.message_id: header.content_hash for header in report.headers}
    answered = {
        header.refers_to: header.signed_at
        for header in report.headers
        if header.kind in {"receipt", "refusal"}
    }
    found = evidence_words.checks(report)
    return page(
        request,
        "handover/evidence",
        f"Bevis – {name_of(view)}",
        crumbs=[("Överlämningar", "/handovers"), (name_of(view), f"/handovers/{handover_id}")],
        heading=name_of(view),
        rows=[
            {
                "number": message.number,
                "kind": message.kind,
                "sender": node_of(request).authority if message.is_ours else view.row.other,
                "signed_at": message.at,
                "receipt_at": view.receipts.get(message.message_id)
                or answered.get(message.message_id),
                "content_hash": hashes.get(message.message_id),
                "is_erased": message.message_id not in view.bodies,
            }
            for message in view.messages
        ],
        verdict=evidence_words.verdict(found),
        checks=found,
        checked_at=node_of(request).clock.now(),
        is_one_sided=report.manifest is not None and report.manifest.is_one_sided,
        download_href=f"/handovers/{handover_id}/evidence/file",
        back=f"/handovers/{handover_id}",
    )


@get("/handovers/{handover_id:uuid}/evidence/file", access=ACCESS)
async def evidence_file(request: Page, handover_id: FromPath[UUID]) -> Response[bytes]:
    """The file without personal data, for `utvag verify`."""
    content = await handover.export_evidence(
        node_of(request), request.user, ConversationId(handover_id)
    )
    return Response(
        content,
        media_type="application/jsonl",
        headers={"content-disposition": 'attachment; filename="overlamning.utvag-evidence.jsonl"'},
    )


def section_rows(section: msgspec.Struct) -> list[tuple[str, str]]:
    """A section's fields as lines; nested lists one line each."""
    rows = []
    for name, value in msgspec.to_builtins(section).items():
        if name == "type" or value in (None, "", []):
            continue
        rows.append((SECTION_FIELDS.get(name, name), field_words(name, value)))
    return rows


SECTION_FIELDS = {
    "given_name": "Förnamn",
    "family_name": "Efternamn",
    "personal_number": "Personnummer",
    "registered_municipality": "Folkbokförd",
    "protected_identity": "Skydd",
    "finding": "Bedömning",
    "municipality": "Kommun",
    "ground": "Grund",
    "facts": "Bygger på",
    "found_on": "Bedömd",
    "level": "Nivå",
    "unit": "Enhet",
    "is_structured": "Strukturerad metod",
    "assessed_on": "Bedömd",
    "next_review_on": "Ny bedömning",
    "text": "Behov",
    "running_measure": "Ges i dag",
    "recorded_on": "Skrivet",
    "consents": "Samtycken",
}


proof_handlers: list[HTTPRouteHandler] = [dossier, evidence, evidence_file]
