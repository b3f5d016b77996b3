"""What was signed, sealed and wrapped by version 1 is read for ever: these bytes never change."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from shared.crypto import NodeKey, SealingKey, SigningKey, SubjectKey
from shared.crypto.encoding import from_base64url
from shared.crypto.keys import signing_kid
from shared.ids import SubjectId

GOLDEN = json.loads((Path(__file__).parent / "golden/v1.json").read_text())
NOW = datetime(2026, 3, 2, tzinfo=UTC)
SIGNING = SigningKey.of_private(
    bytes.fromhex(GOLDEN["signing_private"]), NOW, NOW + timedelta(days=1)
)
SEALING = SealingKey.of_private(
    bytes.fromhex(GOLDEN["sealing_private"]), NOW, NOW + timedelta(days=1)
)
SUBJECT = SubjectKey(SubjectId(UUID(GOLDEN["subject"])), bytes.fromhex(GOLDEN["subject_key"]))
NODE_KEY = NodeKey(bytes.fromhex(GOLDEN["node_key"]))


def test_a_signing_key_has_its_name():
    assert SIGNING.public.hex() == GOLDEN["signing_public"]
    assert SIGNING.kid == GOLDEN["signing_kid"]


def test_a_name_is_the_thumbprint_of_rfc_8037():
    # RFC 8037, appendix A.3.
    public = from_base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
    assert signing_kid(public) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_sealing_key_has_its_name():
    assert SEALING.public.hex() == GOLDEN["sealing_public"]
    assert SEALING.kid == GOLDEN["sealing_kid"]


def test_a_signed_text_is_spelt_so():
    assert SIGNING.sign(GOLDEN["jws_payload"].encode()) == GOLDEN["jws"]
    assert SIGNING.verify(GOLDEN["jws"]) == GOLDEN["jws_payload"].encode()


def test_what_was_sealed_opens():
    sealed = bytes.fromhex(GOLDEN["hpke_sealed"])
    assert SEALING.open(sealed, GOLDEN["hpke_info"].encode()) == b"body"


def test_a_row_that_was_closed_opens():
    assert SUBJECT.open(bytes.fromhex(GOLDEN["subject_sealed"]), "table.column:1") == b"text"


def test_a_key_that_was_wrapped_unwraps():
    wrapped = bytes.fromhex(GOLDEN["wrapped"])
    assert NODE_KEY.unwrap(SUBJECT.subject, wrapped).key == SUBJECT.key


def test_a_person_is_found_under_the_same_index():
    assert NODE_KEY.blind_index().of("a").hex() == GOLDEN["blind_index_of_a"]
