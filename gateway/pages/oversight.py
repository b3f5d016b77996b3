"""For those who run and review a node: nothing of a case, nothing of a person."""

from datetime import timedelta
from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from gateway.auth.access import require
from gateway.monitor import Waiting, waiting
from gateway.pages.form import Form
from gateway.pages.frame import Page, node_of, page
from gateway.pages.submit import submit
from gateway.texts.days import moment
from services.audit import api as audit
from services.directory import api as directory
from shared.node import Node

LATE = timedelta(hours=1)


@get("/administration", access=require("system_admin"))
async def administration(request: Page) -> Any:
    """Health, the authorities of the exchange with their fingerprints, our own keys."""
    node = node_of(request)
    keys = node.keyring
    late = await waiting(node, request.user)
    return page(
        request,
        "admin",
        "Drift",
        health=[
            {"text": "Meddelanden kommer fram", "is_ok": not _is_late(node, late), "detail": None},
            {"text": "Egna nycklar gäller", "is_ok": _has_valid_keys(node), "detail": None},
        ],
        authorities=[
            {
                "code": each.code,
                "name": each.name,
                "kind": each.kind,
                "state": {"active": "Aktiv", "paused": "Pausad", "removed": "Borttagen"}[
                    each.status
                ],
                "fingerprint": each.fingerprint,
                "is_confirmed": each.is_confirmed,
                "is_tested": each.is_tested,
                "links": [] if each.code == node.authority else _links(each),
            }
            for each in directory.authorities(node)
        ],
        keys=[
            (f"Undertecknar ({key.kid[:12]})", f"gäller till {moment(key.not_after)}")
            for key in keys.signing_keys
        ]
        + [
            (f"Förseglar ({key.kid[:12]})", f"gäller till {moment(key.not_after)}")
            for key in keys.sealing_keys
        ],
        delivery_href="/administration/delivery",
        undelivered=[
            {"other": each.authority, "count": each.messages, "oldest_at": each.oldest_at}
            for each in late
        ],
    )


def _links(each: directory.ListedAuthority) -> list[dict[str, str]]:
    """What a person may establish about its key."""
    if each.fingerprint is None or each.status == "removed":
        return []
    base = f"/administration/authorities/{each.code}"
    found = []
    if not each.is_confirmed:
        found.append({"text": "Jämför per telefon", "href": f"{base}/fingerprint"})
    found.append({"text": "Möte om ny nyckel", "href": f"{base}/meeting"})
    found.append({"text": "Bekräfta ett möte", "href": f"{base}/meeting/second"})
    return found


def _is_late(node: Node, late: list[Waiting]) -> bool:
    return any(node.clock.now() - each.oldest_at > LATE for each in late)


def _has_valid_keys(node: Node) -> bool:
    now = node.wall.now()
    return any(key.is_valid_at(now) for key in node.keyring.signing_keys)


@get("/log-review", access=require("log_reviewer"))
async def log_review(request: Page) -> Any:
    """Whether the log is whole, which reviews are done, and the form that says one is."""
    return await _log_review(request, Form("/log-review"))


@post("/log-review", access=require("log_reviewer"))
async def record_review(request: Page) -> Any:
    """One more review is done."""

    async def again(form: Form) -> Any:
        return await _log_review(request, form)

    return await submit(
        request,
        audit.RecordReview,
        audit.record_review,
        again,
        "/log-review",
        at={
            "review.ends_before_start": "until_on",
            "review.in_future": "until_on",
            "review.entries": "entries",
        },
    )


async def _log_review(request: Page, form: Form) -> Any:
    node = node_of(request)
    verdict = await audit.verify_log(node, request.user)
    done = await audit.log_reviews(node, request.user)
    return page(
        request,
        "log_review",
        "Loggkontroll",
        form=form,
        reviews=done,
        chain={
            "is_whole": not verdict.faults,
            "sealed_until": None,
            "witnesses": [],
        },
    )


oversight_handlers: list[HTTPRouteHandler] = [administration, log_review, record_review]
