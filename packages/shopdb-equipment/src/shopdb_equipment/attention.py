"""What asks for somebody: cards on the start page, and banners on the page of a machine."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from shopdb.plugins import Card, CardLine, Notice, now
from shopdb.services import table_of
from shopdb_equipment.days import today
from shopdb_equipment.models import Machine, WorkOrder
from shopdb_equipment.panel import OPEN, SEE_ORDERS, in_days
from shopdb_equipment.shown import has_calibration, has_timing
from shopdb_equipment.words import CLOSED, MEASURES, ORDER_KINDS

LINES = 10
_AHEAD = timedelta(hours=24)
PLANNED = ",".join(kind for kind in ORDER_KINDS if kind != "breakdown")


def list_cards(session: Session) -> list[Card]:
    """Breakdowns, late orders, and what is out of calibration or soon will be."""
    return [_breakdowns(session), _late_orders(session), _calibrations(session)]


def _breakdowns(session: Session) -> Card:
    where = and_(WorkOrder.kind == "breakdown", WorkOrder.status.not_in(CLOSED))
    rows, count = _orders(session, where, WorkOrder.opened_at)
    lines = [
        CardLine(
            text=f"{order.machine}: {order.title}",
            url=f"/equipment/work-orders/{order.id}",
            tone="danger" if order.downtime_from is not None or order.priority == "urgent" else "warning",
            at=order.opened_at,
        )
        for order in rows
    ]
    return Card(
        title="Breakdowns",
        permission=SEE_ORDERS,
        lines=lines,
        count=count,
        url=_list("/equipment/work-orders", kind__in="breakdown", status__in=OPEN, sort="opened_at"),
        icon="alert-octagon",
        order=10,
    )


def _late_orders(session: Session) -> Card:
    where = and_(WorkOrder.kind != "breakdown", has_timing(session, "late"))
    rows, count = _orders(session, where, WorkOrder.due_at)
    lines = [
        CardLine(
            text=order.title if order.machine in order.title else f"{order.machine}: {order.title}",
            url=f"/equipment/work-orders/{order.id}",
            tone="warning",
            at=order.due_at,
        )
        for order in rows
    ]
    return Card(
        title="Late work orders",
        permission=SEE_ORDERS,
        lines=lines,
        count=count,
        url=_list("/equipment/work-orders", timing__in="late", kind__in=PLANNED, sort="due_at"),
        icon="tool",
        order=20,
    )


def _calibrations(session: Session) -> Card:
    assets, day = table_of("assets"), today(session)
    out = has_calibration(session, "out")
    where = or_(out, has_calibration(session, "due_soon"))
    joined = select(
        assets.c.id, func.coalesce(assets.c.name, assets.c.asset_tag), Machine.calibration_due_on, out
    )
    joined = joined.join_from(assets, Machine, Machine.asset_id == assets.c.id).where(where)
    rows = session.execute(joined.order_by(Machine.calibration_due_on, assets.c.id)).all()
    lines = [
        CardLine(
            text=name or f"Machine {id_}",
            url=f"/equipment/{id_}",
            tone="danger" if is_out else "warning",
            note=f"out since {due}" if is_out else f"due {in_days(due, day)}",
        )
        for id_, name, due, is_out in rows[:LINES]
    ]
    return Card(
        title="Calibration due",
        permission="equipment.equipment.view",
        lines=lines,
        count=len(rows),
        url=_list("/equipment", calibration_state__in="out,due_soon", sort="calibration_due_on"),
        icon="ruler-measure",
        order=25,
    )


def _orders(
    session: Session, where: ColumnElement[bool], first: ColumnElement[Any] | Any
) -> tuple[Sequence[Any], int]:
    """The first orders with their machines' names, and how many there are."""
    assets = table_of("assets")
    name = func.coalesce(assets.c.name, assets.c.asset_tag, "").label("machine")
    table = WorkOrder.__table__
    joined = select(*table.c, name).join_from(table, assets, assets.c.id == table.c.equipment_id)
    rows = session.execute(joined.where(where).order_by(first, WorkOrder.id).limit(LINES)).all()
    if len(rows) < LINES:
        return rows, len(rows)
    return rows, session.scalar(select(func.count()).select_from(WorkOrder).where(where)) or 0


def _list(path: str, **parameters: str) -> str:
    return f"{path}?{urlencode(parameters)}"


def list_notices(item: Mapping[str, Any], session: Session) -> list[Notice]:
    """That a machine is out of calibration, and that it is down or will be so today."""
    notices = _stops(item["id"], session)
    if item.get("calibration_state") == "out":
        notices.append(_out_of_calibration(item))
    return notices


def _out_of_calibration(item: Mapping[str, Any]) -> Notice:
    if item["calibration_result"] == "failed":
        why = f"It failed its calibration of {item['calibrated_on']}."
    elif item["calibrated_on"] is None:
        why = "It was never calibrated."
    else:
        why = f"Its calibration ended on {item['calibration_due_on']}."
    what = "Don't measure with it." if item["kind"] in MEASURES else "Don't rely on what it measures."
    return Notice(title="Out of calibration.", text=f"{why} {what}", tone="danger", icon="ruler-measure")


def _stops(machine_id: int, session: Session) -> list[Notice]:
    """Down now, or before the day is over."""
    at = now()
    statement = (
        select(*WorkOrder.__table__.c)
        .where(
            WorkOrder.equipment_id == machine_id,
            WorkOrder.status.not_in(CLOSED),
            WorkOrder.downtime_from <= at + _AHEAD,
            or_(WorkOrder.downtime_until.is_(None), WorkOrder.downtime_until > at),
        )
        .order_by(WorkOrder.downtime_from)
        .limit(3)
    )
    return [_stop(order, is_now=order.downtime_from <= at) for order in session.execute(statement)]


def _stop(order: Any, *, is_now: bool) -> Notice:
    reason = order.downtime_reason or order.title
    return Notice(
        title="Down." if is_now else f"Will be down from {order.downtime_from:%Y-%m-%d %H:%M} UTC.",
        text=f"{ORDER_KINDS[order.kind]}: {reason}",
        tone="danger" if is_now and order.kind == "breakdown" else "warning",
        icon="player-pause",
        url=f"/equipment/work-orders/{order.id}",
        until=order.downtime_until,
    )
