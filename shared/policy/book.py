"""An authority's policies by date."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from shared.errors import DomainError
from shared.ids import AuthorityCode
from shared.policy.source import DecidedIn, Document, PolicyInvalid, PolicyStruct

S = TypeVar("S", bound=PolicyStruct)
Sections = Mapping[str, type[PolicyStruct]]
"""Every section that may stand in a policy block: its name and its struct."""


class Policy:
    """The policy in force from one day until the next block's.

    Args:
        authority: whose.
        valid_from: first local day.
        decided_in: what brought it into force.
        documents: what the sections' sources point at.
        raw: the sections as read, TOML types.
    """

    def __init__(
        self,
        authority: AuthorityCode,
        valid_from: date,
        decided_in: DecidedIn,
        documents: Mapping[str, Document],
        raw: Mapping[str, Any],
    ) -> None:
        self.authority = authority
        self.valid_from = valid_from
        self.decided_in = decided_in
        self.documents = documents
        self.raw = raw
        self.sha256 = hashlib.sha256(self.published()).hexdigest()
        self._decoded: dict[str, PolicyStruct] = {}

    def published(self) -> bytes:
        """The block in canonical JSON: what is hashed, and what the directory carries."""
        return msgspec.json.encode(
            {
                "authority": self.authority,
                "valid_from": self.valid_from,
                "decided_in": self.decided_in,
                "documents": self.documents,
                "sections": self.raw,
            },
            order="sorted",
        )

    @classmethod
    def from_published(cls, block: bytes) -> "Policy":
        """Read what `published` wrote: another authority's policy, from the directory.

        Raises:
            PolicyInvalid: not such a block.
        """
        try:
            read = msgspec.json.decode(block, type=_Published)
        except msgspec.MsgspecError as error:
            raise PolicyInvalid(f"published policy: {error}") from error
        return cls(read.authority, read.valid_from, read.decided_in, read.documents, read.sections)

    def section(self, name: str, struct: type[S]) -> S:
        """This section as the service's own struct.

        Raises:
            PolicyInvalid: the section is missing or breaks a rule; the text names the path.
        """
        known = self._decoded.get(name)
        if not isinstance(known, struct):
            known = self._decode(name, struct)
            self._decoded[name] = known
        return known

    def check(self, sections: Sections) -> None:
        """Decode every section, refuse unknown ones and sources that no document answers.

        Raises:
            PolicyInvalid: naming authority, day and path.
        """
        unknown = set(self.raw) - set(sections)
        if unknown:
            raise PolicyInvalid(f"{self._where}: no service has a section {sorted(unknown)}")
        for name, struct in sections.items():
            self.section(name, struct)
        self._check_sources(self.raw, "")

    @property
    def _where(self) -> str:
        return f"{self.authority} policy {self.valid_from.isoformat()}"

    def _decode(self, name: str, struct: type[S]) -> S:
        if name not in self.raw:
            raise PolicyInvalid(f"{self._where}: section [{name}] is missing")
        try:
            return msgspec.convert(self.raw[name], struct)
        except msgspec.ValidationError as error:
            raise PolicyInvalid(f"{self._where} [{name}]: {error}") from error

    def _check_sources(self, node: object, path: str) -> None:
        if isinstance(node, Mapping):
            document = node.get("document")
            if isinstance(document, str) and document not in self.documents:
                raise PolicyInvalid(f"{self._where} at {path}: no document named {document!r}")
            for key, value in node.items():
                self._check_sources(value, f"{path}.{key}" if path else str(key))
        elif isinstance(node, (list, tuple)):
            for number, value in enumerate(node):
                self._check_sources(value, f"{path}[{number}]")


class _Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    authority: AuthorityCode
    valid_from: date
    decided_in: DecidedIn
    documents: dict[str, Document]
    sections: dict[str, Any]


class PolicyBook:
    """All policy blocks of one authority.

    Args:
        authority: whose.
        policies: any order; two blocks never begin on one day.
    """

    def __init__(self, authority: AuthorityCode, policies: Sequence[Policy]) -> None:
        self.authority = authority
        self.policies = tuple(sorted(policies, key=lambda policy: policy.valid_from))
        days = [policy.valid_from for policy in self.policies]
        if len(days) != len(set(days)):
            raise PolicyInvalid(f"{authority}: two policy blocks begin on the same day")

    def on(self, day: date) -> Policy:
        """The policy in force that day.

        Raises:
            DomainError: `policy.none_in_force`, before the first block or without any.
        """
        in_force = [policy for policy in self.policies if policy.valid_from <= day]
        if not in_force:
            raise DomainError("policy.none_in_force", authority=self.authority)
        return in_force[-1]

    def check(self, sections: Sections) -> None:
        """Check every block, also those not yet in force."""
        for policy in self.policies:
            policy.check(sections)
