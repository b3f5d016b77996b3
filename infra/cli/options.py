"""What several commands take, and how they answer programs."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from infra.setup import paths

FAILED = 1
NOT_HEALTHY = 3

Decorated = Callable[..., Any]


class Folder(click.ParamType[Path]):
    """A folder, as an absolute path; it need not exist."""

    name = "mapp"

    def convert(
        self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Seen from where the command was given."""
        found = Path(value).expanduser().absolute()
        if found.exists() and not found.is_dir():
            self.fail(f"{found} är en fil, inte en mapp.", param, ctx)
        return found


state = click.option(
    "--state",
    type=Folder(),
    metavar="MAPP",
    envvar="UTVAG_STATE",
    default=paths.DEFAULT_STATE,
    show_default=False,
    help="Var systemets data ligger (annars .utvag/state); var mapp är ett eget system.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Svara som JSON, för program.")


class Code(click.ParamType[str]):
    """An authority's code: four digits."""

    name = "kod"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code itself."""
        if not (len(value) == 4 and value.isascii() and value.isdigit()):
            self.fail("En myndighets kod är fyra siffror, till exempel 0580.", param, ctx)
        return value


class Codes(click.ParamType[tuple[str, ...]]):
    """Several codes with commas between."""

    name = "koder"

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """As a tuple."""
        if isinstance(value, tuple):
            return value
        return tuple(Code().convert(word.strip(), param, ctx) for word in value.split(","))


def answer_json(value: object) -> None:
    """One JSON document on standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
