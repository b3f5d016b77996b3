"""Each import contract bites: a copy of the tree with one planted import breaks just that rule."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "shared", "gateway", "infra")
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

PLANTED = {
    "folders": ("shared/ids.py", "import gateway.settings"),
    "ladder": ("services/protection/api.py", "import services.cases.api"),
    "inside": ("services/cases/store/__init__.py", "import services.cases.handlers"),
    "pure": ("services/handover/domain/__init__.py", "import shared.db"),
    "no-io": ("services/handover/domain/__init__.py", "import random"),
    "litestar": ("services/cases/api.py", "import litestar"),
    "nats": ("gateway/settings.py", "import nats"),
    "typst": ("gateway/letters.py", "import typst"),
    "solver": ("services/statistics/domain/table.py", "import highspy"),
    "sql": ("services/cases/api.py", "import sqlalchemy"),
    "policy": ("gateway/settings.py", "import services.cases.policy"),
    "kernel": ("shared/clock.py", "import services.cases.api"),
} | {
    f"api-{service}": ("gateway/settings.py", f"import services.{service}.handlers")
    for service in (
        "directory",
        "audit",
        "cases",
        "protection",
        "decisions",
        "documents",
        "staff",
        "intake",
        "handover",
        "statistics",
        "follow_up",
    )
}


def lint(root: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    return subprocess.run(
        [
            str(Path(sys.executable).parent / "lint-imports"),
            "--no-cache",
            "--config",
            "pyproject.toml",
            *chosen,
        ],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_every_contract_has_a_planted_import() -> None:
    assert {contract["id"] for contract in CONFIG["contracts"]} == set(PLANTED)


def test_the_tree_as_it_is_keeps_every_contract(tree: Path) -> None:
    result = lint(tree)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", sorted(PLANTED))
def test_a_planted_import_breaks_the_contract(tree: Path, contract: str) -> None:
    file, line = PLANTED[contract]
    target = tree / file
    if not target.exists():
        target = tree / file.replace("/__init__.py", ".py")
    before = target.read_text()
    target.write_text(before + f"\n{line}\n")
    try:
        result = lint(tree, contract)
    finally:
        target.write_text(before)

    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout
