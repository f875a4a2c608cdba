"""``shopdb settings``: each setting with its value, its origin and what it is for."""

from __future__ import annotations

import os

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import emit, json_option
from shopdb.settings import describe_value, read_values


@click.command("settings")
@json_option
@pass_cli
def settings(cli: CliContext, as_json: bool) -> None:
    """List the settings: value, origin and documentation. Secrets are masked."""
    values, problems, _ = read_values(cli.site_dir(), os.environ)
    columns = [("setting", "name"), ("value", "value"), ("from", "origin"), ("what it is", "documentation")]
    emit([describe_value(value) for value in values], as_json, table=columns)
    for problem in problems:
        click.echo(f"Problem: {problem}", err=True)
    if not values:
        raise click.exceptions.Exit(1)
