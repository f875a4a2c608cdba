"""What is known of printers: whom to poll, what a poll found, levels over time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError
from shopdb.outbound import check_snmp
from shopdb.plugins import now
from shopdb.services import table_of
from shopdb_printers.models import Level, Printer, Reading
from shopdb_printers.reading import DeviceReading
from shopdb_printers.shown import says

KEEP_EVERY = timedelta(days=1)

_SHOWN = (
    *("model_reported", "serial_reported", "firmware", "state", "conditions", "alerts", "page_count"),
    *("polled_at", "attempted_at", "last_error", "last_error_at", "supplies", "trays"),
)
_COLUMNS = tuple(getattr(Reading, name) for name in _SHOWN)


def check_printer(session: Session, state: Mapping[str, Any], asset_id: int | None) -> None:
    """Refuse a printer that can't be asked as its fields say.

    Raises:
        InvalidError: With a message for each field.
    """
    check_snmp(state)


def list_printers(session: Session, *, tags: Sequence[str] = ()) -> list[tuple[Printer, str | None]]:
    """Every printer that has a host, and its tag, by tag; only those with the given tags, if any are given."""
    assets = table_of("assets")
    statement = (
        select(Printer, assets.c.asset_tag)
        .join(assets, assets.c.id == Printer.asset_id)
        .where(Printer.host.is_not(None), Printer.host != "")
        .order_by(assets.c.asset_tag, Printer.asset_id)
    )
    found = session.execute(statement.where(assets.c.asset_tag.in_(tags)) if tags else statement)
    return [(printer, tag) for printer, tag in found]


def has_serial_number(session: Session, asset_id: int) -> bool:
    """Whether the asset has one; what is gone needs none."""
    assets = table_of("assets")
    found = session.execute(select(assets.c.serial_number).where(assets.c.id == asset_id)).first()
    return found is None or bool(found[0])


def save_reading(session: Session, row: Reading, reading: DeviceReading) -> None:
    """Keep in a printer's row what it has just said, and the levels that have changed since the last time."""
    at = row.polled_at or now()
    rows = {
        "supply": [each.asdict() for each in reading.supplies],
        "tray": [each.asdict() for each in reading.trays],
    }
    before = {"supply": row.supplies or [], "tray": row.trays or []}
    is_due = row.levels_kept_at is None or at - row.levels_kept_at >= KEEP_EVERY
    kept = [
        {"asset_id": row.asset_id, "at": at, "part": part, **level}
        for part, levels in rows.items()
        for level in (_levels(levels) if is_due else _changed(before[part], levels))
    ]
    if kept:
        session.execute(insert(Level), kept)
    row.levels_kept_at = at if is_due else row.levels_kept_at
    row.model_reported, row.serial_reported = reading.model, reading.serial
    row.firmware, row.state, row.page_count = reading.firmware, reading.state, reading.page_count
    row.conditions, row.alerts = list(reading.conditions), list(reading.alerts)
    row.supplies, row.trays = rows["supply"], rows["tray"]


def _is_printer(session: Session, asset_id: int) -> bool:
    return session.execute(select(Printer.asset_id).where(Printer.asset_id == asset_id)).first() is not None


def _levels(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"number": row["index"], "percent": row["percent"], "coded": row["coded"]} for row in rows]


def _changed(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known = _levels(before)
    return [level for level in _levels(after) if level not in known]


def load_readings(session: Session, asset_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What each printer's item shows besides its fields; printers that were never asked are left out."""
    statement = select(Reading.asset_id, *_COLUMNS).where(Reading.asset_id.in_(asset_ids))
    return {
        asset_id: _shown(dict(zip(_SHOWN, row, strict=True))) for asset_id, *row in session.execute(statement)
    }


def _shown(reading: dict[str, Any]) -> dict[str, Any]:
    if reading["last_error"] is not None:
        reading["state"] = "unreachable"
    reading["says"] = says(reading["state"], reading["conditions"])
    reading["lowest_supply"] = lowest_supply(reading["supplies"])
    return reading


def lowest_supply(supplies: Iterable[Mapping[str, Any]]) -> str | None:
    """The supply that runs out first, as ``Cyan toner 4 %``; None where no percentage is known."""
    known = [row for row in supplies if row["percent"] is not None]
    if not known:
        return None
    lowest = min(known, key=lambda row: row["percent"])
    return f"{lowest['description']} {lowest['percent']} %"


def list_levels(
    session: Session, asset_id: int, *, since: datetime, limit: int = 20_000
) -> list[dict[str, Any]]:
    """The supplies' levels over time, one series a supply: ``label``, ``color``, ``points`` of (seconds, percent).

    A level holds until the next one is kept, so a point stands right before each change.

    Raises:
        NotFoundError: There is no such printer.
    """
    shown = load_readings(session, [asset_id]).get(asset_id)
    if shown is None:
        if not _is_printer(session, asset_id):
            raise NotFoundError(f"There is no printer {asset_id}.")
        return []
    statement = (
        select(Level.number, Level.at, Level.percent)
        .where(Level.asset_id == asset_id, Level.part == "supply", Level.at >= since)
        .order_by(Level.at.desc())
        .limit(limit)
    )
    points: dict[int, list[tuple[int, int | None]]] = {}
    for number, at, percent in reversed(session.execute(statement).all()):
        line = points.setdefault(number, [])
        second = int(at.timestamp())
        if line and line[-1][1] != percent and second - line[-1][0] > 1:
            line.append((second - 1, line[-1][1]))
        line.append((second, percent))
    return [
        {"label": row["description"], "color": row["color"], "points": _up_to(shown, row, points)}
        for row in shown["supplies"]
    ]


def _up_to(
    shown: Mapping[str, Any], row: Mapping[str, Any], points: Mapping[int, list[tuple[int, int | None]]]
) -> list[tuple[int, int | None]]:
    line = points.get(row["index"], [])
    now_s = int(shown["polled_at"].timestamp()) if shown["polled_at"] else 0
    return [*line, (now_s, row["percent"])] if not line or now_s > line[-1][0] else line


def prune_levels(session: Session, *, before: datetime) -> int:
    """Forget the levels of before then; returns how many."""
    return session.execute(delete(Level).where(Level.at < before)).rowcount  # type: ignore[attr-defined, no-any-return]  # the cursor's
