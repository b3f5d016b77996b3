"""Click in Swedish: usage, help and what is said when a command is written wrong."""

from collections.abc import Sequence

import click

from infra.cli.commands import COMMANDS, overview

_HELP = "Visa den här hjälpen."


class Command(click.Command):
    """A command whose help is Swedish throughout."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The same option, with our text."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _HELP
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`Användning: …`."""
        pieces = self.collect_usage_pieces(ctx)
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="Användning: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`Val:`."""
        rows = [row for one in self.get_params(ctx) if (row := one.get_help_record(ctx))]
        if rows:
            with formatter.section("Val"):
                formatter.write_dl(rows)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """`[VAL]` where click says `[OPTIONS]`."""
        return [
            piece.replace("[OPTIONS]", "[VAL]").replace("COMMAND [ARGS]...", "KOMMANDO …")
            for piece in super().collect_usage_pieces(ctx)
        ]


class Group(Command, click.Group):
    """A command with commands below it."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`Val:` and then `Kommandon:`."""
        Command.format_options(self, ctx, formatter)
        rows = [
            (name, found.get_short_help_str(80))
            for name in self.list_commands(ctx)
            if (found := self.get_command(ctx, name)) is not None
        ]
        with formatter.section("Kommandon"):
            formatter.write_dl(rows)


class Tree(Group):
    """The whole of `utvag`: each command's module is imported when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """In the order a newcomer wants them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import it."""
        import importlib  # noqa: PLC0415  # the point of this class

        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found = getattr(importlib.import_module(entry.module), entry.name)
        assert isinstance(found, click.Command)
        return found

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """From the plain list: no module is imported for it."""
        formatter.write(overview() + "\n")


def explain_usage(error: click.UsageError, known: Sequence[str]) -> str:
    """What is written wrong, in Swedish.

    Args:
        error: click's.
        known: the words that could have been meant.
    """
    import difflib  # noqa: PLC0415  # only when something is wrong

    near: Sequence[str] = ()
    match error:
        case click.NoSuchOption():
            text = f"Valet {error.option_name} finns inte."
            near = error.possibilities or ()
        case click.MissingParameter():
            name = error.param.make_metavar(error.ctx) if error.param and error.ctx else "Något"
            text = f"{name} saknas."
        case click.BadParameter():
            text = f"Värdet går inte att använda. {error.message}"
        case click.BadOptionUsage():
            text = f"Valet {error.option_name} saknar sitt värde, eller har ett för mycket."
        case _ if "No such command" in error.message:
            word = error.message.split("'")[1]
            text = f"Kommandot {word} finns inte."
            near = difflib.get_close_matches(word, known, n=3)
        case _ if "unexpected extra argument" in error.message:
            text = f"För många ord: {error.message.partition('(')[2].rstrip(').')}."
        case _:
            text = error.message
    return f"{text} Menade du {' eller '.join(near)}?" if near else text
