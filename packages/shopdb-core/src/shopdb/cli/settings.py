"""``shopdb settings``: each setting with its value, its origin and what it is for."""

from __future__ import annotations

import os
from typing import Any

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import emit, json_option
from shopdb.errors import ShopDBError
from shopdb.setting_spec import PREFIX
from shopdb.settings import DEFAULT_ORIGIN, MASK, describe_value, read_values


@click.command("settings")
@json_option
@pass_cli
def settings(cli: CliContext, as_json: bool) -> None:
    """List the settings of core and of the loaded plugins: value, origin and documentation.

    Secrets are masked.
    """
    values, problems, _ = read_values(cli.site_dir(), os.environ)
    rows = [describe_value(value) for value in values]
    if not problems:
        rows += _list_of_plugins(cli)
    columns = [("setting", "name"), ("value", "value"), ("from", "origin"), ("what it is", "documentation")]
    emit(rows, as_json, table=columns)
    for problem in problems:
        click.echo(f"Problem: {problem}", err=True)
    if not values:
        raise click.exceptions.Exit(1)


def _list_of_plugins(cli: CliContext) -> list[dict[str, Any]]:
    try:
        runtime = cli.runtime()
    except ShopDBError as error:
        click.echo(f"The plugins' settings are left out: {error}", err=True)
        return []
    rows = []
    for name, spec in runtime.plugins.setting_specs():
        plugin = runtime.plugins.get(name)
        said = runtime.settings.plugin_value_sources(name).get(spec.name)
        value = plugin.settings.get(spec.name, spec.default) if plugin is not None else spec.default
        rows.append(
            {
                "name": f"{name}.{spec.name}",
                "variable": f"{PREFIX}{name.upper()}_{spec.name.upper()}",
                "value": MASK if spec.secret and value not in (None, "") else value,
                "origin": DEFAULT_ORIGIN if said is None else said[1],
                "secret": spec.secret,
                "documentation": spec.doc,
            }
        )
    return rows
