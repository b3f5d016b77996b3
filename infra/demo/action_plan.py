"""Linköping's report of 2017 on its action plan, entered as somebody would: the plan, then each part."""

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("action_plan_2017.toml")
Post = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Calls the API: the path below `/api/v1` and the body; gives the answer's JSON."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered, as the API names it."""

    plan_id: str
    report_id: str
    activities: int


async def enter(post: Post) -> Entered:
    """Enter it whole, by somebody who keeps the plan."""
    told = _plain(tomllib.loads(FILE.read_text("utf-8")))
    plan_id = (await post("/action-plans", told["plan"]))["id"]
    path = f"/action-plans/{plan_id}"
    for each in told["activities"]:
        await post(f"{path}/activities", each)
    before: dict[str, str] = {}
    for each in told["pledges"]:
        more = before if each.pop("replaces_last", False) else {}
        before = {"replaces": (await post(f"{path}/pledges", {**each, **more}))["id"]}
    report_id = (await post(f"{path}/reports", told["report"]))["id"]
    return Entered(plan_id, report_id, len(told["activities"]))


def _plain(value: Any) -> Any:
    """Days as JSON writes them."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
