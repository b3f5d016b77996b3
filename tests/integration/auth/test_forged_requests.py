"""S7: a change that does not come from a page of this session is refused."""

import pytest

pytestmark = pytest.mark.servers

OWN = "http://testserver.local"
FORM = "application/x-www-form-urlencoded"


async def post(node, headers, token=None, kind=FORM):
    body = "said=yes" + (f"&_csrf_token={token}" if token else "")
    return await node.client.post("/change", content=body, headers={"content-type": kind} | headers)


GOOD = [
    {"origin": OWN, "sec-fetch-site": "same-origin"},
    {"origin": OWN},
    {"sec-fetch-site": "same-origin"},
    {"origin": "null", "sec-fetch-site": "same-origin"},
]
BAD = [
    {"origin": "http://evil.test", "sec-fetch-site": "cross-site"},
    {"origin": "http://testserver.local:8081", "sec-fetch-site": "same-site"},
    {"origin": OWN, "sec-fetch-site": "same-site"},
    {"origin": OWN, "sec-fetch-site": "cross-site"},
    {"origin": OWN, "sec-fetch-site": "none"},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"origin": "null"},
    {"origin": "http://evil.test", "sec-fetch-site": "same-origin"},
    {"origin": "http://testserver.local.evil.test"},
    {"origin": "https://testserver.local"},
    {"referer": OWN},
    {},
]


@pytest.mark.parametrize("headers", GOOD, ids=repr)
async def test_a_form_of_this_session_is_taken(node, headers):
    await node.sign_in()
    answer = await post(node, headers, await node.form_token())
    assert (answer.status_code, answer.json()) == (201, {"said": "yes"})


@pytest.mark.parametrize("headers", BAD, ids=repr)
async def test_a_form_from_elsewhere_is_refused_even_with_the_token(node, headers):
    await node.sign_in()
    answer = await post(node, headers, await node.form_token())
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.forged_request")


@pytest.mark.parametrize("token", [None, "", "x", "A" * 43])
@pytest.mark.parametrize("headers", GOOD, ids=repr)
async def test_a_form_without_the_sessions_token_is_refused(node, headers, token):
    await node.sign_in()
    assert (await post(node, headers, token)).status_code == 403


async def test_a_token_of_an_earlier_session_is_refused(node):
    await node.sign_in()
    old = await node.form_token()
    await node.sign_in()
    assert (await post(node, GOOD[0], old)).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/xml"])
async def test_another_kind_of_body_is_refused(node, kind):
    await node.sign_in()
    headers = GOOD[0] | {"x-csrf-token": await node.form_token()}
    assert (await post(node, headers, kind=kind)).status_code == 403


async def test_a_script_of_ours_may_send_the_token_as_a_header(node):
    await node.sign_in()
    headers = GOOD[0] | {"x-csrf-token": await node.form_token()}
    assert (await post(node, headers)).status_code == 201


async def test_a_form_with_a_file_carries_the_token_too(node):
    await node.sign_in()
    answer = await node.client.post(
        "/change",
        data={"said": "yes", "_csrf_token": await node.form_token()},
        files={"file": ("a.txt", b"content")},
        headers=GOOD[0],
    )
    assert (answer.status_code, answer.json()) == (201, {"said": "yes"})


async def test_sign_out_from_elsewhere_is_refused(node):
    await node.sign_in()
    answer = await node.client.post(
        "/sign-out", data={"_csrf_token": await node.form_token()}, headers=BAD[0]
    )
    assert answer.status_code == 403


async def test_a_bearer_token_opens_no_page(node):
    headers = {"authorization": f"Bearer {node.realm.access()}"}
    answer = await node.client.get("/", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
