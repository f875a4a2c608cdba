"""What printers bring to ShopDB."""

from typing import Any

import click
from sqlalchemy.orm import Session

from shopdb.plugins import (
    Action,
    Card,
    Change,
    Demo,
    Extra,
    Job,
    Panel,
    Resource,
    SearchSource,
    Setting,
    Views,
    hookimpl,
)
from shopdb_printers import cli, demo, poll, services, shown
from shopdb_printers.attention import list_cards
from shopdb_printers.models import Printer
from shopdb_printers.nearby import panels_near
from shopdb_printers.panel import panels_of
from shopdb_printers.search import find_reported
from shopdb_printers.settings import SETTINGS

_POLL = Action(name="poll", title="Poll now", run=poll.POLL.ask_now, permission="poll", icon="refresh")
_EXTRA = Extra(
    load=services.load_readings,
    schema=shown.SCHEMA,
    empty=shown.EMPTY,
    listed=shown.LISTED,
    badges={"state": shown.STATES},
)


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Printers, each shown with its last reading."""
    printers = Resource(
        name="printers",
        title="Printers",
        title_one="Printer",
        model=Printer,
        asset_type="printer",
        keys=("asset_tag", "serial_number"),
        actions=(_POLL,),
        extra=_EXTRA,
        check=services.check_printer,
        icon="printer",
        help="Printers and their supplies. Add one with its host name, and its levels are read every few minutes.",
    )
    return [printers]


@hookimpl
def shopdb_register_search_sources() -> list[SearchSource]:
    """Printers by the model and serial number that they report themselves."""
    source = SearchSource(
        name="printers.reported",
        title="Reported by printers",
        permission="printers.printers.view",
        find=find_reported,
        icon="printer",
    )
    return [source]


@hookimpl
def shopdb_register_settings() -> list[Setting]:
    """How often, how long and how many at once; how long levels are kept."""
    return SETTINGS


@hookimpl
def shopdb_register_jobs() -> list[Job]:
    """Poll the printers whose turn it is; forget old levels."""
    return [
        Job(name="printers.poll", run=poll.POLL.ask_due, every_s=30, deadline_s=600),
        Job(name="printers.prune", run=poll.prune, every_s=86_400),
    ]


@hookimpl
def shopdb_register_commands() -> list[click.Command]:
    """``shopdb printers poll``."""
    return [cli.poll]


@hookimpl
def shopdb_register_views() -> list[Views]:
    """The levels over time as JSON."""
    from shopdb_printers import web  # Flask is for the server alone

    return [web.views()]


@hookimpl
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """State, supplies, trays and levels over time on a printer's page; the printers near by on others'."""
    return panels_of(item) if resource == "printers" else panels_near(item, session)


@hookimpl
def shopdb_add_cards(session: Session) -> list[Card]:
    """Printers that have stopped, are silent, or run out of something."""
    return list_cards(session)


@hookimpl
def shopdb_on_item_changed(change: Change, session: Session) -> None:
    """A printer whose address has changed is asked at the next turn."""
    if change.resource == "printers" and any(name.startswith(("host", "snmp_")) for name in change.fields):
        poll.POLL.ask_soon(session, change.item_id)


@hookimpl
def shopdb_register_demos() -> list[Demo]:
    """Eight printers, and a simulator that answers for seven of them."""
    return [demo.DEMO]
