"""The national statistics over the API: what the municipality has sent, what the nation released."""

from gateway.api.operation import Operation
from gateway.auth.roles import NATIONAL_COORDINATOR
from services.statistics import api as statistics

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/statistics/sent",
        "Vad kommunen har skickat till den nationella statistiken, halvår för halvår",
        statistics.READERS,
        statistics.half_years_sent,
    ),
    Operation(
        "GET",
        "/own-figures",
        "Enhetens egna siffror, halvår för halvår",
        statistics.LEADS,
        statistics.unit_half_years,
    ),
    Operation(
        "GET",
        "/own-figures/units",
        "Enheterna sida vid sida, utan små tal",
        statistics.COMPARES,
        statistics.units_side_by_side,
    ),
)

NATIONAL: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/national/releases",
        "Halvårens nationella statistik och hur långt varje halvår har kommit",
        (NATIONAL_COORDINATOR,),
        statistics.list_releases,
    ),
    Operation(
        "GET",
        "/national/releases/{half_year:str}",
        "En utgivning: alla tabeller som de är undertecknade",
        (NATIONAL_COORDINATOR,),
        statistics.published_release,
    ),
)
