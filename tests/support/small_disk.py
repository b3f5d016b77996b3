"""A small disk that can be filled: a tmpfs over a folder, seen by nobody but who is started on it.

Needs a mount namespace, as root makes one, and as Linux lets everybody make one beside a user
namespace unless told otherwise.
"""

import errno
import os
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

# Mounts the disk, moves onto it what lies in the folder, says so, and keeps it until told to end.
_SCRIPT = """
set -e
mkdir -p "$2" "$2.disk"
mount -t tmpfs -o "size=$1,mode=0700" none "$2.disk"
cp -a "$2/." "$2.disk/"
mount --bind "$2.disk" "$2"
echo mounted
exec cat
"""


class SmallDisk:
    """The disk, as long as its keeper lives."""

    def __init__(self, folder: Path, keeper: int) -> None:
        self.folder = folder
        self._keeper = keeper

    @property
    def _ballast(self) -> Path:
        return Path(f"/proc/{self._keeper}/root{self.folder}/ballast")

    def hold(self, spec):
        """How to run the same program with its folder on this disk."""
        ways = ("-m",) if os.geteuid() == 0 else ("-U", "-m", "--preserve-credentials")
        inside = ("nsenter", "-t", str(self._keeper), *ways, f"--wdns={spec.cwd}", "--")
        return replace(spec, command=(*inside, *spec.command))

    def fill(self) -> int:
        """Leave no byte free; how many were taken."""
        taken = 0
        with self._ballast.open("ab", buffering=0) as ballast:
            for block in (bytes(1 << 20), bytes(4096), b"x"):
                try:
                    while True:
                        taken += ballast.write(block)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
        return taken

    def make_room(self) -> None:
        self._ballast.unlink()


@contextmanager
def small_disk(folder: Path, size_mib: int):
    """A disk of so many MiB over this folder, holding what lay in it."""
    alone = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-r", "-m")
    keeper = subprocess.Popen(
        (*alone, "sh", "-c", _SCRIPT, "sh", f"{size_mib}m", str(folder)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert keeper.stdout.readline() == b"mounted\n"
        yield SmallDisk(folder, keeper.pid)
    finally:
        keeper.stdin.close()
        keeper.wait(10)
        keeper.stdout.close()
