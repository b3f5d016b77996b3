"""What travels about the directory itself: a new list from the operator, and a word before leaving."""

from datetime import date

import msgspec

from services.directory.domain import SignedDirectory
from shared.messages import Registry

KIND = "directory"
LEAVING = "leaving"
VERSION = 1


class Leaving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """We mean to leave the exchange; receipted by who has nothing open with the sender."""

    decided_on: date


def register(registry: Registry) -> None:
    """Make a registry read the directory's kinds."""
    registry.register(KIND, VERSION, SignedDirectory)
    registry.register(LEAVING, VERSION, Leaving)
