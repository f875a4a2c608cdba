"""``shopdb plugin``: what plugins are here, in which state, and what to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import Column, emit, json_option
from shopdb.errors import ShopDBError

if TYPE_CHECKING:
    from shopdb.plugins.lifecycle import Outcome, Site
    from shopdb.plugins.survey import Survey
    from shopdb.plugins.verdict import Verdict

_COLUMNS: tuple[Column, ...] = (
    ("name", "name"),
    ("version", "version"),
    ("source", "source"),
    ("state", "state"),
    ("schema", lambda row: row["schema"]["current"]),
    ("problems", lambda row: [problem["code"] for problem in row["problems"]]),
)
_NEXT_START = "It takes effect at the next start of the site."


@click.group("plugin")
def plugin() -> None:
    """List, judge, install and switch plugins."""


@plugin.command("list")
@json_option
@pass_cli
def list_plugins(cli: CliContext, as_json: bool) -> None:
    """List every plugin that is here, installed or not, with its state and its problems."""
    verdicts = _survey(cli).verdicts()
    emit([verdict.asdict() for verdict in verdicts], as_json, table=_COLUMNS, empty="No plugin is here.")
    if not as_json:
        _write_problems(verdicts)


@plugin.command("show")
@click.argument("name")
@json_option
@pass_cli
def show(cli: CliContext, name: str, as_json: bool) -> None:
    """Show one plugin: where it is, what it says of itself, its problems."""
    found = _survey(cli)
    verdict = next((one for one in found.verdicts() if one.name == name), None)
    if verdict is None:
        raise ShopDBError(f"No plugin {name!r} is here. List those that are: shopdb plugin list")
    emit(_describe(verdict, found), as_json, table=_page)


@plugin.command("check")
@click.argument("path", metavar="PATH|WHEEL", type=click.Path(path_type=Path))
@json_option
def check(path: Path, as_json: bool) -> None:
    """Judge a plugin's folder or wheel alone, whatever else is installed. Needs no site."""
    from shopdb.plugins.artefact import check_artefact

    verdicts = check_artefact(path)
    emit([verdict.asdict() for verdict in verdicts], as_json, table=_COLUMNS)
    if not as_json:
        _write_problems(verdicts)
    if any(verdict.problems for verdict in verdicts):
        raise click.exceptions.Exit(1)


@plugin.command("hooks")
@json_option
def hooks(as_json: bool) -> None:
    """List the hooks that a plugin can implement. Needs no site."""
    from shopdb.plugins.hooks import HOOKS

    columns: tuple[Column, ...] = (
        ("name", "name"),
        ("kind", "kind"),
        ("since", "since"),
        ("arguments", "arguments"),
    )
    emit([hook.asdict() for hook in HOOKS.values()], as_json, table=columns)


@plugin.command("migration")
@click.argument("folder", metavar="PATH", type=click.Path(path_type=Path))
@click.option("-m", "--message", default="Change the tables", show_default=True, help="What it does.")
def migration(folder: Path, message: str) -> None:
    """Write the next revision of a plugin's tables from its models: read it before it is used.

    PATH is the folder with the plugin's sources. Needs no site.
    """
    from shopdb.plugins.revision import draft_for

    for name, file in draft_for(folder, message).items():
        click.echo(f"Plugin {name}: models and revisions agree." if file is None else f"Wrote {file}")


@plugin.command("install")
@click.argument("names", nargs=-1, metavar="[NAME|shopdb-NAME|PATH|WHEEL]...")
@click.option("--all", "everything", is_flag=True, help="Every plugin that is here and not installed.")
@pass_cli
def install(cli: CliContext, names: tuple[str, ...], everything: bool) -> None:
    """Install plugins on this site: judge, try, make their tables.

    A bare NAME is a plugin that is here already. shopdb-NAME, a path or a wheel is fetched with pip first.
    """
    from shopdb.plugins import lifecycle

    _require_names(names, everything)
    outcomes = lifecycle.install(_site(cli, loads=True), names, everything=everything)
    _report(outcomes, nothing="Every plugin that is here is installed already.")


@plugin.command("upgrade")
@click.argument("names", nargs=-1, metavar="[NAME|shopdb-NAME|PATH|WHEEL]...")
@click.option("--all", "everything", is_flag=True, help="Every installed plugin.")
@pass_cli
def upgrade(cli: CliContext, names: tuple[str, ...], everything: bool) -> None:
    """Bring installed plugins to the code that is here; shopdb-NAME, a path or a wheel is fetched first."""
    from shopdb.plugins import lifecycle

    _require_names(names, everything)
    outcomes = lifecycle.upgrade_plugins(_site(cli, loads=True), names, everything=everything)
    _report(outcomes, nothing="No plugin is installed.")


