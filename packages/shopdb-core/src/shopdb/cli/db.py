"""``shopdb db``: the schemas of core and of the plugins."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import emit, json_option
from shopdb.migrations.package import CORE

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
        indexed = {} if CORE in done.problems else refresh_index(cli)
    emit({**asdict(done), "indexed": indexed}, as_json, table=_tell_upgrade)
    for reason in [*done.problems.values(), *(f"Passed over: {why}" for why in done.passed_over.values())]:
        click.echo(reason, err=True)
    if done.problems:
        raise click.exceptions.Exit(1)


def refresh_index(cli: CliContext) -> dict[str, int]:
    """Index what the upgrade left to be indexed; where a plugin keeps the site from starting, the worker does it."""
    from shopdb.errors import PluginError
    from shopdb.search.rebuild import refresh

    try:
        runtime = cli.runtime()
    except PluginError as error:
        click.echo(f"The search index is built when the site starts again: {error}", err=True)
        return {}
    return refresh(runtime.database, runtime.registry)


@db.command("reindex")
@json_option
@pass_cli
def reindex(cli: CliContext, as_json: bool) -> None:
    """Build the search index anew from what is stored, while the site goes on. Upgrades do it by themselves."""
    from shopdb.search.rebuild import rebuild

    runtime = cli.runtime()
    done = rebuild(runtime.database, runtime.registry)
    emit(done, as_json, table=lambda counts: "\n".join(f"{name}: {n}" for name, n in sorted(counts.items())))


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
    """Compare schemas with code, and search index with data. Ends with 1 where anything is wrong."""
    from shopdb.migrations.comparison import check
    from shopdb.migrations.packages import find_packages, with_models

    found = find_packages(cli.site_dir(), cli.database())
    packages = with_models(found.packages, cli.runtime().plugins)
    findings = [asdict(finding) for finding in check(cli.database(), packages)]
    if not any(finding["package"] == CORE for finding in findings):
        findings += _check_index(cli)
    emit(
        findings, as_json, table=lambda rows: "\n".join(row["message"] for row in rows) or "Nothing is wrong."
    )
    if findings:
        raise click.exceptions.Exit(1)


def _check_index(cli: CliContext) -> list[dict[str, Any]]:
    from shopdb.search.rebuild import find_differences

    runtime = cli.runtime()
    with runtime.database.read() as session:
        found = find_differences(session, runtime.registry)
    return [{"package": CORE, "kind": "index", "message": each.message} for each in found]


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
    lines += [f"search index: {count} {name}" for name, count in sorted(value["indexed"].items()) if count]
    return "\n".join(lines) or "Nothing to do."
