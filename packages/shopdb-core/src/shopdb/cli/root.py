"""The root of the command line: finds the command that is called, and imports no other."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from shopdb import __version__
from shopdb.cli.commands import COMMANDS
from shopdb.cli.context import CliContext
from shopdb.errors import ShopDBError, SiteNotFoundError

_HELP = """The asset database of a manufacturing site.

A site is a folder with a shopdb.toml: the one that --site or SHOPDB_SITE names, else the nearest one upward
from the working folder. --site, --safe-mode and --debug may also stand behind a command.
"""


def run(arguments: Sequence[str]) -> int:
    """Run one command line.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong usage.
    """
    if not arguments or "--help" in arguments:
        from rich_click.patch import patch

        patch()  # click's classes in place: what is imported from here on writes its help with rich
    try:
        _new_root().main(args=list(arguments), prog_name="shopdb")
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except Exception as error:  # noqa: BLE001 - main is where every error ends
        if "--debug" in arguments:
            traceback.print_exc()
        print(f"Error: {_in_words(error)}", file=sys.stderr)
        return 1
    return 0


def _in_words(error: Exception) -> str:
    if isinstance(error, ShopDBError):
        return str(error)
    if type(error).__name__ in ("OperationalError", "ProgrammingError") and _lacks_table(str(error)):
        return "The database lacks a table or column of this release. Run: shopdb db upgrade"
    first_line = (str(error).strip() or "no message").splitlines()[0]
    return f"{type(error).__name__}: {first_line} (run it again with --debug for where)"


def _lacks_table(text: str) -> bool:
    """Whether a driver says so, each in its words: SQLite, PostgreSQL, MariaDB."""
    told = ("no such table", "no such column", "UndefinedTable", "UndefinedColumn", "(1146,", "(1054,")
    return any(words in text for words in told)


def _new_root() -> click.Group:
    return SiteGroup(
        "shopdb",
        help=_HELP,
        params=[
            click.Option(
                ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_print_version
            ),
            *_global_options(hidden=False),
        ],
        callback=lambda: None,
    )


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"shopdb-core {__version__}")
        ctx.exit()


class SiteGroup(click.Group):
    """Core's commands by name, and below each plugin's name that plugin's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Core's commands, then the names of the loaded plugins that have any."""
        return [*COMMANDS, *_plugins_with_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its module imported now; None where neither core nor a loaded plugin has it."""
        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name].partition(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return _with_global_options(command)
        return _plugin_group(ctx, cmd_name) if cmd_name.isidentifier() else None


def _plugins_with_commands(ctx: click.Context) -> list[str]:
    try:
        found = _cli_of(ctx).runtime().plugins.commands()
    except ShopDBError:
        return []  # the help of a site that can't start still lists core's
    return sorted({plugin for plugin, _ in found})


def _plugin_group(ctx: click.Context, plugin: str) -> click.Group | None:
    """The plugin's commands as one group, whose ``ctx.obj`` is the plugin's JobContext."""
    try:
        runtime = _cli_of(ctx).runtime()
    except SiteNotFoundError as error:
        raise click.UsageError(
            f"Core has no command {plugin!r}, and a plugin's needs a site. {error}"
        ) from error
    commands = {c.name: c for name, c in runtime.plugins.commands() if name == plugin and c.name}
    if not commands:
        return None
    title = next((p.title for p in runtime.plugins.plugins if p.name == plugin), plugin)
    return click.Group(
        plugin,
        commands=commands,
        help=f"{title} (a plugin).",
        context_settings={"obj": runtime.context_of(plugin)},
    )


def _cli_of(ctx: click.Context) -> CliContext:
    return ctx.ensure_object(CliContext)


def _set_on_cli(name: str, convert: Callable[[Any], Any]) -> Callable[..., None]:
    def set_value(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if not value:
            return
        cli = ctx.find_object(CliContext)
        if cli is None:  # below ``flask``, whose own object is the root's
            cli = ctx.obj = CliContext()
        setattr(cli, name, convert(value))

    return set_value


def _global_options(*, hidden: bool) -> list[click.Option]:
    return [
        click.Option(
            ["--site"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            expose_value=False,
            is_eager=True,
            hidden=hidden,
            callback=_set_on_cli("site", Path),
            help="The site's folder.",
        ),
        click.Option(
            ["--safe-mode"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            hidden=hidden,
            callback=_set_on_cli("safe_mode", bool),
            help="Load no plugin.",
        ),
        click.Option(
            ["--debug"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            hidden=hidden,
            callback=_set_on_cli("debug", bool),
            help="Show the traceback of an error.",
        ),
    ]


def _with_global_options(command: click.Command) -> click.Command:
    """The command, taking the root's options too, as do all below it."""
    taken = {option for parameter in command.params for option in parameter.opts}
    command.params.extend(o for o in _global_options(hidden=True) if not taken & set(o.opts))
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            _with_global_options(inner)
    return command
