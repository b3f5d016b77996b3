"""How long a session lives, and how its rights end."""

import asyncio

import pytest
from sqlalchemy import text

from infra.postgres.databases import database_name
from shared.actor import worker
from tests.integration.auth.test_sign_in import OFFICER

pytestmark = pytest.mark.servers


async def is_signed_in(node) -> bool:
    answer = await node.client.get("/")
    assert answer.status_code in {200, 303}, answer.text
    return answer.status_code == 200


def asked(node, endpoint: str) -> int:
    return sum(r.url.path.endswith(f"/{endpoint}") for r in node.realm.requests)


async def test_a_session_ends_after_half_an_hour_without_a_request(node):
    await node.sign_in()
    node.later(minutes=29)
    assert await is_signed_in(node)
    node.later(minutes=31)
    assert not await is_signed_in(node)


async def test_a_session_ends_after_nine_hours_whatever_is_done(node):
    await node.sign_in()
    for _ in range(27):
        node.later(minutes=19, seconds=50)
        assert await is_signed_in(node)
    node.later(minutes=5)
    assert not await is_signed_in(node)


async def test_the_time_left_is_told_when_under_five_minutes(node):
    await node.sign_in()
    for _ in range(26):
        node.later(minutes=20)
        assert (await node.client.get("/")).json()["minutes_left"] is None
    node.later(minutes=16, seconds=30)
    assert (await node.client.get("/")).json()["minutes_left"] == 3


async def test_a_role_removed_in_keycloak_is_gone_within_a_minute(node):
    node.realm.person["roles"] = ["team_leader"]
    await node.sign_in()
    assert (await node.client.get("/leaders")).status_code == 200
    node.realm.person["roles"] = ["case_worker"]
    node.later(seconds=60)
    assert (await node.client.get("/leaders")).status_code == 404


async def test_a_role_given_in_keycloak_is_there_within_a_minute(node):
    await node.sign_in()
    node.realm.person["roles"] = ["case_worker", "team_leader"]
    node.later(seconds=60)
    assert (await node.client.get("/leaders")).status_code == 200


async def test_a_closed_account_is_signed_out_within_a_minute(node):
    await node.sign_in()
    node.realm.has_ended = True
    node.later(seconds=60)
    assert not await is_signed_in(node)
    node.realm.has_ended = False
    assert not await is_signed_in(node)


async def test_an_officer_who_changes_unit_acts_for_the_new_one(node):
    node.realm.person = OFFICER
    await node.sign_in()
    node.realm.person = OFFICER | {"police_unit": "lpo-linkoping"}
    node.later(seconds=60)
    assert (await node.client.get("/")).json()["unit"] == "lpo-linkoping"


async def test_an_officers_session_ends_within_the_hour_and_asks_the_police_anew(node):
    node.realm.person = OFFICER
    await node.sign_in()
    node.later(minutes=29)
    assert await is_signed_in(node)
    node.later(minutes=29)
    assert await is_signed_in(node)
    node.later(minutes=3)
    assert not await is_signed_in(node)
    asked_for = await node.leave(via="polisen")
    assert asked_for["max_age"] == "3600"
    assert (await node.arrive(asked_for)).json()["code"] == "auth.sign_in_failed"
    node.realm.signed_in_at = node.wall.now()
    assert (await node.arrive(await node.leave(via="polisen"))).status_code == 303


