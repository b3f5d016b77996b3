"""Operations on who is on call, and the alarms, and what is decided at once."""

from collections.abc import Sequence

from gateway.api.operation import Operation
from services.cases import api as cases
from services.staff import api as staff

WORKERS = ("case_worker", "exit_coordinator", "team_leader")
LEADERS = ("team_leader",)
DELEGATES = (*WORKERS, "social_director")

OPERATIONS: Sequence[Operation] = (
    Operation("GET", "/on-call", "Vem som har jour, och när ingen har det", WORKERS, staff.roster),
    Operation("POST", "/on-call", "Lägg in jour", LEADERS, staff.put_on_call, staff.PutOnCall),
    Operation(
        "POST",
        "/on-call/{duty_id:uuid}/end",
        "Ta tillbaka jour",
        LEADERS,
        staff.take_off_call,
        staff.TakeOffCall,
    ),
    Operation("GET", "/alarms", "Höjda hotnivåer som du ska läsa", WORKERS, cases.open_alarms),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/alarms/{alarm_id:uuid}/reading",
        "Bekräfta att du har läst att hotnivån höjts",
        WORKERS,
        cases.read_alarm,
        cases.ReadAlarm,
    ),
    Operation(
        "GET",
        "/immediate-decisions",
        "Omedelbara beslut som väntar på dig",
        DELEGATES,
        cases.immediate_waiting,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/immediate-decisions",
        "Fatta ett omedelbart beslut i jour",
        WORKERS,
        cases.decide_at_once,
        cases.DecideAtOnce,
    ),
    Operation(
        "POST",
        "/cases/{case_id:uuid}/immediate-decisions/{aid_id:uuid}/review",
        "Bekräfta ett omedelbart beslut, eller sätt det ur kraft",
        DELEGATES,
        cases.review_immediate,
        cases.ReviewImmediate,
    ),
)
