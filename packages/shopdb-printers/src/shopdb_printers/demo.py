"""Sample printers for ``shopdb demo``, with a month of levels behind them."""

import sys
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from shopdb.plugins import Actor, Demo, JobContext, now
from shopdb.services import create_item, list_items
from shopdb_printers.models import Level
from shopdb_printers.sample import PORT, PRINTERS, SamplePrinter, address_of

_DAYS = 30


def seed(context: JobContext) -> None:
    """Write the sample printers through the ordinary service path."""
    actor = Actor(name="demo", source="demo")
    with context.database.write() as session:
        places = {item["name"]: item["id"] for item in list_items(session, "locations", {"limit": "1000"})}
        for sample in PRINTERS:
            values: dict[str, Any] = {
                "asset_tag": sample.tag,
                "name": sample.name,
                "host": address_of(context.site_dir),
                "snmp_port": PORT,
                **sample.asked_by,
                "location": places.get(sample.place),
            }
            made = create_item(session, "printers", values, actor=actor)
            session.execute(insert(Level), _levels(made["id"], sample, now()))


def _levels(asset_id: int, sample: SamplePrinter, until: datetime) -> list[dict[str, Any]]:
    """Two levels a day that lead up to today's, with one replacement on the way where it ran out."""
    rows = []
    for number, supply in enumerate(sample.supplies, start=1):
        percent = 100 * supply.level / supply.capacity if supply.level >= 0 and supply.capacity > 0 else None
        for half_days in range(2 * _DAYS):
            at = until - timedelta(hours=12 * (half_days + 1))
            told = (
                None
                if percent is None
                else round((percent + (0.7 + number / 4) * half_days / 2 - 1) % 100) + 1
            )
            row = {"asset_id": asset_id, "at": at, "part": "supply", "number": number, "percent": told}
            rows.append({**row, "coded": "some_left" if told is None else None})
    return rows


DEMO = Demo(
    seed=seed,
    commands=[[sys.executable, "-m", "shopdb_printers.simulator", "--site", "{site_dir}"]],
    environment={"SHOPDB_OUTBOUND_ALLOW": "127.0.0.0/8"},
)
"""What the plugin adds to a demo."""
