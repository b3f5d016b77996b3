"""The message `directory`: a new list, and the entries that changed. Only the operator sends it."""

from services.directory.domain import SignedDirectory
from shared.messages import Registry

KIND = "directory"
VERSION = 1


def register(registry: Registry) -> None:
    """Make a registry read the directory's one kind."""
    registry.register(KIND, VERSION, SignedDirectory)
