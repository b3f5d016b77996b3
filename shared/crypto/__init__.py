"""Keys and what they do: sign, seal, and keep a person's data shut.

Four kinds of key, each with one purpose:

- A **signing key** (Ed25519) says who speaks. The signature covers a small header, never a body.
- A **sealing key** (X25519 + ML-KEM-768, RFC 9180) closes a message to its one receiver: recorded
  today, it stays shut when quantum computers come.
- A **subject key** (AES-256-GCM) closes the rows about one case, or one handover. Destroying the
  key erases them, in every backup at once.
- The **node key** wraps the subject keys, and nothing else.

An authority's own private keys live in a `KeyRing` on its disk; other authorities' public ones
come from a `KeyDirectory`. The kernel asks the directory and never decides itself whom to trust.
"""

from shared.crypto.case_keys import CaseKeys, MemoryCaseKeys
from shared.crypto.jws import key_id_of, payload_of
from shared.crypto.keys import SealingKey, SigningKey
from shared.crypto.node_key import NodeKey
from shared.crypto.postgres_case_keys import PostgresCaseKeys
from shared.crypto.ring import KeyRing
from shared.crypto.subject import BlindIndex, SubjectKey
from shared.crypto.trust import KeyDirectory

__all__ = [
    "BlindIndex",
    "CaseKeys",
    "KeyDirectory",
    "KeyRing",
    "MemoryCaseKeys",
    "NodeKey",
    "PostgresCaseKeys",
    "SealingKey",
    "SigningKey",
    "SubjectKey",
    "key_id_of",
    "payload_of",
]
