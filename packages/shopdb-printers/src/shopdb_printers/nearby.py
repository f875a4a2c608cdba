"""The printers that stand near another asset, for its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from shopdb.plugins import Panel
from shopdb.services import table_of
from shopdb_printers.models import Printer
from shopdb_printers.services import load_readings
from shopdb_printers.shown import NEVER_ASKED, STATES

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A printer near by: where it stands, and what was last read of it."""

    asset_id: int
    name: str
    place: str
    state: str | None
    lowest_supply: str | None


def panels_near(item: Mapping[str, Any], session: Session) -> list[Panel]:
    """The nearest printers of an asset that has a place; other things, such as prefixes, print nothing."""
    place = item.get("location")
    found = list_near(session, place["id"]) if place and "asset_tag" in item else []
    if not found:
        return []
    values = {"printers": found, "states": STATES, "never": NEVER_ASKED}
    panel = Panel(
        title="Printers near by",
        template="printers/nearby.html",
        values=values,
        order=80,
        permission="printers.printers.view",
    )
    return [panel]


def list_near(session: Session, location_id: int, *, limit: int = SHOWN) -> list[Neighbour]:
    """The printers in the same place, then those in the place around it and its other parts."""
    assets, places, statuses = table_of("assets"), table_of("locations"), table_of("statuses")
    around = select(places.c.parent_id).where(places.c.id == location_id).scalar_subquery()
    is_here = places.c.id == location_id
    statement = (
        select(assets.c.id, func.coalesce(assets.c.name, assets.c.asset_tag, ""), places.c.name)
        .join(Printer, Printer.asset_id == assets.c.id)
        .join(places, places.c.id == assets.c.location_id)
        .join(statuses, statuses.c.id == assets.c.status_id)
        .where(or_(is_here, places.c.parent_id == around, places.c.id == around))
        .where(statuses.c.kind == "deployable")
        .order_by(case((is_here, 0), else_=1), assets.c.id)
        .limit(limit)
    )
    rows = session.execute(statement).all()
    readings = load_readings(session, [asset_id for asset_id, _, _ in rows])
    return [
        Neighbour(
            asset_id,
            name or f"Printer {asset_id}",
            place,
            readings.get(asset_id, {}).get("state"),
            readings.get(asset_id, {}).get("lowest_supply"),
        )
        for asset_id, name, place in rows
    ]
