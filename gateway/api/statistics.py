"""The national statistics over the API: what the municipality has sent."""

from gateway.api.operation import Operation
from services.statistics import api as statistics

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/statistics/sent",
        "Vad kommunen har skickat till den nationella statistiken, halvår för halvår",
        statistics.READERS,
        statistics.half_years_sent,
    ),
)
