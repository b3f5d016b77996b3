"""Every route says who may enter, and what is kept secret stays out of sight."""

from datetime import timedelta
from uuid import UUID

import pytest
from litestar import Litestar, get

from gateway.auth import secret
from gateway.auth.access import (
    PUBLIC,
    SIGNED_IN,
    Access,
    RouteWithoutAccessError,
    access_table,
    bearer,
    require,
)
from gateway.auth.plugin import AuthPlugin
from gateway.auth.roles import ALONE, MUNICIPAL_ROLES, roles_of
from gateway.auth.sessions import Session
from shared.actor import worker
from shared.clock import FixedClock
from shared.ids import AuthorityCode
from tests.support.realm import NOW, Realm


@get("/said", access=require("team_leader"))
async def said() -> None: ...


@get("/unsaid")
async def unsaid() -> None: ...


def plugin() -> AuthPlugin:
    realm = Realm()
    return AuthPlugin(
        realm.issuer, "http://node.test", None, FixedClock(NOW), None, transport=realm.transport
    )


def test_a_route_that_says_nothing_stops_the_program_at_start():
    app = Litestar([said, unsaid], plugins=[plugin()], openapi_config=None)
    (at_start,) = app.on_startup
    with pytest.raises(RouteWithoutAccessError, match="unsaid"):
        at_start(app)


def test_the_table_names_each_route_once():
    table = access_table(Litestar([said], plugins=[plugin()], openapi_config=None))
    assert table == {
        ("GET", "/said"): Access("session", frozenset({"team_leader"})),
        ("GET", "/sign-in/start"): PUBLIC,
        ("GET", "/sign-in/return"): PUBLIC,
        ("POST", "/sign-out"): SIGNED_IN,
        ("POST", "/sign-out/back-channel"): PUBLIC,
    }


@pytest.mark.parametrize("declare", [require, bearer])
def test_an_access_for_no_role_at_all_cannot_be_declared(declare):
    with pytest.raises(ValueError, match="name a role"):
        declare()


def test_what_one_cookie_sealed_no_other_opens():
    mine, yours = secret.draw(), secret.draw()
    sealed = secret.seal(mine, b"refresh", "refresh")
    assert secret.unseal(mine, sealed, "refresh") == b"refresh"
    assert secret.unseal(yours, sealed, "refresh") is None
    assert secret.unseal(mine, sealed, "sign-in") is None
    assert secret.unseal(mine, sealed[:-1] + b"\0", "refresh") is None
    assert b"refresh" not in sealed


def test_two_sealings_of_the_same_differ():
    cookie = secret.draw()
    assert secret.seal(cookie, b"x", "refresh") != secret.seal(cookie, b"x", "refresh")


def test_a_forms_token_is_its_sessions_and_shows_nothing_of_the_cookie():
    cookie, other = secret.draw(), secret.draw()
    token = secret.form_token(cookie)
    assert secret.is_form_token(cookie, token)
    assert not secret.is_form_token(other, token)
    assert cookie not in token


@pytest.mark.parametrize("value", [None, "", "A" * 42, "A" * 44, "Å" * 43, "A" * 42 + "\n"])
def test_only_what_we_drew_is_looked_up(value):
    assert not secret.is_drawn(value)


def test_secrets_do_not_show_when_printed():
    realm = Realm()
    session = Session(
        worker(AuthorityCode("0580")), secret.draw(), NOW, NOW + timedelta(minutes=30)
    )
    assert session.cookie not in repr(session)
    assert realm.issuer.web_secret not in repr(realm.issuer)
    assert UUID(int=0) != session.actor.staff_id


def test_who_reviews_the_log_or_runs_the_system_holds_no_other_role():
    assert {"log_reviewer", "system_admin"} == ALONE
    assert set(MUNICIPAL_ROLES) >= ALONE
    assert "national_coordinator" not in roles_of("municipality")
    assert "case_worker" not in roles_of("national_coordination")
    assert set(roles_of("collector")) == {"log_reviewer", "system_admin", "api_monitor"}
    assert roles_of("police") == {}
