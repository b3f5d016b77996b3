"""What differs between two policies, rule by rule, each with its source."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.policy.book import Policy, Sections
from shared.policy.source import PolicyStruct, Sourced


@dataclass(frozen=True, slots=True)
class Side:
    """One authority's end of a difference.

    Args:
        value: JSON types; None where the rule is missing there.
        document: title of the governing document.
    """

    value: Any
    document: str
    section: str
    verified: bool
    assumed: bool
    note: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that two policies answer differently.

    Args:
        rule: dotted path from the section's name (`handover.answer_within`).
    """

    rule: str
    left: Side
    right: Side


NOWHERE = Side(None, "", "", verified=False, assumed=False, note="")


def differences(left: Policy, right: Policy, sections: Sections) -> list[Difference]:
    """Every rule whose value differs, in the order of the structs' fields.

    Two rules with one value and different sources are no difference.
    """
    found = []
    ours, theirs = rules(left, sections), rules(right, sections)
    for rule in [*ours, *(rule for rule in theirs if rule not in ours)]:
        mine, other = ours.get(rule, NOWHERE), theirs.get(rule, NOWHERE)
        if mine.value != other.value:
            found.append(Difference(rule, mine, other))
    return found


def rules(policy: Policy, sections: Sections) -> dict[str, Side]:
    """Every rule of a policy by its dotted path."""
    return {
        rule: _side(policy, sourced, value)
        for name, struct in sections.items()
        for rule, sourced, value in _walk(name, policy.section(name, struct))
    }


def _walk(path: str, node: PolicyStruct) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(node, Sourced):
        yield path, node, msgspec.to_builtins(node.value)
        return
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, PolicyStruct):
            yield from _walk(f"{path}.{name}", value)
        elif isinstance(value, tuple):
            for row in value:
                yield f"{path}.{row.rule_key}", row, row.rule_value


def _side(policy: Policy, source: Any, value: Any) -> Side:
    return Side(
        value=value,
        document=policy.documents[source.document].title,
        section=source.section,
        verified=source.verified,
        assumed=source.assumed,
        note=source.note,
    )
