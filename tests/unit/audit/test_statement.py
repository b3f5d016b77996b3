from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.audit.handlers import read_statement
from services.audit.wire import Statement
from shared.crypto import KeyRing
from shared.errors import WireError
from shared.ids import AuthorityCode
from tests.support.federation import OpenDirectory

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
LINKOPING = AuthorityCode("0580")


@pytest.fixture
def keyring():
    return KeyRing.in_memory(LINKOPING, NOW - timedelta(days=1))


def statement(authority="0580"):
    return Statement(authority, 7, "0" * 64, None, None, NOW)


def signed(keyring, payload):
    return keyring.signing(NOW).sign(payload)


def read(keyring, jws):
    return read_statement(jws, LINKOPING, OpenDirectory({LINKOPING: keyring}))


def test_a_statement_is_read_as_it_was_signed(keyring):
    assert read(keyring, signed(keyring, msgspec.json.encode(statement()))) == statement()


@pytest.mark.parametrize(
    "payload",
    [b"{}", b"not json", msgspec.json.encode(statement("1480"))],
    ids=["empty", "rubbish", "another's"],
)
def test_what_is_no_statement_of_the_sender_is_spoilt(keyring, payload):
    with pytest.raises(WireError, match=r"wire\.checkpoint"):
        read(keyring, signed(keyring, payload))


def test_a_statement_changed_after_signing_is_spoilt(keyring):
    jws = signed(keyring, msgspec.json.encode(statement()))
    head, payload, signature = jws.split(".")
    with pytest.raises(WireError):
        read(keyring, f"{head}.{payload[:-2]}AA.{signature}")
