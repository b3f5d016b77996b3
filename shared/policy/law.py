"""References to law as data: statute numbers move, and a decision quotes the one of its day."""

import tomllib
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import msgspec

from shared.errors import DomainError
from shared.policy.source import PolicyInvalid, PolicyStruct


class LawReference(PolicyStruct, frozen=True, kw_only=True):
    """Where a rule stands in the law during a time.

    Args:
        id: stable, what code and decisions name (`transfer.request`).
        act: as people say it (`SoL`).
        number: the statute's number (`2025:400`).
        provision: chapter and section, as printed in a decision.
        rule: what it says, in one Swedish sentence.
        valid_from: first day this wording or place applied.
        valid_to: last day; none while in force.
        verified: somebody read it in the statute itself.
        source: where the project has it from.
    """

    id: str
    act: str
    number: str
    provision: str
    rule: str
    valid_from: date
    valid_to: date | None = None
    verified: bool
    source: str

    @property
    def citation(self) -> str:
        """As it is printed: `2 a kap. 10 § SoL (2001:453)`."""
        return f"{self.provision} {self.act} ({self.number})"


class _LawFile(PolicyStruct, frozen=True, kw_only=True):
    law: tuple[LawReference, ...]


class LawBook:
    """All references, by id and day.

    Args:
        references: of one id, times never overlap.
    """

    def __init__(self, references: Sequence[LawReference]) -> None:
        self._by_id: dict[str, list[LawReference]] = {}
        for reference in sorted(references, key=lambda each: each.valid_from):
            self._add(reference)

    def _add(self, reference: LawReference) -> None:
        if reference.valid_to and reference.valid_to < reference.valid_from:
            raise PolicyInvalid(f"law {reference.id}: ends before it begins")
        earlier = self._by_id.setdefault(reference.id, [])
        if earlier and (
            earlier[-1].valid_to is None or earlier[-1].valid_to >= reference.valid_from
        ):
            raise PolicyInvalid(f"law {reference.id}: two references on one day")
        earlier.append(reference)

    @property
    def ids(self) -> frozenset[str]:
        """Every id there is."""
        return frozenset(self._by_id)

    def changes(self, ids: Collection[str]) -> list[LawReference]:
        """References that took the place of an earlier one of the same id, oldest first."""
        later = [each for one in ids for each in self._by_id.get(one, ())[1:]]
        return sorted(later, key=lambda each: (each.valid_from, each.citation))

    def on(self, reference_id: str, day: date) -> LawReference:
        """The reference in force that day.

        Raises:
            DomainError: `law.none_in_force`, unknown id included.
        """
        for reference in self._by_id.get(reference_id, ()):
            if reference.valid_from <= day and (
                reference.valid_to is None or day <= reference.valid_to
            ):
                return reference
        raise DomainError("law.none_in_force", reference=reference_id)


def load_law(file: Path) -> LawBook:
    """Read `tenants/law.toml`.

    Raises:
        PolicyInvalid: naming the path.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        return LawBook(msgspec.convert(content, _LawFile).law)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise PolicyInvalid(f"{file}: {error}") from error
