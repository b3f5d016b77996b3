"""Operations on who is on call."""

from collections.abc import Sequence

from gateway.api.operation import Operation
from services.staff import api as staff

WORKERS = ("case_worker", "exit_coordinator", "team_leader")
LEADERS = ("team_leader",)

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
)
