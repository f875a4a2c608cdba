"""What is shown with machines and orders beside their columns, and how lists are filtered by it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from shopdb.plugins import Extra, now
from shopdb.services import table_of
from shopdb_equipment.days import lead_days, today
from shopdb_equipment.due import SOON_SHARE, add_days, calibration_state, maintenance_state
from shopdb_equipment.meters import totals_of
from shopdb_equipment.models import Machine, WorkOrder
from shopdb_equipment.words import CALIBRATION, CLOSED, MAINTENANCE, PRIORITY_BADGES, STATUS_BADGES, TIMING

ORDER_SOON = timedelta(days=2)
"""An order that is due within this time is due soon."""


def load_machines(session: Session, machine_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """States, counters and the number of open orders of each machine. What is gone for good is due for nothing."""
    assets, statuses, table = table_of("assets"), table_of("statuses"), Machine.__table__
    still_open = (WorkOrder.equipment_id == assets.c.id, WorkOrder.status.not_in(CLOSED))
    count = select(func.count()).select_from(WorkOrder).where(*still_open).scalar_subquery()
    rows = session.execute(
        select(assets.c.id, statuses.c.kind.label("status_kind"), count.label("open_orders"), *table.c)
        .join_from(assets, statuses, statuses.c.id == assets.c.status_id)
        .outerjoin(table, table.c.asset_id == assets.c.id)
        .where(assets.c.id.in_(machine_ids))
    ).mappings()
    found = {row["id"]: _shown(session, dict(row)) for row in rows}
    counters = session.execute(totals_of(machine_ids)).all()
    for machine_id, meter, total, read_at in counters:
        shown = found[machine_id]
        shown["operating_hours" if meter == "hours" else "parts_made"] = round(total, 3)
        shown["meter_read_at"] = max(read_at, shown.get("meter_read_at") or read_at)
    for shown in found.values():
        row = shown.pop("row")
        if row is not None:
            shown["maintenance_state"] = maintenance_state(
                row,
                hours=shown.get("operating_hours"),
                today=today(session),
                lead_days=lead_days(session),
            )
    return found


def _shown(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    is_here = row["status_kind"] != "archived"
    state = calibration_state(row, today=today(session), lead_days=lead_days(session)) if is_here else None
    return {
        "calibration_state": state,
        "open_orders": row["open_orders"],
        "row": row if is_here else None,
    }


def has_calibration(session: Session, state: str) -> ColumnElement[bool]:
    """The condition on machines whose calibration is ``in``, ``due_soon`` or ``out``."""
    due, last, day = Machine.calibration_due_on, Machine.calibrated_on, today(session)
    failed = func.coalesce(Machine.calibration_result, "") == "failed"
    out = or_(failed, and_(due.is_not(None), or_(last.is_(None), due < day)))
    soon = and_(due.is_not(None), due <= add_days(day, lead_days(session)))
    found = {"out": out, "due_soon": and_(soon, ~out), "in": and_(due.is_not(None), ~soon, ~out)}
    return and_(_is_here(), found[state])


def has_maintenance(session: Session, state: str) -> ColumnElement[bool]:
    """The condition on machines whose maintenance is ``in``, ``due_soon`` or ``overdue``."""
    due, day = Machine.maintenance_due_on, today(session)
    hours = totals_of().subquery("hours")
    counted = select(hours.c.total).where(
        hours.c.equipment_id == table_of("assets").c.id, hours.c.meter == "hours"
    )
    left = func.coalesce(Machine.maintenance_due_h - counted.scalar_subquery(), 1e12)
    overdue = or_(and_(due.is_not(None), due < day), left <= 0)
    soon = or_(
        and_(due.is_not(None), due <= add_days(day, lead_days(session))),
        left <= SOON_SHARE * func.coalesce(Machine.maintenance_interval_h, 0),
    )
    is_due = or_(due.is_not(None), Machine.maintenance_due_h.is_not(None))
    found = {"overdue": overdue, "due_soon": and_(soon, ~overdue), "in": and_(~soon, ~overdue)}
    return and_(_is_here(), is_due, found[state])


def _is_here() -> ColumnElement[bool]:
    statuses = table_of("statuses")
    gone = select(statuses.c.id).where(statuses.c.kind == "archived")
    return table_of("assets").c.status_id.not_in(gone)


def load_orders(session: Session, order_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """Which open orders are late or due soon."""
    statement = select(WorkOrder.id, WorkOrder.due_at).where(
        WorkOrder.id.in_(order_ids), WorkOrder.status.not_in(CLOSED), WorkOrder.due_at <= now() + ORDER_SOON
    )
    at = now()
    return {id_: {"timing": "late" if due < at else "due_soon"} for id_, due in session.execute(statement)}


def has_timing(session: Session, timing: str) -> ColumnElement[bool]:
    """The condition on orders that are ``late`` or ``due_soon``."""
    at = now()
    when = WorkOrder.due_at < at if timing == "late" else WorkOrder.due_at.between(at, at + ORDER_SOON)
    return and_(WorkOrder.status.not_in(CLOSED), when)


MACHINE_EXTRA = Extra(
    load=load_machines,
    schema={
        "calibration_state": {
            "type": ["string", "null"],
            "enum": [*CALIBRATION, None],
            "title": "Calibration",
        },
        "maintenance_state": {
            "type": ["string", "null"],
            "enum": [*MAINTENANCE, None],
            "title": "Maintenance",
        },
        "operating_hours": {
            "type": ["number", "null"],
            "title": "Operating hours, all its counters together",
        },
        "parts_made": {"type": ["number", "null"], "title": "Parts made, all its counters together"},
        "meter_read_at": {
            "type": ["string", "null"],
            "format": "date-time",
            "title": "When a counter was last read",
        },
        "open_orders": {"type": "integer", "title": "Work orders that are open"},
    },
    empty={
        **dict.fromkeys(("calibration_state", "maintenance_state", "operating_hours", "parts_made")),
        "meter_read_at": None,
        "open_orders": 0,
    },
    listed={
        "calibration_state": "Calibration",
        "maintenance_state": "Maintenance",
        "open_orders": "Open orders",
    },
    badges={"calibration_state": CALIBRATION, "maintenance_state": MAINTENANCE},
    filters={"calibration_state": has_calibration, "maintenance_state": has_maintenance},
)
ORDER_EXTRA = Extra(
    load=load_orders,
    schema={"timing": {"type": ["string", "null"], "enum": [*TIMING, None], "title": "Whether it is late"}},
    empty={"timing": None},
    listed={"timing": "Timing"},
    badges={"timing": TIMING, "status": STATUS_BADGES, "priority": PRIORITY_BADGES},
    filters={"timing": has_timing},
)
