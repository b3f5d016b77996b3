"""Contact data go from vault to vault once the case is taken over; nobody and nothing else has them."""

import logging
from dataclasses import replace

import pytest

from services.cases import api as cases
from services.handover import api as handover
from services.handover import wire
from services.handover.handlers.vaults import open_vault
from shared.errors import DomainError, WireError
from shared.ids import SubjectId, random_id
from tests.support.leaks import Records

pytestmark = [pytest.mark.servers, pytest.mark.asyncio(loop_scope="module")]

CONTENT = cases.VaultContent(
    address="Valvkanariegatan 7", phone="070-1110001", workplace="Valvkanarie AB"
)
CANARIES = ("Valvkanarie", "070-1110001")


async def prepared(pair, content=CONTENT, **how):
    """Accepted with the dossier in hand; Linköping's vault is written."""
    case_id, handover_id, consent_id = await pair.accepted(**how)
    asta = await pair.linkoping.bench.case_worker()
    if content is not None:
        await cases.set_vault(pair.linkoping.node, asta, cases.SetVault(case_id, 1, content))
    return case_id, handover_id, consent_id


async def take_over(pair, handover_id):
    await pair.goteborg.decide(handover_id, await pair.take_over_facts())
    return (await pair.goteborg.view(handover_id)).row.case_id


async def outcome(pair, handover_id):
    rows = await pair.linkoping.rows(
        "select vault from handover where handover_id = :id", id=handover_id
    )
    return rows[0].vault


async def revealed(pair, case_id, term=2):
    """What a member of the new file sees, with a colleague's approval and a reason."""
    node, bench = pair.goteborg.node, pair.goteborg.bench
    bo, gun = await bench.case_worker(), await bench.leader()
    approval = cases.ApproveReveal(case_id, term, bo.staff_id, "ska hämta personen")
    approval_id = await cases.approve_reveal(node, gun, approval)
    return await cases.reveal_vault(
        node, bo, cases.RevealVault(case_id, "ska hämta personen", approval_id)
    )


async def cards(pair, town, kind):
    return await town.rows("select 1 from card where kind = :kind and done_at is null", kind=kind)


async def test_the_new_vault_has_what_the_old_one_had_and_two_persons_open_it(pair):
    _, handover_id, _ = await prepared(pair)
    case_id = await take_over(pair, handover_id)
    assert not (
        await cases.read_case(
            pair.goteborg.node, await pair.goteborg.bench.case_worker(), case_id, "prov"
        )
    ).has_vault
    await pair.settle()
    assert await outcome(pair, handover_id) == "sent"
    bo = await pair.goteborg.bench.case_worker()
    with pytest.raises(DomainError, match=r"vault\.not_approved"):
        await cases.reveal_vault(
            pair.goteborg.node, bo, cases.RevealVault(case_id, "nyfiken", random_id())
        )
    assert await revealed(pair, case_id) == CONTENT
    assert await cards(pair, pair.goteborg, "handover.vault")


async def test_the_address_does_not_go_to_who_was_excluded_meanwhile(pair):
    case_id, handover_id, _ = await prepared(pair)
    asta = await pair.linkoping.bench.case_worker()
    kept_from = cases.SetExclusion(case_id, 1, "authority", "1480", "Anhöriga arbetar där.")
    await cases.set_exclusion(pair.linkoping.node, asta, kept_from)
    await take_over(pair, handover_id)
    await pair.settle()
    assert await outcome(pair, handover_id) == "withheld"
    came = await pair.goteborg.rows(
        "select 1 from inbox where conversation_id = :id and kind = 'vault'", id=handover_id
    )
    assert came == []


async def test_nothing_leaves_the_vault_before_the_take_over(pair):
    _, handover_id, _ = await prepared(pair)
    await pair.settle()
    sent = await pair.linkoping.rows(
        "select kind from outbox where conversation_id = :id and kind = 'vault'", id=handover_id
    )
    assert (sent, await outcome(pair, handover_id)) == ([], None)


