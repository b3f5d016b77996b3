"""tenants/README.md explains every field that a tenant file may hold."""

import re
from collections.abc import Iterator
from typing import get_args, get_type_hints

import msgspec
import pytest

from gateway.policies import SECTIONS
from shared.policy import Authority, DecidedIn, Document, LawReference, Sourced, tenants_root
from shared.policy.authority import DutyContact

README = (tenants_root() / "README.md").read_text(encoding="utf-8")
EXPLAINED = set(re.findall(r"`([a-z_]+)`", README))


def structs(kind: object, seen: set[type]) -> Iterator[type]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in seen:
            return
        seen.add(kind)
        yield kind
        for hint in get_type_hints(kind).values():
            yield from structs(hint, seen)
    origin = getattr(kind, "__origin__", None)
    if origin is Sourced:
        yield from structs(Sourced, seen)
    for argument in get_args(kind):
        yield from structs(argument, seen)


def every_struct() -> list[type]:
    seen: set[type] = set()
    roots = [Authority, DutyContact, DecidedIn, Document, LawReference, *SECTIONS.values()]
    return [each for root in roots for each in structs(root, seen)]


@pytest.mark.parametrize("struct", every_struct(), ids=lambda struct: struct.__name__)
def test_every_field_of_this_struct_is_explained(struct):
    assert set(struct.__struct_fields__) - EXPLAINED == set()


@pytest.mark.parametrize("struct", every_struct(), ids=lambda struct: struct.__name__)
def test_every_variant_is_named(struct):
    tag = struct.__struct_config__.tag
    assert tag is None or tag in EXPLAINED


def test_every_section_has_a_heading():
    for name in SECTIONS:
        assert f"## `[policy.{name}]`" in README
