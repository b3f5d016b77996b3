"""Every form that crosses between authorities, in every version that was ever sent, byte for byte."""

import json
from collections.abc import Mapping

import msgspec
import pytest

from shared.errors import WireError
from shared.messages import Header
from tests.support.golden import FOLDER, WHAT_TO_DO, golden_file, schema_digest, structs

FORMS = {(name, version): struct for name, version, struct in structs()}
KEPT = sorted(file.name.rsplit(".", 2)[:2] for file in FOLDER.glob("*.json"))


def kept(name, version) -> Mapping:
    return json.loads(golden_file(name, version).read_text())


@pytest.mark.parametrize(("name", "version"), sorted(FORMS))
def test_every_version_has_its_bytes(name, version):
    assert golden_file(name, version).exists(), (
        f"{name} version {version} is new: write its golden file before anybody sends it: "
        f"python -m tests.support.golden {name} {version} 'BODY'"
    )
    assert kept(name, version)["bodies"]


@pytest.mark.parametrize(("name", "version"), KEPT)
def test_no_version_that_was_ever_sent_is_forgotten(name, version):
    assert (name, int(version)) in FORMS, (
        f"{name} version {version} was sent once and waits in somebody's outbox or evidence: "
        "a struct that reads it stays, also when newer ones are written"
    )


@pytest.mark.parametrize(("name", "version"), sorted(FORMS))
def test_no_version_changes_its_form(name, version):
    digest = schema_digest(FORMS[name, version])
    assert digest == kept(name, version)["schema_sha256"], WHAT_TO_DO.format(
        name=name, version=version
    )


@pytest.mark.parametrize(("name", "version"), sorted(FORMS))
def test_what_was_written_is_read_and_written_the_same(name, version):
    for body in kept(name, version)["bodies"]:
        read = msgspec.json.decode(body, type=FORMS[name, version])
        written = msgspec.json.encode(read).decode()
        assert written == body, WHAT_TO_DO.format(name=name, version=version)


@pytest.mark.parametrize(
    "change",
    [
        {"reason": (str, "")},  # a field more, even with a default
        {"outcome": (str, ...)},  # a wider type
        {"outcome": None},  # a field less
    ],
)
def test_a_struct_that_changes_is_seen(change):
    struct = FORMS["receipt", 1]
    fields = {one.name: (one.type, ...) for one in msgspec.structs.fields(struct)} | change
    changed = msgspec.defstruct(
        "Receipt",
        [
            (name, *what[:1]) if what[1] is ... else (name, *what)
            for name, what in fields.items()
            if what
        ],
        frozen=True,
        forbid_unknown_fields=True,
    )
    assert schema_digest(changed) != kept("receipt", 1)["schema_sha256"]


def test_the_comparison_itself_changes_nothing():
    struct = FORMS["receipt", 1]
    same = msgspec.defstruct(
        "Receipt",
        [(one.name, one.type) for one in msgspec.structs.fields(struct)],
        frozen=True,
        forbid_unknown_fields=True,
    )
    assert schema_digest(same) == kept("receipt", 1)["schema_sha256"]


def test_a_version_that_comes_from_the_future_is_refused_by_name():
    from gateway.node import make_registry

    golden = kept("signed-header", 1)["bodies"][0]
    header = msgspec.json.decode(golden, type=Header)
    registry = make_registry()
    for kind, versions in registry.versions().items():
        later = msgspec.structs.replace(header, kind=kind, version=max(versions) + 1)
        with pytest.raises(WireError, match=r"wire\.unknown_version"):
            registry.decode(later, b"{}")