async def test_the_address_is_in_no_table_message_log_or_export_and_no_handover_key_opens_it(pair):
    records = Records()
    logging.getLogger().addHandler(records)
    try:
        _, handover_id, _ = await prepared(pair)
        await take_over(pair, handover_id)
        await pair.settle()
    finally:
        logging.getLogger().removeHandler(records)
    assert not [word for word in CANARIES if word in "\n".join(records.lines)]
    for town in (pair.linkoping, pair.goteborg):
        leader = await town.bench.leader()
        view = repr(await town.view(handover_id, leader))
        export = (await handover.export_evidence(town.node, leader, handover_id)).decode()
        tables = await town.rows(
            "select table_name from information_schema.tables where table_schema = 'public'"
        )
        clear = ""
        for (table,) in tables:
            rows = await town.rows(f'select row_to_json(t)::text as line from "{table}" t')
            clear += "\n".join(row.line for row in rows)
        key = await town.node.case_keys.get(SubjectId(handover_id))
        opened = await _all_bodies(town, handover_id, key)
        assert len(opened) > 4
        for word in CANARIES:
            assert word not in view + export + clear
            assert word.encode() not in b"".join(opened)
            assert word.encode().hex() not in clear


async def _all_bodies(town, handover_id, key):
    """Every message of the handover, in and out, as the handover's key opens it."""
    from services.handover.store.attached import signed_messages

    async with town.worker_node.db.begin(town.bench.worker) as uow:
        found = await signed_messages(uow, handover_id, key, None)
    return [body.encode() for _, body, _ in found if body]


async def test_what_is_sealed_for_one_handover_opens_in_no_other_and_for_nobody_else(pair):
    _, handover_id, _ = await prepared(pair)
    await take_over(pair, handover_id)
    await pair.settle()
    view = await pair.linkoping.view(handover_id)
    (body,) = [each for each in view.bodies.values() if isinstance(each, wire.Vault)]
    row = (await pair.goteborg.view(handover_id)).row
    assert b"Valvkanarie" in open_vault(pair.goteborg.node, row, body)
    with pytest.raises(WireError):
        open_vault(pair.goteborg.node, replace(row, handover_id=random_id()), body)
    with pytest.raises(WireError):
        open_vault(pair.goteborg.node, replace(row, sender="0581"), body)
    with pytest.raises(WireError):
        open_vault(pair.linkoping.node, row, body)
    spoilt = wire.Vault(body.kid, body.sealed[:-1] + bytes([body.sealed[-1] ^ 1]))
    with pytest.raises(WireError):
        open_vault(pair.goteborg.node, row, spoilt)


async def test_a_consent_withdrawn_before_the_word_came_keeps_the_vault_shut(pair):
    case_id, handover_id, consent_id = await prepared(pair)
    await take_over(pair, handover_id)
    asta = await pair.linkoping.bench.case_worker()
    withdrawal = cases.WithdrawConsent(case_id, 1, consent_id)
    await cases.withdraw_consent(pair.linkoping.node, asta, withdrawal)
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)
    assert await outcome(pair, handover_id) == "withheld"
    assert await cards(pair, pair.linkoping, "handover.vault_stays")


async def test_what_the_new_municipality_has_written_itself_stands(pair):
    _, handover_id, _ = await prepared(pair)
    case_id = await take_over(pair, handover_id)
    own = cases.VaultContent(address="Egen anteckning 2")
    bo = await pair.goteborg.bench.case_worker()
    await cases.set_vault(pair.goteborg.node, bo, cases.SetVault(case_id, 2, own))
    await pair.settle()
    assert await revealed(pair, case_id) == own
    assert await cards(pair, pair.goteborg, "handover.vault_not_needed")


@pytest.mark.parametrize("way", ["empty", "statute"])
async def test_an_empty_vault_sends_nothing_and_a_statute_carries_it(pair, way):
    content, expected = (None, "empty") if way == "empty" else (CONTENT, "sent")
    _, handover_id, _ = await prepared(pair, content, consent=way == "empty")
    await take_over(pair, handover_id)
    await pair.settle()
    assert await outcome(pair, handover_id) == expected


async def test_a_lost_case_key_or_vault_key_never_stops_a_take_over(pair):
    case_id, handover_id, _ = await prepared(pair)
    await pair.linkoping.node.case_keys.destroy(cases.vault_of(case_id))
    await take_over(pair, handover_id)
    await pair.settle()
    assert await pair.responsible(handover_id) == (False, True)
    assert await outcome(pair, handover_id) == "empty"
