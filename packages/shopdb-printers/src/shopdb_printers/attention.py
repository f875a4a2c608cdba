"""Which printers need somebody now, for the start page."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shopdb.plugins import Card, CardLine
from shopdb.services import table_of
from shopdb_printers.models import Reading
from shopdb_printers.services import load_readings, lowest_supply

LOW_PERCENT = 10
"""What pages call low."""
_URGENCY = {"danger": 0, "warning": 1}


def list_cards(session: Session) -> list[Card]:
    """One card: stopped, silent, or short of a supply; printers that are gone for good are left out."""
    names = _list_names(session)
    readings = load_readings(session, list(names))
    lines = [
        line
        for asset_id, name in names.items()
        if asset_id in readings and (line := _line(asset_id, name, readings[asset_id]))
    ]
    lines.sort(key=lambda line: (_URGENCY[line.tone], line.text))
    card = Card(
        title="Printers", permission="printers.printers.view", lines=lines, url="/printers", icon="printer"
    )
    return [card]


def _list_names(session: Session) -> dict[int, str]:
    assets, statuses = table_of("assets"), table_of("statuses")
    name = func.coalesce(assets.c.name, assets.c.asset_tag, "")
    statement = (
        select(assets.c.id, name)
        .join(Reading, Reading.asset_id == assets.c.id)
        .join(statuses, statuses.c.id == assets.c.status_id)
        .where(statuses.c.kind != "archived")
    )
    return {asset_id: text or f"Printer {asset_id}" for asset_id, text in session.execute(statement)}


def _line(asset_id: int, name: str, reading: Mapping[str, Any]) -> CardLine | None:
    url = f"/printers/{asset_id}"
    if reading["state"] == "unreachable":
        return CardLine(text=name, url=url, tone="danger", note="Not answering")
    if reading["state"] == "down":
        return CardLine(text=name, url=url, tone="danger", note=reading["says"] or "Stopped")
    low = [row for row in reading["supplies"] if row["percent"] is not None and row["percent"] <= LOW_PERCENT]
    if low:
        return CardLine(text=name, url=url, tone="warning", note=lowest_supply(low) or "")
    return None
