"""What a machine's page shows besides its fields, and what a person's page shows of the work on them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Panel
from shopdb.services import list_items
from shopdb_equipment.days import today
from shopdb_equipment.meters import READINGS
from shopdb_equipment.orders import MACHINES, ORDERS
from shopdb_equipment.words import CALIBRATION, CLOSED, MAINTENANCE, METERS, RESULTS, STATUSES

OPEN = ",".join(status for status in STATUSES if status not in CLOSED)
SHOWN_ORDERS, SHOWN_READINGS = 10, 6
SEE_ORDERS = "equipment.work_orders.view"


def panels_of(resource: str, item: Mapping[str, Any], session: Session) -> list[Panel]:
    """On a machine's page what is due, its open orders and its counters; on a person's their open orders."""
    if resource == MACHINES:
        return [_due(item, session), _orders_of_machine(item, session), *_counters(item, session)]
    if resource == "people":
        return _orders_of_person(item, session)
    return []


def in_days(day: date | None, now: date) -> str:
    """How far off a day is: ``today``, ``in 12 days``, ``3 days ago``."""
    days = 0 if day is None else (day - now).days
    if day is None or abs(days) == 0:
        return "" if day is None else "today"
    span = f"{abs(days)} day{'s' if abs(days) > 1 else ''}"
    return f"in {span}" if days > 0 else f"{span} ago"


def _due(item: Mapping[str, Any], session: Session) -> Panel:
    now = today(session)
    left_h = None
    if item["maintenance_due_h"] is not None and item["operating_hours"] is not None:
        left_h = item["maintenance_due_h"] - item["operating_hours"]
    values = {
        "item": item,
        "calibration": CALIBRATION,
        "maintenance": MAINTENANCE,
        "results": RESULTS,
        "left_h": left_h,
        "calibration_in": in_days(item["calibration_due_on"], now),
        "maintenance_in": in_days(item["maintenance_due_on"], now),
    }
    return Panel(title="What is due", template="equipment/due.html", values=values, order=10)


def _orders_of_machine(item: Mapping[str, Any], session: Session) -> Panel:
    query = {"equipment": str(item["id"]), "status__in": OPEN, "sort": "due_at", "limit": str(SHOWN_ORDERS)}
    values = {"orders": list_items(session, ORDERS, query), "total": item["open_orders"], "machine": item}
    return Panel(
        title="Open work orders",
        template="equipment/orders.html",
        values=values,
        order=15,
        permission=SEE_ORDERS,
    )


def _counters(item: Mapping[str, Any], session: Session) -> list[Panel]:
    query = {"equipment": str(item["id"]), "sort": "-read_at", "limit": str(SHOWN_READINGS)}
    readings = list_items(session, READINGS, query)
    if not readings:
        return []
    values = {"item": item, "readings": readings, "meters": METERS}
    return [
        Panel(
            title="Counters",
            template="equipment/counters.html",
            values=values,
            order=20,
            permission="equipment.meter_readings.view",
        )
    ]


def _orders_of_person(item: Mapping[str, Any], session: Session) -> list[Panel]:
    query = {"assigned_to": str(item["id"]), "status__in": OPEN, "sort": "due_at", "limit": str(SHOWN_ORDERS)}
    orders = list_items(session, ORDERS, query)
    if not orders:
        return []
    values = {"orders": orders, "total": None, "machine": None}
    return [
        Panel(
            title="Open work orders",
            template="equipment/orders.html",
            values=values,
            order=40,
            permission=SEE_ORDERS,
        )
    ]
