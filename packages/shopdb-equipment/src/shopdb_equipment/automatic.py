"""Work orders that open by themselves when maintenance or calibration falls due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb.plugins import Actor, JobContext
from shopdb.services import create_item, table_of
from shopdb_equipment.days import end_of, lead_days, today
from shopdb_equipment.due import add_days
from shopdb_equipment.models import Machine, WorkOrder
from shopdb_equipment.orders import ORDERS
from shopdb_equipment.shown import load_machines
from shopdb_equipment.words import CLOSED, ORDER_KINDS

ACTOR = Actor(name="equipment.due", source="job")


@dataclass(frozen=True, slots=True)
class Due:
    """A machine that is due for something, and when."""

    machine_id: int
    name: str
    kind: str
    on: date | None
    at_h: float | None
    plan: str | None

    @property
    def key(self) -> str:
        """The same as long as it is due for the same thing at the same time: for that, one order is made."""
        return f"{self.kind}:{self.machine_id}:{self.on or ''}:{'' if self.at_h is None else f'{self.at_h:.10g}'}"


def open_due(context: JobContext) -> int:
    """Open the orders of what falls due within the lead time; run twice, the second opens none.

    Returns:
        How many were opened.
    """
    with context.database.read() as session:
        found = list_due(session)
    return sum(_open(context, each) for each in found)


def list_due(session: Session) -> list[Due]:
    """What falls due within the lead time, by machine."""
    assets = table_of("assets")
    table = Machine.__table__
    named = select(func.coalesce(assets.c.name, assets.c.asset_tag).label("name"), *table.c)
    joined = named.join_from(assets, table, table.c.asset_id == assets.c.id)
    machines = session.execute(joined.order_by(assets.c.id)).all()
    states = load_machines(session, [machine.asset_id for machine in machines])
    return [due for machine in machines for due in _due_of(machine, states[machine.asset_id])]


def _due_of(machine: Any, shown: Mapping[str, Any]) -> list[Due]:
    found = []
    if shown["calibration_state"] in ("out", "due_soon"):
        on = machine.calibration_due_on or machine.calibrated_on
        found.append(Due(machine.asset_id, machine.name, "calibration", on, None, None))
    if shown.get("maintenance_state") in ("overdue", "due_soon"):
        on, at_h = machine.maintenance_due_on, machine.maintenance_due_h
        found.append(Due(machine.asset_id, machine.name, "maintenance", on, at_h, machine.maintenance_plan))
    return found


def _open(context: JobContext, due: Due) -> bool:
    """Whether an order was opened: none where one is open, or where one was made for this date before."""
    try:
        with context.database.write() as session:
            if session.scalar(select(_has_order(due))):
                return False
            last_day = due.on or add_days(today(session), lead_days(session))
            values = {
                "equipment": due.machine_id,
                "kind": due.kind,
                "title": f"{ORDER_KINDS[due.kind]} of {due.name}"[:160],
                "description": due.plan,
                "opened_by": "ShopDB",
                "due_at": end_of(session, last_day),
            }
            made = create_item(session, ORDERS, values, actor=ACTOR)
            session.execute(update(WorkOrder).where(WorkOrder.id == made["id"]).values(automatic_key=due.key))
    except IntegrityError:  # another run was first
        return False
    return True


def _has_order(due: Due) -> Any:
    same = (WorkOrder.equipment_id == due.machine_id, WorkOrder.kind == due.kind)
    is_open = exists().where(*same, WorkOrder.status.not_in(CLOSED))
    return is_open | exists().where(WorkOrder.automatic_key == due.key)
