"""What the gateway may call of intake."""

from services.intake.domain.concern import (
    Assessment,
    ConcernKind,
    Opinion,
    Outcome,
    Planned,
    ReporterKind,
    Settled,
    Step,
    StepGround,
    StepName,
)
from services.intake.handlers.concern import (
    AssessConcern,
    Concern,
    DecideConcern,
    ReportConcern,
    SettleStep,
    assess_concern,
    decide_concern,
    read_concern,
    report_concern,
    settle_step,
)
from services.intake.handlers.contact import RegisterContact, register_contact

__all__ = [
    "AssessConcern",
    "Assessment",
    "Concern",
    "ConcernKind",
    "DecideConcern",
    "Opinion",
    "Outcome",
    "Planned",
    "RegisterContact",
    "ReportConcern",
    "ReporterKind",
    "SettleStep",
    "Settled",
    "Step",
    "StepGround",
    "StepName",
    "assess_concern",
    "decide_concern",
    "read_concern",
    "register_contact",
    "report_concern",
    "settle_step",
]
