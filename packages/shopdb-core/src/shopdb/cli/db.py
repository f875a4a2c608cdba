"""``shopdb db``: the schemas of core and of the plugins."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import emit, json_option

if TYPE_CHECKING:
    from shopdb.migrations.packages import SitePackages


@click.group("db")
def db() -> None:
    """Bring the schemas of core and of the installed plugins to their code, and see how they stand."""


@db.command("upgrade")
@click.option(
    "--lock-timeout",
    "lock_timeout_s",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="How long to wait for another process that migrates.",
)
@json_option
@pass_cli
def upgrade_command(cli: CliContext, lock_timeout_s: float, as_json: bool) -> None:
    """Migrate every package that is behind. One that fails is left as it was, and the others go on."""
    from shopdb.migrations.packages import upgrade_site

    with redirect_stdout(sys.stderr):  # a revision that prints must not get into the JSON
        done = upgrade_site(
            cli.site_dir(),
            cli.database(),
            safe_mode=cli.safe_mode or cli.settings().safe_mode,
            lock_timeout_s=lock_timeout_s,
        )
    emit(asdict(done), as_json, table=_tell_upgrade)
    for reason in [*done.problems.values(), *(f"Passed over: {why}" for why in done.passed_over.values())]:
        click.echo(reason, err=True)
    if done.problems:
        raise click.exceptions.Exit(1)


@db.command("current")
@json_option
@pass_cli
def current(cli: CliContext, as_json: bool) -> None:
    """List each package with the revision of its tables and of its code."""
    from shopdb.migrations.packages import find_packages

    rows = _list_schemas(cli, find_packages(cli.site_dir(), cli.database()))
    emit(rows, as_json, table=[(name, name) for name in ("package", "state", "current", "head", "problem")])


@db.command("check")
@json_option
@pass_cli
def check_command(cli: CliContext, as_json: bool) -> None:
    """Compare the schemas with the code: revisions, tables, columns. Ends with 1 where anything is wrong."""
    from shopdb.migrations.comparison import check
    from shopdb.migrations.packages import find_packages, with_models

    found = find_packages(cli.site_dir(), cli.database())
    packages = with_models(found.packages, cli.runtime().plugins)
    findings = [asdict(finding) for finding in check(cli.database(), packages)]
    emit(
        findings, as_json, table=lambda rows: "\n".join(row["message"] for row in rows) or "Nothing is wrong."
    )
    if findings:
        raise click.exceptions.Exit(1)


def _list_schemas(cli: CliContext, found: SitePackages) -> list[dict[str, Any]]:
    from shopdb.migrations import recorded, states

    rows = []
    for name, state in states(cli.database(), found.packages).items():
        how = "problem" if state.problem else "behind" if state.is_behind else "current"
        rows.append({"package": name, "state": how, **asdict(state)})
    here = {package.name for package in found.packages}
    for name, revisions in sorted(recorded(cli.database()).items()):
        if name not in here:
            without_code = {"current": ", ".join(revisions), "head": None, "problem": None}
            rows.append({"package": name, "state": "not installed", **without_code})
    return rows


def _tell_upgrade(value: dict[str, Any]) -> str:
    lines = [
        f"{one['package']}: {one['before'] or 'nothing'} -> {one['after']} ({len(one['revisions'])} revision(s))"
        for one in value["applied"]
    ]
    return "\n".join(lines) or "Nothing to do."
