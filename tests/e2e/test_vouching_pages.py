"""A key is believed when people here have heard or met it: through the pages, by those who may."""

from datetime import timedelta

import pytest

from services.directory import api as directory
from shared.crypto import KeyRing
from tests.support.exchange import GOTEBORG, open_pair
from tests.support.leaks import open_harness

pytestmark = pytest.mark.servers

CALL = f"/administration/authorities/{GOTEBORG}/fingerprint"
MEETING = f"/administration/authorities/{GOTEBORG}/meeting"


async def application(pair, folder):
    bench = pair.linkoping.bench
    pair.linkoping.node.directory._confirms_all = False  # no demo: people vouch
    harness = open_harness(pair.linkoping, folder)
    harness.people = {
        "admin": await bench.person("Ada", "system_admin"),
        "leader": await bench.leader(),
        "case_worker": await bench.case_worker(),
    }
    return harness


async def test_a_fingerprint_heard_by_telephone_is_believed_and_another_is_not(
    postgres_server, tmp_path
):
    async with open_pair(postgres_server, tmp_path) as pair:
        harness = await application(pair, tmp_path)
        node = pair.linkoping.node
        right = directory.authority(node, GOTEBORG).fingerprint
        listed = await harness.call("GET", "/administration", "admin")
        assert f'href="{CALL}"' in listed.text
        wrong = {"fingerprint": right[::-1], "spoken_with": "Socialjouren"}
        refused = await harness.call("POST", CALL, "admin", wrong)
        assert refused.status_code == 422
        assert "stämmer inte" in refused.text
        assert right[::-1] in refused.text  # nothing that was written is lost
        assert not directory.authority(node, GOTEBORG).is_confirmed
        heard = {"fingerprint": right, "spoken_with": "Socialjouren"}
        for nobody in ("case_worker", None):
            answered = await harness.call("POST", CALL, nobody, heard)
            assert answered.status_code in {303, 403, 404}
            assert not directory.authority(node, GOTEBORG).is_confirmed
        done = await harness.call("POST", CALL, "admin", heard)
        assert (done.status_code, done.headers["location"]) == (303, "/administration")
        assert directory.authority(node, GOTEBORG).is_confirmed
        unknown = await harness.call("GET", CALL.replace(GOTEBORG, "9001"), "admin")
        assert unknown.status_code == 404


async def test_a_meeting_about_a_new_key_needs_two_persons(postgres_server, tmp_path):
    async with open_pair(postgres_server, tmp_path) as pair:
        harness = await application(pair, tmp_path)
        now = pair.clock.now()
        fresh = KeyRing.in_memory(GOTEBORG, now).signing(now).kid
        met = {"fingerprint": fresh, "held_on": pair.linkoping.bench.today.isoformat()}
        late = {**met, "held_on": (pair.linkoping.bench.today + timedelta(days=3)).isoformat()}
        assert (await harness.call("POST", MEETING, "admin", late)).status_code == 422
        assert (await harness.call("POST", MEETING, "admin", met)).status_code == 303
        same = await harness.call("POST", f"{MEETING}/second", "admin", {"fingerprint": fresh})
        assert same.status_code == 422
        assert "Två olika personer" in same.text
        done = await harness.call("POST", f"{MEETING}/second", "leader", {"fingerprint": fresh})
        assert done.status_code == 303
        assert await directory.waiting_meetings(pair.linkoping.node, harness.people["admin"]) == []
