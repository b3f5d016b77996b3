"""Which kinds of message this node reads, in which versions, as which structs."""

from collections.abc import Iterator, Mapping

import msgspec

from shared.errors import WireError
from shared.messages.envelope import BAD_JSON, Header


class Registry:
    """Filled once at start by the composition root; read from then on."""

    def __init__(self) -> None:
        self._types: dict[str, dict[int, type[msgspec.Struct]]] = {}

    def register(self, kind: str, version: int, body_type: type[msgspec.Struct]) -> None:
        """Say what a body of this kind and version is.

        Raises:
            ValueError: it is said already, or the struct would let unknown fields through: what a
                new version adds must be refused by name, not lost in silence.
        """
        versions = self._types.setdefault(kind, {})
        if version in versions:
            raise ValueError(f"{kind} version {version} is registered twice")
        settings = body_type.__struct_config__
        if not (settings.frozen and settings.forbid_unknown_fields):
            raise ValueError(f"{body_type.__name__} must be frozen and forbid unknown fields")
        versions[version] = body_type

    def decode(self, header: Header, body: bytes) -> msgspec.Struct:
        """The body as its struct.

        Raises:
            WireError: `wire.unknown_kind`, `wire.unknown_version`, `wire.body`.
        """
        versions = self._types.get(header.kind)
        if versions is None:
            raise WireError("wire.unknown_kind")
        body_type = versions.get(header.version)
        if body_type is None:
            raise WireError("wire.unknown_version")
        try:
            return msgspec.json.decode(body, type=body_type)
        except BAD_JSON as error:
            raise WireError("wire.body") from error

    def versions(self) -> Mapping[str, frozenset[int]]:
        """What the directory says of this node: every kind, with the versions it reads."""
        return {kind: frozenset(versions) for kind, versions in sorted(self._types.items())}

    def __iter__(self) -> Iterator[tuple[str, int, type[msgspec.Struct]]]:
        """Every kind, version and struct in order: for the documentation."""
        for kind, versions in sorted(self._types.items()):
            for version, body_type in sorted(versions.items()):
                yield kind, version, body_type
