"""What equipment brings to ShopDB."""

from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Card, Demo, Job, Notice, Panel, Resource, Setting, Viewer, hookimpl
from shopdb_equipment import attention, automatic, demo, due, meters, orders
from shopdb_equipment.actions import MACHINE_ACTIONS, ORDER_ACTIONS
from shopdb_equipment.models import Machine, MeterReading, WorkOrder
from shopdb_equipment.panel import panels_of
from shopdb_equipment.settings import SETTINGS
from shopdb_equipment.shown import MACHINE_EXTRA, ORDER_EXTRA


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Machines and gauges, the work on them, and what their counters showed."""
    return [_machines(), _work_orders(), _readings()]


def _machines() -> Resource:
    return Resource(
        name="equipment",
        title="Equipment",
        title_one="Equipment",
        model=Machine,
        asset_type="equipment",
        keys=("asset_tag", "serial_number"),
        actions=MACHINE_ACTIONS,
        extra=MACHINE_EXTRA,
        derive=due.derive_due,
        icon="settings-cog",
        help="Machines, CMMs, robots and gauges. Add one by hand, or import the list that you have.",
    )


def _work_orders() -> Resource:
    return Resource(
        name="equipment/work-orders",
        title="Work orders",
        title_one="Work order",
        model=WorkOrder,
        label="title",
        keys=("number",),
        default_sort="-opened_at",
        actions=ORDER_ACTIONS,
        extra=ORDER_EXTRA,
        check=orders.check_order,
        derive=orders.derive_order,
        follow_up=orders.follow_up,
        icon="tool",
        group="work",
        help="Breakdowns, maintenance and calibrations. Report a problem on a machine's page, or add one here.",
    )


def _readings() -> Resource:
    return Resource(
        name="equipment/meter-readings",
        title="Meter readings",
        title_one="Meter reading",
        model=MeterReading,
        label="value",
        keys=(("equipment", "meter", "read_at"),),
        default_sort="-read_at",
        check=meters.check_reading,
        derive=meters.derive_reading,
        icon="gauge",
        group="work",
        under="equipment",
        help="Operating hours and part counts as somebody read them. A machine's page takes them too.",
    )


@hookimpl
def shopdb_register_settings() -> list[Setting]:
    """How long before the due date an order opens; which zone the site's days are of."""
    return SETTINGS


@hookimpl
def shopdb_register_jobs() -> list[Job]:
    """Open work orders for what falls due."""
    return [Job(name="equipment.due", run=automatic.open_due, every_s=86_400)]


@hookimpl
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """What is due, open orders and counters on a machine's page; open orders on a person's."""
    return panels_of(resource, item, session)


@hookimpl
def shopdb_add_cards(session: Session) -> list[Card]:
    """Breakdowns, late work orders, calibrations."""
    return attention.list_cards(session)


@hookimpl
def shopdb_add_notices(
    resource: str | None, item: dict[str, Any] | None, viewer: Viewer, session: Session
) -> list[Notice]:
    """Out of calibration, or down, on a machine's page."""
    return attention.list_notices(item, session) if resource == "equipment" and item is not None else []


@hookimpl
def shopdb_register_demos() -> list[Demo]:
    """Machines, CMMs, robots and gauges in two buildings, with a year of work on them."""
    return [demo.DEMO]
