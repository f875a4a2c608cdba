"""``shopdb printers …``"""

import json
from collections.abc import Sequence
from typing import Any

import click

from shopdb.errors import NotFoundError
from shopdb.outbound import Outcome
from shopdb.plugins import JobContext
from shopdb_printers import services
from shopdb_printers.models import Printer
from shopdb_printers.poll import POLL
from shopdb_printers.reading import DeviceReading

PrinterOutcome = Outcome[Printer, DeviceReading]


@click.command()
@click.argument("tags", nargs=-1, metavar="[TAG]...")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON list and nothing else.")
@click.pass_obj
def poll(context: JobContext, tags: Sequence[str], as_json: bool) -> None:
    """Ask printers for their supplies now: those with the given asset tags, or all that have a host.

    Exits 0 also where printers did not answer; each line says how it went.
    """
    with context.database.read() as session:
        found = services.list_printers(session, tags=tags)
    if missing := sorted(set(tags) - {tag for _, tag in found}):
        raise NotFoundError(
            f"No printer with a host has the tag {missing[0]!r}. See: shopdb export printers --format csv"
        )
    outcomes = POLL.ask_all(context, [printer for printer, _ in found])
    told = list(zip((tag for _, tag in found), outcomes, strict=True))
    if as_json:
        click.echo(json.dumps([_as_dict(tag, outcome) for tag, outcome in told], indent=2))
        return
    for tag, outcome in told:
        click.echo(_line(tag, outcome))
    click.echo(f"{sum(o.reading is not None for o in outcomes)} of {len(outcomes)} printers answered.")


def _as_dict(tag: str | None, outcome: PrinterOutcome) -> dict[str, Any]:
    reading = outcome.reading
    return {
        "id": outcome.device.asset_id,
        "asset_tag": tag,
        "host": outcome.device.host,
        "ok": reading is not None,
        "error": outcome.error,
        "model_reported": reading.model if reading else None,
        "serial_reported": reading.serial if reading else None,
        "state": reading.state if reading else None,
        "supplies": [each.asdict() for each in reading.supplies] if reading else [],
        "trays": [each.asdict() for each in reading.trays] if reading else [],
    }


def _line(tag: str | None, outcome: PrinterOutcome) -> str:
    printer, reading = outcome.device, outcome.reading
    name = f"{tag or printer.asset_id} ({printer.host})"
    if reading is None:
        return f"{name}: {outcome.error}"
    lowest = services.lowest_supply([each.asdict() for each in reading.supplies])
    return f"{name}: {reading.model or 'model unknown'}, {reading.state}; {lowest or 'no level known'}"
