"""``shopdb check`` and ``shopdb doctor``: what is wrong with the site, why, and what mends it."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import emit, json_option


@click.command("check")
@click.option("--strict", is_flag=True, help="End with 1 on a warning too.")
@json_option
@pass_cli
def check(cli: CliContext, strict: bool, as_json: bool) -> None:
    """Say whether the site can start: settings, database, core's schema, plugins.

    Ends with 1 on a problem of the settings, the database, core's schema or a required plugin. Problems of
    other plugins are warnings.
    """
    _report(cli, as_json=as_json, is_strict=strict, areas={"settings", "database", "schema", "plugin"})


@click.command("doctor")
@json_option
@pass_cli
def doctor(cli: CliContext, as_json: bool) -> None:
    """Find everything that is wrong with the site, failing jobs among it. Ends with 1 on any problem."""
    _report(cli, as_json=as_json, is_strict=True, areas=None)


def _report(cli: CliContext, *, as_json: bool, is_strict: bool, areas: set[str] | None) -> None:
    from shopdb.diagnosis import diagnose

    found = diagnose(cli.site_dir(), os.environ, safe_mode=cli.safe_mode)
    findings = [finding for finding in found if areas is None or finding.area in areas]
    emit([finding.asdict() for finding in findings], as_json, table=_tell)
    if any(is_strict or finding.severity == "error" for finding in findings):
        raise click.exceptions.Exit(1)


def _tell(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "Nothing is wrong."
    lines = []
    for row in rows:
        lines.append(f"{row['severity']:8} {row['subject']}: {row['message']}  [{row['code']}]")
        if row["where"]:
            lines.append(f"         in {row['where']}")
        if row["remedy"] and row["remedy"] not in row["message"]:
            lines.append(f"         {'Run: ' if row['remedy'][:1].islower() else ''}{row['remedy']}")
    counts = Counter(row["severity"] for row in rows)
    return "\n".join([*lines, f"{counts['error']} error(s), {counts['warning']} warning(s)."])