@plugin.command("enable")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@pass_cli
def enable(cli: CliContext, names: tuple[str, ...]) -> None:
    """Let disabled plugins be loaded again."""
    from shopdb.plugins import lifecycle

    _report(lifecycle.enable(_site(cli, loads=True), names))


@plugin.command("disable")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@pass_cli
def disable(cli: CliContext, names: tuple[str, ...]) -> None:
    """Keep plugins from being loaded. All that they have stays."""
    from shopdb.plugins import lifecycle

    _report(lifecycle.disable(_site(cli), names))


@plugin.command("uninstall")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@pass_cli
def uninstall(cli: CliContext, names: tuple[str, ...]) -> None:
    """Take plugins off this site. Their data stays, and so does the package."""
    from shopdb.plugins import lifecycle

    _report(lifecycle.uninstall(_site(cli), names))


def _require_names(names: Sequence[str], everything: bool) -> None:
    if not names and not everything:
        raise click.UsageError("Name a plugin, or give --all.")
    if names and everything:
        raise click.UsageError("Give names or --all, not both.")


def _site(cli: CliContext, *, loads: bool = False) -> Site:
    from shopdb.plugins.lifecycle import Site

    settings = cli.settings()
    if loads and (cli.safe_mode or settings.safe_mode):
        raise ShopDBError(
            "In safe mode no plugin is loaded, so none can be tried. Run it again without --safe-mode."
        )
    return Site(site_dir=cli.site_dir(), settings=settings, database=cli.database())


def _survey(cli: CliContext) -> Survey:
    from shopdb.plugins.survey import survey

    found = survey(cli.site_dir(), cli.database(), check_files=True)
    if not found.record.is_live:
        click.echo("The database doesn't answer: this is what was installed when it last did.", err=True)
    return found


def _report(outcomes: Sequence[Outcome], *, nothing: str = "Nothing to do.") -> None:
    if not outcomes:
        click.echo(nothing)
    for outcome in outcomes:
        version = f" {outcome.version}" if outcome.version else ""
        if outcome.did == "refused":
            click.echo(f"Error: plugin {outcome.name}{version} was refused.", err=True)
        else:
            click.echo(f"Plugin {outcome.name}{version}: {outcome.did}.")
        for problem in outcome.problems:
            click.echo(f"  {problem.code}: {problem.sentence}", err=True)
        if outcome.note:
            click.echo(f"  {outcome.note}")
    if any(outcome.did not in ("refused", "unchanged") for outcome in outcomes):
        click.echo(_NEXT_START)
    if any(outcome.did == "refused" for outcome in outcomes):
        raise click.exceptions.Exit(1)


def _write_problems(verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        for problem in verdict.problems:
            click.echo(f"\n{verdict.name}: {problem.code} ({problem.stage})\n  {problem.sentence}")
            if problem.where:
                click.echo(f"  At {problem.where}")


def _describe(verdict: Verdict, found: Survey) -> dict[str, Any]:
    judged = found.find(verdict.name)
    manifest = judged.found.manifest if judged else None
    row = found.record.plugins.get(verdict.name)
    return {
        **verdict.asdict(),
        "title": verdict.title,
        "installed": row is not None,
        "enabled": bool(row and row.enabled),
        "installed_version": row.version if row else None,
        "place": str(judged.found.package_dir or judged.found.place) if judged else None,
        "requires": list(judged.found.requires) if judged else [],
        "asset_types": list(judged.found.asset_types) if judged else list(row.asset_types if row else ()),
        "outbound": list(manifest.outbound) if manifest else [],
        "organisation": manifest.organisation if manifest else None,
        "source_url": manifest.source_url if manifest else None,
    }


def _page(value: dict[str, Any]) -> str:
    lines = [f"{value['title']} ({value['name']})"]
    for key in (
        "state",
        "version",
        "dist",
        "source",
        "place",
        "requires",
        "asset_types",
        "outbound",
        "source_url",
    ):
        text = ", ".join(value[key]) if isinstance(value[key], list) else value[key]
        lines.append(f"  {key.replace('_', ' ')}: {text or '-'}")
    lines.append(f"  schema: {value['schema']['current'] or '-'} of {value['schema']['head'] or '-'}")
    for problem in value["problems"]:
        lines.append(f"  {problem['code']} ({problem['stage']}): {problem['message']}")
        lines.append(f"    remedy: {problem['remedy']}")
    return "\n".join(lines)
