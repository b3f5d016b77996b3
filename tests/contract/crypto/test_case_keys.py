"""One suite for every key store: what a service may rely on."""

import asyncio
from types import SimpleNamespace

import pytest

from shared.crypto import CaseKeys, MemoryCaseKeys, NodeKey, PostgresCaseKeys, SubjectKey
from shared.db.work import current_work
from shared.errors import AccessDenied, DomainError
from shared.ids import SubjectId, random_id


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.servers)])
def server(request):
    """PostgreSQL where the store needs it; started outside any event loop."""
    return request.getfixturevalue("postgres_server") if request.param == "postgres" else None


@pytest.fixture
async def stores(server, tmp_path):
    """Makes stores of one node: what one of its processes sees."""
    if server is None:
        one = MemoryCaseKeys()
        yield lambda: one
        return
    dsns = await server.fresh_node_databases("0580")
    node_key = NodeKey.create(tmp_path / "node.key")
    opened = []

    def make():
        opened.append(
            PostgresCaseKeys(dsns.keys, node_key, erasure_file=tmp_path / "erasures.list")
        )
        return opened[-1]

    yield make
    for store in opened:
        await store.close()


@pytest.fixture
def keys(stores) -> CaseKeys:
    return stores()


@pytest.fixture
def subject() -> SubjectId:
    return SubjectId(random_id())


async def test_a_key_is_made_once_and_found_again(keys, stores, subject):
    made = await keys.ensure(subject)
    assert made.subject == subject
    for store in (keys, stores()):
        assert (await store.ensure(subject)).key == made.key
        assert (await store.get(subject)).key == made.key


async def test_what_one_process_seals_another_opens(keys, stores, subject):
    sealed = (await keys.ensure(subject)).seal(b"text", "t.c:1")
    assert (await stores().get(subject)).open(sealed, "t.c:1") == b"text"


async def test_each_subject_has_its_own_key(keys, subject):
    one = await keys.ensure(subject)
    other = await keys.ensure(SubjectId(random_id()))
    assert isinstance(one, SubjectKey)
    assert one.key != other.key


async def test_a_subject_without_a_key_is_not_found(keys, subject):
    with pytest.raises(AccessDenied):
        await keys.get(subject)


async def test_two_who_ensure_at_once_get_the_same_key(keys, stores, subject):
    made = await asyncio.gather(*(store.ensure(subject) for store in [keys, stores()] * 4))
    assert len({key.key for key in made}) == 1


@pytest.mark.parametrize("method", ["ensure", "get"])
async def test_a_destroyed_key_never_comes_back(keys, stores, subject, method):
    await keys.ensure(subject)
    await keys.destroy(subject)
    for store in (keys, stores()):
        with pytest.raises(DomainError, match=r"keys\.erased"):
            await getattr(store, method)(subject)


async def test_destroying_twice_is_as_once(keys, subject):
    await keys.ensure(subject)
    await keys.destroy(subject)
    await keys.destroy(subject)
    with pytest.raises(DomainError, match=r"keys\.erased"):
        await keys.get(subject)


async def test_a_subject_destroyed_unseen_gets_no_key_from_a_late_message(keys, stores, subject):
    await keys.destroy(subject)
    with pytest.raises(DomainError, match=r"keys\.erased"):
        await stores().ensure(subject)


async def test_destroying_one_leaves_the_others(keys, subject):
    other = SubjectId(random_id())
    kept = await keys.ensure(other)
    await keys.ensure(subject)
    await keys.destroy(subject)
    assert (await keys.get(other)).key == kept.key


@pytest.mark.parametrize("method", ["ensure", "get", "destroy"])
async def test_no_key_is_asked_for_while_a_transaction_is_open(keys, subject, method):
    token = current_work.set(SimpleNamespace(is_open=True))
    try:
        with pytest.raises(RuntimeError, match="transaction"):
            await getattr(keys, method)(subject)
    finally:
        current_work.reset(token)
