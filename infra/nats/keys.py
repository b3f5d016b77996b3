"""The nkey with which a node signs in to the exchange."""

import os
from pathlib import Path

import nkeys

from infra.files import write_private


def ensure_seed(file: Path) -> str:
    """Keep the seed in this file (0600), drawn when missing; returns the public half."""
    if not file.exists():
        write_private(file, nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER) + b"\n")
    return public_of(file)


def public_of(file: Path) -> str:
    """The public half of the seed in this file."""
    pair = nkeys.from_seed(bytearray(file.read_bytes().strip()))
    public: bytes = pair.public_key
    pair.wipe()
    return public.decode()
