"""The same commands below ``flask --app shopdb``."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from shopdb.cli.root import SiteGroup


class FlaskCommands(AppGroup):
    """What the application adds to ``flask``: every command of ``shopdb``, found when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """As ``shopdb`` lists them."""
        return SiteGroup("shopdb").list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """As ``shopdb`` finds it."""
        return SiteGroup("shopdb").get_command(ctx, cmd_name)
