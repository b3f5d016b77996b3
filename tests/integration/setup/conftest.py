import os
import shutil
import subprocess

import pytest

from infra.setup import paths

SCRIPT_NEEDS = (
    "utvag",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-assets.txt",
    "package.json",
    "package-lock.json",
    "infra/__init__.py",
    "infra/cli/__init__.py",
    "infra/cli/browser.py",
    "infra/cli/commands.py",
)


class Clone:
    """The script and what it needs before anything is installed, in a folder of its own."""

    def __init__(self, root):
        self.root = root
        self.made = root / ".utvag"
        for name in SCRIPT_NEEDS:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(paths.ROOT / name, root / name)
        shutil.copytree(
            paths.ROOT / "infra" / "setup",
            root / "infra" / "setup",
            ignore=shutil.ignore_patterns("__pycache__"),
        )

    def environment(self, **more):
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        given = {**kept, "UTVAG_PYTHON": str(self.base_python()), **more}
        return {name: value for name, value in given.items() if value is not None}

    @staticmethod
    def base_python():
        import sys

        return getattr(sys, "_base_executable", sys.executable)

    def start(self, *words, script=None, **environment):
        return subprocess.Popen(
            [script or self.root / "utvag", *words],
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
        )

    def run(self, *words, script=None, **environment):
        with self.start(*words, script=script, **environment) as program:
            out, err = program.communicate(timeout=60)
        return program.returncode, out, err

    def pretend_ready(self, python):
        """Everything stamped, with this script in the place of the environment's interpreter."""
        from infra.setup import stamps

        (self.made / "venv" / "bin").mkdir(parents=True)
        for folder in ("stamps", "servers", "assets"):
            (self.made / folder).mkdir()
        interpreter = self.made / "venv" / "bin" / "python"
        interpreter.write_text(f"#!/bin/sh\n{python}\n")
        interpreter.chmod(0o755)
        digest = stamps.digest(stamps._FILES[stamps.READY])
        (self.made / "stamps" / "ready").write_text(digest + "\n")


@pytest.fixture
def clone(tmp_path):
    root = tmp_path / "private" / "clone"
    root.parent.mkdir(mode=0o700)
    return Clone(root)
