"""Whether a test that a document names exists and is run."""

import ast
from functools import cache

from infra.cli.parts import PARTS, TESTS

ROOT = TESTS.parent


@cache
def functions(file: str) -> frozenset[str]:
    """The tests a file defines; those that are marked to be left out are none."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not any("skip" in ast.unparse(mark) for mark in node.decorator_list)
    )


def missing(node_id: str) -> str:
    """Why this test cannot be the proof; empty when it can."""
    file, _, function = node_id.partition("::")
    if not (ROOT / file).is_file():
        return f"{file} does not exist"
    folders = {part.folder for part in PARTS.values()}
    if not any(folder in (ROOT / file).parents for folder in folders):
        return f"{file} is in no part of ./utvag test"
    return "" if function in functions(file) else f"{file} has no {function} that runs"
