"""As whom PostgreSQL runs where root may not."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.ports import free_port
from infra.postgres.account import NOBODY, find_account
from infra.postgres.server import PostgresServer, binaries
from infra.supervisor.process import end, spawn

pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root must become somebody else"),
]


def test_root_becomes_nobody_in_a_namespace_and_keeps_the_files(tmp_path):
    account = find_account(tmp_path, binaries())
    assert account.kind == "namespace"
    assert account.home == tmp_path


def test_a_server_does_not_start_when_its_parent_died_before_it_was_watched(tmp_path):
    """Nobody would end it: the kernel's signal is sent at the death of a parent, not after it."""
    command = [*find_account(tmp_path, binaries()).parent_watch, "echo", "started"]
    ours = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ours.stdout == "started\n"
    # The shell between stands for whoever takes the orphan over.
    another = ["sh", "-c", '"$@"; exit $?', "sh", *command]
    orphaned = subprocess.run(another, capture_output=True, text=True, check=False)
    assert (orphaned.returncode, orphaned.stdout) == (1, "")


@pytest.fixture
def system_user_folder(tmp_path, monkeypatch):
    """As /var/lib/utvag, but gone afterwards."""
    from infra.postgres import account

    folder = Path("/var/lib/utvag-test")
    monkeypatch.setattr(account, "_SYSTEM_FOLDER", folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_where_namespaces_are_refused_a_system_user_runs_it(tmp_path, system_user_folder):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    server = PostgresServer(
        private / "postgres",
        free_port(),
        private / "password",
        is_durable=False,
        wanted="system_user",
    )
    assert server.how == "system_user"
    server.initialise()
    with (tmp_path / "log").open("ab") as log:
        process = spawn(server.spec(), private, log)
        try:
            asyncio.run(server.wait_ready())
            assert Path(f"/proc/{process.pid}").stat().st_uid == NOBODY
            assert server.data.is_relative_to(system_user_folder)
            assert server.data.stat().st_mode & 0o077 == 0
        finally:
            end(process, server.spec())
