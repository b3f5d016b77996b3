"""The digest of version 1, byte for byte: what one release writes, every later one reads."""

from datetime import date
from uuid import UUID

import msgspec

from shared.digest.wire import Applied, Digest, Sent

CONVERSATION = UUID("e02fd0e4-00fd-490a-8c30-0d00ba0017ee")
BODY = Digest(
    on=date(2026, 11, 22),
    part=1,
    parts=2,
    sent=(Sent(CONVERSATION, "forward", 3, 2, 3600, "ab" * 32),),
    applied=(Applied(CONVERSATION, "back", 1, "cd" * 32),),
)
BYTES = (
    '{"on":"2026-11-22","part":1,"parts":2,'
    '"sent":[{"conversation":"e02fd0e4-00fd-490a-8c30-0d00ba0017ee","direction":"forward",'
    f'"number":3,"answered":2,"waiting_s":3600,"hash":"{"ab" * 32}"}}],'
    '"applied":[{"conversation":"e02fd0e4-00fd-490a-8c30-0d00ba0017ee","direction":"back",'
    f'"number":1,"hash":"{"cd" * 32}"}}]}}'
)


def test_a_digest_is_written_so():
    assert msgspec.json.encode(BODY).decode() == BYTES


def test_a_digest_that_was_written_is_read():
    assert msgspec.json.decode(BYTES, type=Digest) == BODY
