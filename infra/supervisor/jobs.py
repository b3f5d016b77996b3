"""What is done once at each start, in a process of its own that ends: databases, exchange, realms.

`python -m infra.supervisor.jobs NAME`, with the plan as JSON on standard input. The supervisor stays
small and lives on whatever happens here. The last line of a failed job is the sentence for a person.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import asyncpg
import msgspec

from infra.supervisor.state import State
from shared.ids import OPERATOR, AuthorityCode
from shared.policy import Tenant, load_tenants


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What the system is made of.

    Args:
        state: the folder.
        tenants: the folder of all authorities.
        codes: the authorities whose nodes run here.
        ports: by name: `postgres`, `nats`, `keycloak`, `web-0580`, …
    """

    state: str
    tenants: str
    codes: tuple[AuthorityCode, ...]
    ports: dict[str, int]

    def read_tenants(self) -> dict[AuthorityCode, Tenant]:
        """All authorities, those without a node here too."""
        return load_tenants(Path(self.tenants))


def databases(plan: Plan) -> None:
    """Each node's databases, schema, keys and settings; the signed directory."""
    from gateway.node import make_registry  # noqa: PLC0415 - each job imports its own
    from infra.directory import bootstrap  # noqa: PLC0415 - the same

    tenants = plan.read_tenants()
    bootstrap(Path(plan.state), tenants, versions=make_registry().versions())
    asyncio.run(_databases(plan, tenants))


async def _databases(plan: Plan, tenants: Mapping[AuthorityCode, Tenant]) -> None:
    from infra.keycloak.secrets import client_secrets  # noqa: PLC0415 - each job imports its own
    from infra.postgres.databases import database_name, ensure_node  # noqa: PLC0415 - the same
    from infra.postgres.server import ADMIN, dsn  # noqa: PLC0415 - the same
    from infra.supervisor.settings import node_settings, write_settings  # noqa: PLC0415 - the same

    state = State.of(Path(plan.state))
    port = plan.ports["postgres"]
    admin = dsn(ADMIN, state.postgres_password().read_text().strip(), port, "postgres")
    secrets = client_secrets(state.folder, plan.codes)
    newest = await asyncio.to_thread(_newest)
    for code in plan.codes:
        dsns = await ensure_node(admin, database_name(code), port, state.secrets)
        if await _revision(dsns.owner) != newest:
            await _migrate(dsns.owner)
        if not await _has_keys(dsns.keys):
            await _migrate_keys(dsns.keys)
        settings = node_settings(
            state, tenants[code], Path(plan.tenants), dsns, plan.ports, secrets[code].web
        )
        write_settings(state, settings)


def _newest() -> str:
    """The newest revision by file name: SQLAlchemy and Alembic are slow to import."""
    folder = Path(__file__).parents[1] / "postgres" / "migrations" / "versions"
    return max((file.name[:4] for file in folder.glob("[0-9]*.py")), default="")


async def _revision(owner_dsn: str) -> str | None:
    connection = await asyncpg.connect(owner_dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found
    finally:
        await connection.close()


async def _has_keys(keys_dsn: str) -> bool:
    connection = await asyncpg.connect(keys_dsn)
    try:
        return await connection.fetchval("SELECT to_regclass('subject_key')") is not None
    finally:
        await connection.close()


async def _migrate(owner_dsn: str) -> None:
    from infra.postgres.migrate import migrate  # noqa: PLC0415 - half a second, seldom needed

    await migrate(owner_dsn)


async def _migrate_keys(keys_dsn: str) -> None:
    from infra.postgres.migrate import migrate_keys  # noqa: PLC0415 - half a second, seldom needed

    await migrate_keys(keys_dsn)


def exchange(plan: Plan) -> None:
    """Streams, and a consumer for each authority that runs a node anywhere."""
    from infra.nats import operator  # noqa: PLC0415 - each job imports its own
    from infra.ports import LOOPBACK  # noqa: PLC0415 - the same

    state = State.of(Path(plan.state))
    url = f"nats://{LOOPBACK}:{plan.ports['nats']}"
    for line in asyncio.run(operator.apply(url, state.seed(OPERATOR), plan.codes)):
        print(line)


def realms(plan: Plan) -> None:
    """A realm for each authority; the police have one without running a node."""
    from infra.keycloak.realms import apply  # noqa: PLC0415 - each job imports its own
    from infra.keycloak.server import BOOTSTRAP_ADMIN  # noqa: PLC0415 - the same
    from infra.supervisor.settings import web_address  # noqa: PLC0415 - the same

    state = State.of(Path(plan.state))
    report = apply(
        f"http://localhost:{plan.ports['keycloak']}",
        BOOTSTRAP_ADMIN,
        state.keycloak_password().read_text().strip(),
        [tenant.authority for tenant in plan.read_tenants().values()],
        {code: web_address(plan.ports[f"web-{code}"]) for code in plan.codes},
        state.folder,
        is_demo=True,
    )
    print(f"realms: {report}")


JOBS: Mapping[str, Callable[[Plan], None]] = {
    "databases": databases,
    "exchange": exchange,
    "realms": realms,
}


def main() -> int:
    """Do the job named by the first argument."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    JOBS[sys.argv[1]](plan)
    return 0


if __name__ == "__main__":
    sys.exit(main())
