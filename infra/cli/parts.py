"""The parts of `utvag test`, and how each is run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.setup import paths

TESTS = paths.ROOT / "tests"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the tests.

    Args:
        name: what it is called; its folder below `tests/` too, save where `below` says another.
        options: for pytest.
        workers: how many processes share its tests as they go; 0 runs in one.
        shares: how many processes take some of its files each. Quicker than workers where a test
            takes a millisecond: each process imports and collects its own share only. Parts that
            are shared, have the same options and follow each other run as one.
        apart: a file that a second process takes.
        needs_browser: drives Chromium.
        is_beside: begins and lets the parts after it go on: half of its time it waits.
        below: its folder, where that is not its name.
        limit_s: when it is ended; all parts together are to take half of one part's limit.
    """

    name: str
    options: tuple[str, ...] = field(default=())
    workers: int = 0
    shares: int = 1
    apart: str = ""
    needs_browser: bool = False
    is_beside: bool = False
    below: str = ""
    limit_s: int = 1200

    @property
    def folder(self) -> Path:
        """Where its tests lie."""
        return TESTS / (self.below or self.name)

    def runs_with(self, other: "Part") -> bool:
        """Whether the same processes may run both."""
        return self.shares > 1 and (self.shares, self.options) == (other.shares, other.options)


def divided(parts: Sequence[Part], count: int) -> list[list[Path]]:
    """What each process takes: the folders for one, files of about the same length for more."""
    if parts[0].apart:
        files = sorted(parts[0].folder.rglob("test_*.py"))
        apart = [file for file in files if file.name == parts[0].apart]
        return [[file for file in files if file not in apart], apart]
    if count < 2:
        return [[part.folder for part in parts]]
    shares: list[tuple[int, list[Path]]] = [(0, []) for _ in range(count)]
    each = (file for part in parts for file in part.folder.rglob("test_*.py"))
    for size, file in sorted(((file.stat().st_size, file) for file in each), reverse=True):
        total, taken = shares[0]
        shares[0] = (total + size, [*taken, file])
        shares.sort(key=lambda share: share[0])
    return [sorted(taken) for _, taken in shares if taken]


# A unit or contract test that opens a socket is in the wrong folder; event loops need a Unix pair.
# What of `contract` needs servers is run by `conformance`.
_QUICK = ("--disable-socket", "--allow-unix-socket", "-m", "not servers")

PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("unit", _QUICK, shares=2),
        Part("contract", _QUICK, shares=2),
        Part("docs"),
        Part(
            "browser",
            # One process has a whole system, which takes a minute of the processor to start.
            apart="test_pages_as_drawn.py",
            needs_browser=True,
            is_beside=True,
        ),
        # The suites that memory passes in `contract`, on the real PostgreSQL and NATS.
        Part("conformance", ("-m", "servers"), below="contract"),
        Part("integration", workers=2),
        Part("e2e", workers=2),
        Part("faults", ("--dist", "loadfile", "--no-loadscope-reorder"), workers=2),
        # The long forms: thousands of handovers, every place, simulated weeks. Before a release.
        Part("nightly", limit_s=6 * 3600),
    )
}
LINT = "lint"
NIGHTLY = "nightly"
ALL = (LINT, *(name for name in PARTS if name != NIGHTLY))


@dataclass(frozen=True, slots=True)
class Check:
    """One check of `lint`: a name, and what the environment's Python is called with."""

    name: str
    arguments: tuple[str, ...]


# Swedish text stands in string literals and on lines with å, ä or ö: codespell knows English only.
_SWEDISH = r"""(?<!")"(?!")[^"\n]*"(?!")|^.*[åäöÅÄÖ].*$"""

_WORDS = str(Path(__file__).with_name("spelling.txt"))  # Swedish or rare, and right
# J004 and J018 ask for Flask's url_for; our addresses are few, stable and written out.
_TEMPLATES = ("--quiet", "--lint", "--check", "--ignore", "J004,J018")

CHECKS = (
    Check("ruff check", ("-m", "ruff", "check", "--output-format", "concise", ".")),
    Check("ruff format", ("-m", "ruff", "format", "--check", "--output-format", "concise", ".")),
    Check("mypy", ("-m", "mypy")),
    Check(
        "import contracts",
        ("-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-logo"),
    ),
    Check("djlint", ("-m", "djlint", *_TEMPLATES, "gateway/templates")),
    Check(
        "codespell", ("-m", "codespell_lib", "--ignore-regex", _SWEDISH, "--ignore-words", _WORDS)
    ),
)
