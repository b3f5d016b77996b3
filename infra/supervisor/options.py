"""How a system is to be run."""

from pathlib import Path

import msgspec

from shared.ids import AuthorityCode


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a person, or a test, may choose.

    Args:
        state: the folder.
        tenants: the folder of authorities; the product's own when None.
        only: the nodes to run; all when empty.
        ports: fixed ones, by name.
        is_foreground: prints what happens.
        lifeline: a file handle; the system stops when its other end closes.
        has_identity: tests of the rest may go without Keycloak.
        has_nodes: tests of the servers may go without nodes.
        environment: more variables for nodes' processes, by name (`web-0580`): failpoints in tests.
    """

    state: str
    tenants: str | None = None
    only: tuple[AuthorityCode, ...] = ()
    ports: dict[str, int] = {}
    is_foreground: bool = False
    lifeline: int | None = None
    has_identity: bool = True
    has_nodes: bool = True
    environment: dict[str, dict[str, str]] = {}

    @property
    def state_folder(self) -> Path:
        """As a path."""
        return Path(self.state)
