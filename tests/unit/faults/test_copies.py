"""A repeated frame is the same frame to the same subject, as another message of the exchange."""

from infra.faults.proxy import copy_of


def test_a_copy_carries_the_body_alone_and_a_transport_id_of_its_own() -> None:
    headers = b"NATS/1.0\r\nNats-Msg-Id: one.1\r\nNats-Batch-Id: b\r\n\r\n"
    body = b"sealed \r\n bytes"
    size = len(headers) + len(body)
    line = b"HPUB exchange.1480.0580.m _INBOX.0580.x %d %d\r\n" % (len(headers), size)
    copied = copy_of(line + headers + body + b"\r\n", "9.1")
    first, _, rest = copied.partition(b"\r\n")
    verb, subject, head, total = first.split()
    assert (verb, subject) == (b"HPUB", b"exchange.1480.0580.m")
    assert rest[: int(head)] == b"NATS/1.0\r\nNats-Msg-Id: repeated.9.1\r\n\r\n"
    assert rest[int(head) : int(total)] == body
    assert rest[int(total) :] == b"\r\n"
