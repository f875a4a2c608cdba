"""What is known of printers: whom to poll, what a poll found, levels over time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError
from shopdb.outbound import SnmpTarget, check_snmp, snmp_target
from shopdb.services import table_of
from shopdb_printers.models import Level, Printer, Reading
from shopdb_printers.reading import DeviceReading
from shopdb_printers.shown import says

KEEP_EVERY = timedelta(days=1)
LONGEST_BACK_OFF_S = 3600

_SHOWN = (
    *("model_reported", "serial_reported", "firmware", "state", "conditions", "alerts", "page_count"),
    *("polled_at", "attempted_at", "last_error", "last_error_at", "supplies", "trays"),
)
_COLUMNS = tuple(getattr(Reading, name) for name in _SHOWN)


@dataclass(frozen=True, slots=True)
class Target:
    """A printer to poll."""

    asset_id: int
    asset_tag: str | None
    serial_number: str | None
    snmp: SnmpTarget
    context: str | None


def check_printer(session: Session, state: Mapping[str, Any], asset_id: int | None) -> None:
    """Refuse a printer that can't be asked as its fields say.

    Raises:
        InvalidError: With a message for each field.
    """
    check_snmp(state)


def find_target(session: Session, asset_id: int) -> Target | None:
    """How the printer is asked; None where no host is given."""
    return next(iter(_targets(session, _select_targets().where(Printer.asset_id == asset_id))), None)


def list_targets(session: Session, *, tags: Sequence[str] = ()) -> list[Target]:
    """Every printer that has a host, by tag; only those with the given tags, if any are given."""
    assets = table_of("assets")
    statement = _select_targets().order_by(assets.c.asset_tag, Printer.asset_id)
    return _targets(session, statement.where(assets.c.asset_tag.in_(tags)) if tags else statement)


def list_due(session: Session, at: datetime, *, limit: int = 1000) -> list[Target]:
    """The printers whose turn it is, those that wait longest first."""
    due = or_(Reading.next_poll_at.is_(None), Reading.next_poll_at <= at)
    never_first = Reading.next_poll_at.is_not(None)
    statement = (
        _select_targets()
        .join(Reading, Reading.asset_id == Printer.asset_id, isouter=True)
        .where(due)
        .order_by(never_first, Reading.next_poll_at, Printer.asset_id)
        .limit(limit)
    )
    return _targets(session, statement)


def _select_targets() -> Select[Any]:
    assets = table_of("assets")
    return (
        select(Printer, assets.c.asset_tag, assets.c.serial_number)
        .join(assets, assets.c.id == Printer.asset_id)
        .where(Printer.host.is_not(None), Printer.host != "")
    )


def _targets(session: Session, statement: Select[Any]) -> list[Target]:
    return [
        Target(printer.asset_id, tag, serial, snmp_target(printer), printer.snmp_context or None)
        for printer, tag, serial in session.execute(statement)
    ]


def has_serial_number(session: Session, asset_id: int) -> bool:
    """Whether the asset has one; what is gone needs none."""
    assets = table_of("assets")
    found = session.execute(select(assets.c.serial_number).where(assets.c.id == asset_id)).first()
    return found is None or bool(found[0])


def poll_soon(session: Session, asset_id: int) -> None:
    """Make it the printer's turn, however long it has been silent."""
    session.execute(update(Reading).where(Reading.asset_id == asset_id).values(next_poll_at=None, failures=0))


def save_reading(
    session: Session, asset_id: int, reading: DeviceReading, *, at: datetime, interval_s: int
) -> None:
    """Keep what a poll found, and the levels that have changed since the last one."""
    row = _row(session, asset_id)
    if row is None:
        return
    rows = {
        "supply": [each.asdict() for each in reading.supplies],
        "tray": [each.asdict() for each in reading.trays],
    }
    before = {"supply": row.supplies or [], "tray": row.trays or []}
    is_due = row.levels_kept_at is None or at - row.levels_kept_at >= KEEP_EVERY
    kept = [
        {"asset_id": asset_id, "at": at, "part": part, **level}
        for part, levels in rows.items()
        for level in (_levels(levels) if is_due else _changed(before[part], levels))
    ]
    if kept:
        session.execute(insert(Level), kept)
    row.levels_kept_at = at if is_due else row.levels_kept_at
    row.polled_at = row.attempted_at = at
    row.next_poll_at = at + timedelta(seconds=interval_s)
    row.failures, row.last_error, row.last_error_at = 0, None, None
    row.model_reported, row.serial_reported = reading.model, reading.serial
    row.firmware, row.state, row.page_count = reading.firmware, reading.state, reading.page_count
    row.conditions, row.alerts = list(reading.conditions), list(reading.alerts)
    row.supplies, row.trays = rows["supply"], rows["tray"]


def save_failure(session: Session, asset_id: int, message: str, *, at: datetime, interval_s: int) -> None:
    """Keep why a poll failed; what was read before stays. Its next turn comes later each time, up to an hour."""
    row = _row(session, asset_id)
    if row is None:
        return
    row.failures = (row.failures or 0) + 1
    longest = max(LONGEST_BACK_OFF_S, interval_s)
    wait_s = min(interval_s * 2 ** min(row.failures - 1, 10), longest)
    row.attempted_at = row.last_error_at = at
    row.next_poll_at = at + timedelta(seconds=wait_s)
    row.last_error = message


def _row(session: Session, asset_id: int) -> Reading | None:
    """The printer's reading, made where there is none; None where the printer was deleted meanwhile."""
    row = session.get(Reading, asset_id)
    if row is None and session.execute(select(Printer.asset_id).where(Printer.asset_id == asset_id)).first():
        row = Reading(asset_id=asset_id, failures=0)
        session.add(row)
    return row


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