async def test_the_realm_is_asked_once_by_many_requests_at_once(node):
    await node.sign_in()
    before = asked(node, "token")
    node.later(seconds=61)
    answers = await asyncio.gather(*(node.client.get("/") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert asked(node, "token") - before == 1


async def test_the_realm_is_not_asked_within_half_a_minute(node):
    await node.sign_in()
    before = asked(node, "token")
    node.later(seconds=29)
    assert await is_signed_in(node)
    assert asked(node, "token") == before


async def test_nobody_goes_on_unconfirmed_when_keycloak_is_away(node):
    await node.sign_in()
    node.realm.is_away = True
    node.later(seconds=45)
    assert await is_signed_in(node)
    node.later(seconds=16)
    answer = await node.client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (503, "auth.unavailable")
    node.realm.is_away = False
    node.later(seconds=3)
    assert await is_signed_in(node)


async def test_sign_in_says_so_when_keycloak_is_away(node):
    question = await node.leave()
    node.realm.is_away = True
    answer = await node.arrive(question)
    assert (answer.status_code, answer.json()["code"]) == (503, "auth.unavailable")


async def sign_out(node, **headers):
    return await node.client.post(
        "/sign-out",
        data={"_csrf_token": await node.form_token()},
        headers={"origin": "http://testserver.local"} | headers,
        follow_redirects=False,
    )


async def test_sign_out_ends_the_session_here_and_in_keycloak(node):
    await node.sign_in()
    cookie = node.cookie()
    answer = await sign_out(node)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signed-out")
    assert node.realm.has_ended
    assert node.cookie() is None
    node.client.cookies.set(node.plugin.gate.cookies.session, cookie)
    assert not await is_signed_in(node)


async def test_a_person_is_told_when_sign_out_did_not_reach_keycloak(node):
    await node.sign_in()
    token = await node.form_token()
    node.realm.is_away = True
    answer = await node.client.post(
        "/sign-out",
        data={"_csrf_token": token},
        headers={"origin": "http://testserver.local"},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/signed-out?only=here"
    assert not await is_signed_in(node)


async def test_sign_out_is_no_link(node):
    await node.sign_in()
    assert (await node.client.get("/sign-out")).status_code == 405
    assert await is_signed_in(node)


async def test_the_realm_ends_a_session_by_the_back_channel(node):
    await node.sign_in()
    answer = await node.client.post(
        "/sign-out/back-channel", data={"logout_token": node.realm.logout()}
    )
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert not await is_signed_in(node)


async def test_the_back_channel_ends_that_session_and_no_other(node):
    await node.sign_in()
    for other in (node.realm.logout(sid="another"), node.realm.logout(sub="another")):
        answer = await node.client.post("/sign-out/back-channel", data={"logout_token": other})
        assert answer.status_code == 200
    assert await is_signed_in(node)


@pytest.mark.parametrize(
    "changed",
    [
        {"events": ...},
        {"events": {}},
        {"nonce": "n"},
        {"aud": "utvag-api"},
        {"iss": "http://keycloak.test/realms/1480"},
        {"typ": "ID"},
        {"sid": ...},
        {"exp": 1, "iat": 0},
        {"iat": ...},
    ],
    ids=repr,
)
async def test_a_forged_back_channel_word_ends_nothing(node, changed):
    await node.sign_in()
    token = node.realm.logout(**changed)
    answer = await node.client.post("/sign-out/back-channel", data={"logout_token": token})
    assert answer.status_code == 400
    assert await is_signed_in(node)


@pytest.mark.parametrize("body", [{}, {"logout_token": ""}, {"logout_token": "a.b.c"}])
async def test_a_back_channel_word_without_a_token_is_refused(node, body):
    assert (await node.client.post("/sign-out/back-channel", data=body)).status_code == 400


async def test_an_account_closed_in_the_node_is_signed_out_at_once(node):
    await node.sign_in()
    actor = (await node.plugin.sessions.resume(node.cookie())).actor
    administrator = worker(node.realm.issuer.authority)
    assert await node.plugin.sessions.end_of_staff(administrator, actor.staff_id) == 1
    assert not await is_signed_in(node)


async def test_two_cookies_of_one_name_are_none(node):
    await node.sign_in()
    name, value = node.plugin.gate.cookies.session, node.cookie()
    node.client.cookies.clear()
    both = await node.client.get("/", headers={"cookie": f"{name}={value}; {name}=x"})
    assert both.status_code == 303


async def test_an_api_token_ends_within_a_minute_of_the_account(node):
    headers = {"authorization": f"Bearer {node.realm.access()}"}
    assert (await node.client.get("/api/v1/who", headers=headers)).status_code == 200
    node.realm.has_ended = True
    node.later(seconds=59)
    assert (await node.client.get("/api/v1/who", headers=headers)).status_code == 401


async def test_a_role_removed_in_keycloak_is_gone_at_the_api_within_a_minute(node):
    headers = {"authorization": f"Bearer {node.realm.access()}"}
    assert (await node.client.get("/api/v1/who", headers=headers)).status_code == 200
    node.realm.person["roles"] = ["team_leader"]
    node.later(seconds=59)
    assert (await node.client.get("/api/v1/who", headers=headers)).status_code == 404


async def test_what_is_over_is_swept_at_the_next_sign_in(node):
    await node.sign_in()
    await node.leave()
    node.later(hours=10)
    await node.leave()
    async with node.db.begin(worker(node.realm.issuer.authority)) as uow:
        counts = await uow.execute(
            text("select (select count(*) from web_sign_in), (select count(*) from web_session)")
        )
    assert tuple(counts.one()) == (1, 0)


async def test_signing_in_and_out_is_in_the_log_without_the_name(node, postgres_server):
    async with postgres_server.admin(database_name("0580")) as superuser:
        before = {row["id"] for row in await superuser.fetch("select id from audit_entry")}
        await node.sign_in()
        await sign_out(node)
        every = await superuser.fetch("select * from audit_entry")
    rows = [row for row in every if row["id"] not in before]
    assert sorted(row["action"] for row in rows) == ["session.began", "session.ended"]
    assert "Alva" not in repr(rows)
