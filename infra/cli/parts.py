"""The parts of `utvag test`, and how each is run."""

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
        workers: how many processes share it; 0 runs in one.
        needs_browser: drives Chromium.
        below: its folder, where that is not its name.
    """

    name: str
    options: tuple[str, ...] = field(default=())
    workers: int = 0
    needs_browser: bool = False
    below: str = ""

    @property
    def folder(self) -> Path:
        """Where its tests lie."""
        return TESTS / (self.below or self.name)


# A unit or contract test that opens a socket is in the wrong folder; event loops need a Unix pair.
_NO_NETWORK = ("--disable-socket", "--allow-unix-socket")

PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("unit", _NO_NETWORK, workers=2),
        Part("contract", (*_NO_NETWORK, "-m", "not servers")),
        Part("docs"),
        # The suites that memory passes in `contract`, on the real PostgreSQL and NATS.
        Part("conformance", ("-m", "servers"), below="contract"),
        Part("integration", workers=2),
        Part("e2e", workers=2),
        Part("browser", needs_browser=True),
        Part("faults"),
    )
}
LINT = "lint"
ALL = (LINT, *PARTS)


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
