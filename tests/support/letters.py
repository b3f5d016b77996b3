"""One letter of each kind as its own module composes it, of invented people and without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace as Thing
from typing import Any

import msgspec

import gateway.pages  # noqa: F401  # first: paper letters and their pages import each other
from gateway import aid_letter, entry_letter, exclusion_letter, ivo_letter, paper_letter
from gateway.letters import Letter
from services.cases.api import ADMITTED, Exclusion
from services.cases.domain.entry_views import EntryDecision
from services.handover import wire
from shared.policy import tenants_root
from shared.policy.law import load_law
from tests.support.page_samples import NAMES, SAMPLES, file
from tests.support.page_samples_programme import AIDS, A, _decision
from tests.support.page_samples_relapse import _PROPOSED

AT = datetime(2026, 11, 22, 8, 14, tzinfo=UTC)
DAY = date(2026, 12, 6)
HASH = "ab" * 32
OWN, OTHER = "Linköpings kommun", "Göteborgs Stad"


def _request() -> wire.Proposed:
    belonging = wire.Belonging(
        "nights_rest", "Sover där.", "Tills vidare.", "Familj.", "Vill dit.", False, "Hotet."
    )
    return wire.Proposed(
        sending_function="avhoppare",
        receiving_function="avhoppare",
        belonging=belonging,
        need="Bostad.\n\nArbete.",
        urgency="soon",
        threat=wire.PassedThreat("HIGH", "bops-ost", date(2026, 11, 20), DAY),
        is_protected=True,
        ground=wire.StatuteGround("transfer.request"),
        answer_on=DAY,
        policy_from=date(2026, 1, 1),
        policy_sha256=HASH,
    )


def _paper(law: Any, kind: str, body: msgspec.Struct, enclosed: Any) -> Letter:
    duty = Thing(telephone="013-20 60 00", name="Socialjouren", hours="dygnet runt")
    letter = Thing(
        kind=kind, body=body, enclosed=enclosed, register_number="SN 2026-17", number=1,
        urgency="soon", decided_at=AT,
    )  # fmt: skip
    own, other = Thing(name=OWN, duty_contact=duty), Thing(name=OTHER, duty_contact=duty)
    sheet: Any = paper_letter._Sheet(letter, law, own, other)
    return paper_letter.compose(sheet)


def _application(case: Any) -> Any:
    return Thing(
        view=Thing(questions=[Thing(is_ours=True, asked_at=AT, question="När?", answer="")]),
        draft=Thing(kinds=("needs.housing",)),
        dispute=Thing(
            answered_at=AT,
            is_returned=False,
            answer_code="facts_missing",
            answer_text="Mer.",
            applied_on=DAY,
        ),
        file=case,
        decisions=[_decision(None, kind="handover.dispute")],
        request=_request(),
        requested_at=AT,
        receipt_at=AT + timedelta(hours=1),
        register_number="SN 2026-17",
        applied_on=DAY,
        statement="Vi anser att ärendet hör dit.",
        waits_for_second=False,
    )


def letters(dossier: wire.DossierContentWithFiles) -> dict[str, Letter]:
    """By kind: entry, aid, exclusion, a municipality on paper, IVO; each outcome of the first two."""
    law = load_law(tenants_root() / "law.toml")
    case: Any = file(names=NAMES)
    refused: Any = SAMPLES["case-entry-refused"][1]["view"]
    admitted = replace(refused, decision=EntryDecision(ADMITTED, AT, A, None))
    found = {
        "entry-admitted": entry_letter.compose(case, admitted, law, authority=OWN),
        "entry-refused": entry_letter.compose(case, refused, law, authority=OWN),
        "ivo": ivo_letter.compose(_application(case), law, DAY, own=OWN, other=OTHER),
        "paper-proposed": _paper(law, "proposed", _request(), None),
        "paper-dossier": _paper(law, "dossier", wire.Noted(), dossier),
        "paper-kept": _paper(law, "kept", wire.Kept("decided", "Vi behåller."), None),
    }
    excluded = Exclusion(
        case.person,
        _PROPOSED,
        _decision(None, kind="exclusion.decide"),
        document="Riktlinje",
        section="4",
        running=AIDS[:1],
        told_on=DAY,
        names=NAMES,
    )
    found["exclusion"] = exclusion_letter.compose(excluded, law, authority=OWN)
    for aid in AIDS[:3]:
        content: Any = Thing(person=case.person, aid=aid, decision=_decision(aid), names={})
        found[f"aid-{aid.kind}"] = aid_letter.compose(content, law, own=OWN)
    return found
