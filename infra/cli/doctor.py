"""`utvag doctor`: the same examination as before set-up."""

import click

from infra.cli.options import as_json
from infra.cli.swedish import Command


@click.command(cls=Command)
@as_json
def doctor(*, as_json: bool) -> int:
    """Säg i klartext vad som saknas eller är fel på den här datorn, och vad man gör åt det.

    Ändrar ingenting. Utgångskod 0 när inget hindrar, annars 4.
    """
    from infra.setup.doctor import main  # noqa: PLC0415  # `--help` must not wait for it

    return main(as_json=as_json)
