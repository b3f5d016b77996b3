"""Makes Keycloak's next first start quick: run once for a distribution, at set-up.

`python -m infra.keycloak.prepare DISTRIBUTION` starts it in a throw-away folder, keeps the empty
schema (`infra.keycloak.schema`) and the classes it loaded (a JDK AOT cache), and stops. Measured on
2 cores: a first start goes from 24 s to 6 s, a later one from 8 s to 5 s.
"""

import asyncio
import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from infra.files import private_folder, secret
from infra.keycloak.schema import dump, schema_file
from infra.keycloak.server import KeycloakDatabase, KeycloakServer, KeycloakServerError, class_cache
from infra.ports import free_ports
from infra.postgres.databases import ensure_database
from infra.postgres.server import PostgresServer, PostgresServerError, binaries
from infra.supervisor.process import ProcessSpec, end, spawn

_NAME = "keycloak"
_BUILT = "lib/quarkus/generated-bytecode.jar"
_START_S = 300.0
_STOP_S = 300.0  # Java writes the class cache after its own end


def is_prepared(distribution: Path) -> bool:
    """Whether both files are there, and younger than the build they are of."""
    try:
        built_at = (distribution / _BUILT).stat().st_mtime
        files = (schema_file(distribution), class_cache(distribution))
        return all(file.stat().st_mtime > built_at for file in files)
    except FileNotFoundError:
        return False


def prepare(distribution: Path) -> None:
    """Make both files, unless they are there; written whole or not at all."""
    if is_prepared(distribution):
        return
    scratch = Path(tempfile.mkdtemp(prefix="utvag-keycloak-"))
    try:
        _prepare(distribution, private_folder(scratch))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _prepare(distribution: Path, scratch: Path) -> None:
    postgres_port, port, health_port = free_ports(3)
    postgres = PostgresServer(
        scratch / "postgres", postgres_port, scratch / "secrets" / "postgres", is_durable=False
    )
    postgres.initialise()
    with (scratch / "log").open("ab") as log:
        process = spawn(postgres.spec(), scratch, log)
        try:
            asyncio.run(postgres.wait_ready())
            address = asyncio.run(
                ensure_database(postgres.dsn(), _NAME, postgres_port, scratch / "secrets")
            )
            server = KeycloakServer(
                distribution,
                scratch / "keycloak",
                port,
                health_port,
                KeycloakDatabase(postgres_port, _NAME, _NAME, secret(scratch / "secrets" / _NAME)),
                scratch / "secrets" / "admin",
            )
            server.prepare()
            classes = distribution.with_name(f".{distribution.name}-classes.new")
            server.keep_classes_in = classes
            _run(server, scratch, log)
            text = dump(binaries(), address)
            classes.replace(class_cache(distribution))
            beside = distribution.with_name(f".{distribution.name}-schema.new")
            beside.write_text(text)
            beside.replace(schema_file(distribution))
        finally:
            end(process, postgres.spec())


def _run(server: KeycloakServer, scratch: Path, log: IO[bytes]) -> None:
    spec: ProcessSpec = dataclasses.replace(server.spec(), stop_timeout_s=_STOP_S)
    process: subprocess.Popen[bytes] = spawn(spec, scratch, log)
    try:
        print("Keycloak startar.", flush=True)
        asyncio.run(server.wait_ready(_START_S))
        print("Keycloak är igång; sparar det som laddades.", flush=True)
    finally:
        end(process, spec)


def main() -> int:
    """Prepare the distribution named by the first argument; the exit code."""
    os.umask(0o022)
    try:
        prepare(Path(sys.argv[1]))
    except (OSError, KeycloakServerError, PostgresServerError, subprocess.SubprocessError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
