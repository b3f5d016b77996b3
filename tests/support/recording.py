"""Keeps what the exchange took, to give it again later."""

from contextlib import contextmanager


@contextmanager
def recording(exchange):
    """All frames that the exchange takes meanwhile, with who sent them."""
    taken, put = [], exchange.put

    def keep(stream, sender, frame):
        taken.append((stream, sender, frame))
        put(stream, sender, frame)

    exchange.put = keep
    try:
        yield taken
    finally:
        exchange.put = put
