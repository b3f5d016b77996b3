"""The same over the real exchange."""

import hashlib
import os
from datetime import timedelta

import pytest

from services.cases import api as cases
from services.handover import api as handover
from shared.bus.nats import NatsBus
from shared.outbox.attachments import CHUNK_BYTES, MAX_BYTES, AttachmentRelay
from tests.support.exchange import open_pair

pytestmark = pytest.mark.servers


class RealExchange:
    """The NATS server that the tests start."""

    def __init__(self, server) -> None:
        self._server = server

    async def bus(self, code) -> NatsBus:
        return await NatsBus.connect([self._server.url], self._server.seed_file(code), code)


class Died(BaseException):
    """The relay's process is gone."""


async def test_a_case_is_handed_over_over_the_real_exchange(
    postgres_server, nats_server, tmp_path
) -> None:
    async with open_pair(postgres_server, tmp_path, exchange=RealExchange(nats_server)) as pair:
        _, handover_id, _ = await pair.taken_over()
        assert await pair.responsible(handover_id) == (False, True)


async def test_26_214_400_bytes_cross_once_though_the_relay_dies_in_the_middle(
    postgres_server, nats_server, tmp_path, monkeypatch
) -> None:
    content = b"%PDF-" + os.urandom(MAX_BYTES - 5)
    sent = []
    send = AttachmentRelay._send

    async def counted(self, file, number, key):
        if file["chunks"] == MAX_BYTES // CHUNK_BYTES:
            sent.append(number)
            if len(sent) == 41:
                raise Died
        return await send(self, file, number, key)

    monkeypatch.setattr(AttachmentRelay, "_send", counted)
    async with open_pair(postgres_server, tmp_path, exchange=RealExchange(nats_server)) as pair:
        case_id, handover_id, _ = await pair.drafted()
        await pair.linkoping.bench.document(case_id, content)
        await pair.linkoping.decide(handover_id, handover.Propose())
        await pair.settle()
        await pair.goteborg.decide(handover_id, handover.Accept(pair.goteborg.bench.today))
        with pytest.raises(Died):
            await pair.settle()
        assert (await pair.goteborg.view(handover_id)).dossier is None
        pair.linkoping.restart()
        pair.clock.move(timedelta(minutes=1))
        await pair.settle()
        assert sorted(sent) == sorted([*range(100), 40])  # only the one that died went for again
        await pair.goteborg.decide(handover_id, await pair.take_over_facts())
        await pair.settle()
        assert await pair.responsible(handover_id) == (False, True)
        node, bo = pair.goteborg.node, await pair.goteborg.bench.case_worker()
        there = (await pair.goteborg.view(handover_id)).row.case_id
        (document,) = await cases.list_documents(node, bo, there)
        opened = await cases.read_document(node, bo, there, document.document_id, "prov")
        assert document.sha256 == hashlib.sha256(content).hexdigest()
        assert opened.content == content
