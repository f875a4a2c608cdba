"""What equipment brings to ShopDB."""

from shopdb.plugins import Resource, hookimpl
from shopdb_equipment import due, meters, orders
from shopdb_equipment.models import Machine, MeterReading, WorkOrder


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Machines and gauges, the work on them, and what their counters showed."""
    machines = Resource(
        name="equipment",
        title="Equipment",
        title_one="Machine",
        model=Machine,
        asset_type="equipment",
        keys=("asset_tag", "serial_number"),
        derive=due.derive_due,
        icon="settings-cog",
        help="Machines, CMMs, robots and gauges. Add one by hand, or import the list that you have.",
    )
    work_orders = Resource(
        name="equipment/work-orders",
        title="Work orders",
        title_one="Work order",
        model=WorkOrder,
        label="title",
        keys=("number",),
        default_sort="-opened_at",
        check=orders.check_order,
        derive=orders.derive_order,
        follow_up=orders.follow_up,
        icon="tool",
        group="work",
        help="Breakdowns, maintenance and calibrations. Report a problem on a machine's page, or add one here.",
    )
    readings = Resource(
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
        help="Operating hours and part counts as somebody read them. A machine's page takes them too.",
    )
    return [machines, work_orders, readings]
