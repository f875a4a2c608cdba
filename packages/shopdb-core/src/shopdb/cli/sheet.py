"""``shopdb import`` and ``shopdb export``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import emit, json_option


@click.command("import")
@click.argument("resource")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Do everything, count, and undo.")
@click.option(
    "--update", is_flag=True, help="Change the items that rows belong to, by id, tag, serial or name."
)
@click.option("--skip-unknown", is_flag=True, help="Pass over columns that the resource doesn't have.")
@click.option("--encoding", help="Such as cp1252; by default UTF-8, or UTF-16 where the file says so.")
@click.option("--delimiter", help="By default, whichever the header holds most of.")
@json_option
@pass_cli
def import_command(
    cli: CliContext,
    resource: str,
    file: Path,
    dry_run: bool,
    update: bool,
    skip_unknown: bool,
    encoding: str | None,
    delimiter: str | None,
    as_json: bool,
) -> None:
    """Import FILE, a CSV or JSON sheet, into RESOURCE (assets, printers, usb/devices, …).

    Good rows are taken and wrong ones told. Exits 1 when any row was rejected.
    """
    from shopdb.resources.declare import Actor
    from shopdb.resources.exchange import import_sheet
    from shopdb.resources.sheet import read_sheet

    runtime = cli.runtime()
    runtime.registry.get(resource)
    sheet = read_sheet(file.read_bytes(), encoding=encoding, delimiter=delimiter)
    with runtime.database.write() as session:
        report = import_sheet(
            session,
            resource,
            sheet,
            actor=Actor(name="command line", source="import"),
            update=update,
            dry_run=dry_run,
            skip_unknown=skip_unknown,
        ).asdict()
    emit(report, as_json, table=_told)
    if report["rejected"]:
        raise SystemExit(1)


def _told(report: dict[str, Any]) -> str:
    counts = ", ".join(f"{report[name]} {name}" for name in ("created", "updated", "unchanged", "rejected"))
    lines = [f"{report['rows']} rows: {counts}."]
    if report["dry_run"]:
        lines.append("This was a dry run: nothing was kept.")
    if report["ignored_columns"]:
        lines.append(f"Columns passed over: {', '.join(report['ignored_columns'])}.")
    for error in report["errors"]:
        column = f", {error['column']}" if error["column"] else ""
        lines.append(f"Row {error['row']}{column}: {error['message']}")
    return "\n".join(lines)


@click.command("export")
@click.argument("resource")
@click.option("--format", "kind", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@pass_cli
def export_command(cli: CliContext, resource: str, kind: str) -> None:
    """Write every item of RESOURCE to standard output; import reads it back."""
    from shopdb.resources.exchange import export_csv, export_json
    from shopdb.resources.query import reader_of

    runtime = cli.runtime()
    runtime.registry.get(resource)
    query = reader_of(runtime.registry, resource).parameters.parse(())
    write = export_csv if kind == "csv" else export_json
    with runtime.database.read() as session:
        for piece in write(session, resource, query):
            sys.stdout.buffer.write(piece.encode())
    sys.stdout.buffer.flush()
