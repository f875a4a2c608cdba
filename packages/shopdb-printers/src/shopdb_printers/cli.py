"""``shopdb printers …``"""

import json
from collections.abc import Sequence

import click

from shopdb.errors import NotFoundError
from shopdb.plugins import JobContext
from shopdb_printers import services
from shopdb_printers.poll import Outcome
from shopdb_printers.poll import poll as poll_all


@click.command()
@click.argument("tags", nargs=-1, metavar="[TAG]...")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON list and nothing else.")
@click.pass_obj
def poll(context: JobContext, tags: Sequence[str], as_json: bool) -> None:
    """Ask printers for their supplies now: those with the given asset tags, or all that have a host.

    Exits 0 also where printers did not answer; each line says how it went.
    """
    with context.database.read() as session:
        targets = services.list_targets(session, tags=tags)
    if missing := sorted(set(tags) - {target.asset_tag for target in targets}):
        raise NotFoundError(
            f"No printer with a host has the tag {missing[0]!r}. See: shopdb export printers --format csv"
        )
    outcomes = poll_all(context, targets)
    if as_json:
        click.echo(json.dumps([outcome.asdict() for outcome in outcomes], indent=2))
        return
    for outcome in outcomes:
        click.echo(_line(outcome))
    click.echo(f"{sum(o.reading is not None for o in outcomes)} of {len(outcomes)} printers answered.")


def _line(outcome: Outcome) -> str:
    target, reading = outcome.target, outcome.reading
    name = f"{target.asset_tag or target.asset_id} ({target.snmp.host})"
    if reading is None:
        return f"{name}: {outcome.error}"
    lowest = services.lowest_supply([each.asdict() for each in reading.supplies])
    return f"{name}: {reading.model or 'model unknown'}, {reading.state}; {lowest or 'no level known'}"
