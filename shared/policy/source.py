"""A value and where it comes from."""

from datetime import date
from typing import ClassVar, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

DocumentKind = Literal[
    "policy",
    "agreement",
    "protocol",
    "guideline",
    "law",
    "web",
    "practice",
    "product_default",
    "assumption",
]


class PolicyInvalid(Exception):  # noqa: N818 - reads as the sentence it is
    """A tenant's file cannot be used; the text names file and path. The node does not start."""


class PolicyStruct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every policy struct descends from: frozen, and an unknown field is an error."""


class Document(PolicyStruct, frozen=True, kw_only=True):
    """A governing document, or the honest name of what stands in for one.

    Args:
        kind: `product_default` and `assumption` are not documents: nothing decided them.
        title: as printed on it.
        decided_by: the body; empty where nobody decided.
        decided_on: empty where the copy at hand carries no date.
        reference: section of the minutes, register number.
        seed: name of the copy that the project was given; empty otherwise.
    """

    kind: DocumentKind
    title: str
    decided_by: str = ""
    decided_on: date | None = None
    reference: str = ""
    seed: str = ""


class DecidedIn(PolicyStruct, frozen=True, kw_only=True):
    """Which document and section brought a policy block into force, and whether that was seen."""

    document: str
    section: str
    verified: bool
    note: str = ""


class Sourced(PolicyStruct, Generic[T], frozen=True, kw_only=True):
    """One parameter.

    Args:
        value: typed by the field.
        document: key in the tenant's `[document]` table.
        section: heading or paragraph there.
        verified: somebody read this value in that document.
        assumed: made up for a tenant whose documents the project has not seen.
        note: what a reader must know, for instance that the document is silent.
    """

    value: T
    document: str
    section: str
    verified: bool
    assumed: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what claims to be both read and made up."""
        if self.assumed and self.verified:
            raise ValueError("a value cannot be both assumed and verified")


class SourcedRow(PolicyStruct, frozen=True, kw_only=True):
    """One row of a table of a policy, with where it comes from; fields as of `Sourced`.

    A row says `rule_key`, its name in a comparison of policies.
    """

    document: str
    section: str
    verified: bool
    assumed: bool = False
    note: str = ""

    compared: ClassVar[tuple[str, ...]] = ()
    """Names of the fields that a comparison of policies compares."""

    def check_source(self, name: str) -> None:
        """Refuse what claims to be both read and made up."""
        if self.assumed and self.verified:
            raise ValueError(f"{name}: a row cannot be both assumed and verified")

    @property
    def rule_value(self) -> dict[str, object]:
        """What a comparison compares."""
        builtins: dict[str, object] = msgspec.to_builtins(self)
        return {name: builtins[name] for name in self.compared}
