"""Keys and the first directory for a whole federation, made by one command."""

import json
import shutil
from datetime import timedelta

import msgspec
import pytest

from infra.directory import VALID_DAYS, bootstrap, trust_files
from services.directory.api import SignedDirectory, open_directory
from shared.crypto import KeyRing, NodeKey
from shared.errors import DomainError
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import load_tenants, tenants_root
from tests.support.trust import GOTEBORG, LINKOPING, NOW

POLICE = AuthorityCode("9001")
VERSIONS = {"proposed": frozenset({1})}


@pytest.fixture(scope="module")
def tenants():
    return load_tenants()


@pytest.fixture(scope="module")
def made(tmp_path_factory, tenants):
    folder = tmp_path_factory.mktemp("state")
    assert bootstrap(folder, tenants, versions=VERSIONS, now=NOW) == 1
    return folder


@pytest.fixture
def state(made, tmp_path):
    """A copy of the first set-up, to be changed freely."""
    return shutil.copytree(made, tmp_path / "state")


def opened(state, code=LINKOPING, **fields):
    files = trust_files(state, code)
    return open_directory(files.directory, files.anchor, **fields)


def snapshot(state):
    return {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}


def test_every_node_gets_keys_and_the_same_directory(state, tenants):
    nodes = [code for code, tenant in tenants.items() if tenant.authority.runs_node]
    assert {LINKOPING, GOTEBORG} < set(nodes)
    assert len({trust_files(state, code).directory.read_bytes() for code in nodes}) == 1
    for code in nodes:
        files = trust_files(state, code)
        ring = KeyRing.load(files.keys)
        known = opened(state).signing_key(code, ring.signing(NOW).kid)
        assert known.public == ring.signing(NOW).public
        assert NodeKey.load(files.node_key)
        assert opened(state).may_receive(code)
        assert opened(state).version_of(code, "proposed") == {1}


def test_who_runs_no_node_is_listed_without_keys(state):
    live = opened(state)
    assert live.directory.profiles[POLICE].kind == "police"
    assert not live.may_receive(POLICE)
    assert not trust_files(state, POLICE).folder.exists()
    assert not trust_files(state, OPERATOR).node_key.exists()


def test_only_the_owner_reads_what_is_written(state):
    for path in state.rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0


def test_a_second_start_changes_nothing(state, tenants):
    before = snapshot(state)
    assert bootstrap(state, tenants, versions=VERSIONS, now=NOW + timedelta(days=1)) == 1
    assert bootstrap(state, tenants, now=NOW + timedelta(days=1)) == 1
    assert snapshot(state) == before


def test_a_new_version_of_a_kind_is_published(state, tenants):
    newer = {"proposed": frozenset({1, 2})}
    assert bootstrap(state, tenants, versions=newer, now=NOW) == 2
    assert opened(state).version_of(GOTEBORG, "proposed") == {1, 2}
    assert bootstrap(state, tenants, versions=newer, now=NOW) == 2


def test_a_new_tenant_folder_joins(state, tmp_path):
    root = shutil.copytree(tenants_root(), tmp_path / "tenants")
    before = KeyRing.load(trust_files(state, LINKOPING).keys).signing_keys
    joined = root / "0680"
    shutil.copytree(root / "1480", joined)
    authority = (joined / "authority.toml").read_text().replace("1480", "0680")
    (joined / "authority.toml").write_text(authority)
    assert bootstrap(state, load_tenants(root), now=NOW + timedelta(hours=1)) == 2
    live = opened(state)
    assert live.may_receive(AuthorityCode("0680"))
    assert KeyRing.load(trust_files(state, LINKOPING).keys).signing_keys == before


def test_policies_are_published_with_their_hash(state, tenants):
    published = opened(state).directory.entries[GOTEBORG].policies
    assert published == tuple(
        policy.published().decode() for policy in tenants[GOTEBORG].policies.policies
    )
    assert published


def test_a_rotated_ring_is_stated_and_the_fingerprint_stays(state, tenants):
    before = opened(state).fingerprint(GOTEBORG)
    ring = KeyRing.load(trust_files(state, GOTEBORG).keys)
    ring.rotate(NOW, VALID_DAYS)
    assert bootstrap(state, tenants, now=NOW + timedelta(hours=1)) == 2
    live = opened(state)
    assert live.signing_key(GOTEBORG, ring.signing_keys[1].kid)
    assert live.fingerprint(GOTEBORG) == before


def test_the_operators_own_rotation_keeps_the_pinned_key(state, tenants):
    anchor = trust_files(state, LINKOPING).anchor.read_bytes()
    ring = KeyRing.load(trust_files(state, OPERATOR).keys)
    ring.rotate(NOW, VALID_DAYS, lead=timedelta(0))
    assert bootstrap(state, tenants, now=NOW + timedelta(hours=1)) == 2
    assert bootstrap(state, tenants, now=NOW + timedelta(hours=2)) == 2
    assert trust_files(state, LINKOPING).anchor.read_bytes() == anchor
    assert opened(state).directory.version == 2


def test_another_operators_directory_is_not_handed_to_a_node(state, tenants):
    """A node that pinned one operator refuses the next, whatever the set-up says."""
    pinned = trust_files(state, LINKOPING).anchor.read_bytes()
    shutil.rmtree(trust_files(state, OPERATOR).folder)
    with pytest.raises(DomainError, match=r"directory\.anchor"):
        bootstrap(state, tenants, now=NOW)
    assert trust_files(state, LINKOPING).anchor.read_bytes() == pinned


def test_a_node_never_gets_an_older_directory(state, tenants):
    old = trust_files(state, OPERATOR).directory.read_bytes()
    bootstrap(state, tenants, versions={"proposed": frozenset({2})}, now=NOW)
    new = trust_files(state, LINKOPING).directory.read_bytes()
    trust_files(state, OPERATOR).directory.write_bytes(old)
    with pytest.raises(DomainError, match=r"directory\.two_of_one_version"):
        bootstrap(state, tenants, versions={"proposed": frozenset({3})}, now=NOW)
    assert trust_files(state, LINKOPING).directory.read_bytes() == new


def test_a_spoilt_directory_file_opens_nothing(state):
    files = trust_files(state, LINKOPING)
    document = json.loads(files.directory.read_bytes())
    document["entries"][0]["status"] = "paused"
    for spoilt in (b"", b"\xff", json.dumps(document).encode()):
        files.directory.write_bytes(spoilt)
        with pytest.raises(DomainError, match=r"directory\.(unreadable|entry_missing)"):
            opened(state)


def test_a_spoilt_key_is_not_replaced_by_a_new_one(state, tenants):
    next(trust_files(state, LINKOPING).keys.glob("signing-*")).write_text("{}")
    with pytest.raises(DomainError, match=r"keys\.damaged"):
        bootstrap(state, tenants, now=NOW)


def test_what_is_handed_out_is_the_signed_document(state):
    raw = trust_files(state, LINKOPING).directory.read_bytes()
    assert msgspec.json.encode(msgspec.json.decode(raw, type=SignedDirectory)) == raw


@pytest.mark.parametrize("is_demo", [True, False])
def test_fingerprints_count_as_confirmed_in_a_demo_only(state, is_demo):
    assert opened(state, confirms_all=is_demo).is_confirmed(GOTEBORG) is is_demo
    assert not opened(state, confirms_all=is_demo).is_confirmed(POLICE)
