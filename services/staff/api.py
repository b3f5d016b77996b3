"""What other services and the gateway may call of staff."""

from services.staff.domain.competence import (
    Competence,
    CompetenceKind,
    Demand,
    RecordCompetence,
)
from services.staff.domain.duty import Duty, Gap, PutOnCall, Roster, TakeOffCall
from services.staff.domain.roles import Colleague
from services.staff.handlers.accounts import colleagues, find, names, sign_in
from services.staff.handlers.competence import (
    CompetenceRow,
    competences,
    competences_held,
    record_competence,
    require_competences,
)
from services.staff.handlers.duty import (
    confirm_alarm_working_days,
    is_on_call,
    on_call,
    put_on_call,
    roster,
    rules,
    take_off_call,
    was_taken_off,
)
from services.staff.policy import HANDOVER, demands_of

__all__ = [
    "HANDOVER",
    "Colleague",
    "Competence",
    "CompetenceKind",
    "CompetenceRow",
    "Demand",
    "Duty",
    "Gap",
    "PutOnCall",
    "RecordCompetence",
    "Roster",
    "TakeOffCall",
    "colleagues",
    "competences",
    "competences_held",
    "confirm_alarm_working_days",
    "demands_of",
    "find",
    "is_on_call",
    "names",
    "on_call",
    "put_on_call",
    "record_competence",
    "require_competences",
    "roster",
    "rules",
    "sign_in",
    "take_off_call",
    "was_taken_off",
]
