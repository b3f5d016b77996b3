"""A small federation's directory, issued by its real keys."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from services.directory.domain import (
    Anchor,
    Directory,
    Entry,
    SignedDirectory,
    accept,
    describe,
    issue,
    state_first_keys,
    state_next_keys,
)
from shared.crypto import KeyRing
from shared.crypto.encoding import to_base64url
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import Authority
from shared.policy.authority import DutyContact, Function
from tests.support.trust import NOW

KINDS = {"9000": "operator", "9001": "police", "9002": "national_coordination"}


def authority(code, *, runs_node=True, **more):
    settings = {
        "code": AuthorityCode(code),
        "name": f"Myndighet {code}",
        "short_name": code,
        "kind": KINDS.get(code, "municipality"),
        "runs_node": runs_node,
        "colour": "#1d4f7c",
        "duty_contact": DutyContact(name="Jouren", telephone="växeln", hours="dygnet runt"),
        "function": (
            Function(address="avhopp", name="Avhopparverksamheten", roles=("case_worker",)),
        ),
    } | more
    return Authority(**settings)


@dataclass
class Federation:
    """Every party's keys, and what the operator has issued so far."""

    rings: dict[str, KeyRing] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    directory: Directory | None = None
    now: object = NOW

    @property
    def anchor(self):
        first = self.rings[OPERATOR].signing_keys[0]
        return Anchor(first.kid, to_base64url(first.public))

    def join(self, code, **fields):
        """A new authority draws its keys and describes itself."""
        self.rings[code] = KeyRing.in_memory(AuthorityCode(code), self.now)
        self.entries[code] = self.entry(code, **fields)

    def entry(self, code, *, statements=None, number=1, policies=(), signer=None, **fields):
        ring = self.rings[code]
        return Entry(
            code=code,
            status=fields.pop("status", "active"),
            statements=statements
            if statements is not None
            else (state_first_keys(ring, self.now),),
            profile=describe(
                fields.pop("authority", authority(code)),
                policies,
                {"proposed": {1}},
                number=number,
                signer=signer or ring.signing(self.now),
                now=self.now,
            ),
            policies=tuple(policies),
            **fields,
        )

    def rotate(self, code, *, signer=None, lead=timedelta(0), **fields):
        """The authority draws new keys and states them; they are valid at once."""
        ring = self.rings[code]
        old = ring.signing(self.now)
        statements = self.entries[code].statements
        ring.rotate(self.now, valid_days=365, lead=lead)
        self.now = self.now + timedelta(seconds=1)
        statement = state_next_keys(ring, statements, self.now, signer=signer or old, **fields)
        self.entries[code] = self.entry(code, statements=(*statements, statement), number=2)
        return statement

    def issue(self, entries=None, signer=None, before="last", **fields) -> SignedDirectory:
        """The operator's next list."""
        return issue(
            (self.entries if entries is None else entries).values(),
            before=self.directory if before == "last" else before,
            signer=signer or self.rings[OPERATOR].signing(self.now),
            now=self.now,
            **fields,
        )

    def accept(self, document, known="last", **fields) -> Directory:
        return accept(
            document,
            self.directory if known == "last" else known,
            anchor=self.anchor,
            **fields,
        )

    def publish(self, **fields) -> Directory:
        self.directory = self.accept(self.issue(**fields))
        return self.directory


@pytest.fixture(scope="session")
def _joined():
    made = Federation()
    for code in ("9000", "9002", "0580", "1480"):
        made.join(code)
    made.publish()
    return made


@pytest.fixture
def federation(_joined):
    """Four authorities with keys of their own and a first list; drawn once, each test its copy."""
    rings = {
        code: KeyRing(ring.authority, ring.signing_keys, ring.sealing_keys)
        for code, ring in _joined.rings.items()
    }
    return Federation(rings, dict(_joined.entries), _joined.directory)
