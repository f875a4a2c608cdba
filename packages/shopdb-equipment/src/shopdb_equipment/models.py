"""Machines and gauges, their counters, and the work that is done on them."""

from typing import Any

from sqlalchemy import JSON, Boolean, Date, Double, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.db import AssetRow, ItemRow, Str, Text, UtcDateTime, field, model_base, reference, unique_key
from shopdb_equipment.checks import axes, not_in_future
from shopdb_equipment.words import CRITICALITY, KINDS, METERS, ORDER_KINDS, PRIORITIES, RESULTS, STATUSES

Base = model_base("equipment")


class Machine(AssetRow, Base):
    """What makes, moves or measures: its data sheet, and when it is due for what."""

    __tablename__ = "equipment_machine"
    kind = field(Str(20), choices=KINDS, listed=True)
    criticality = field(Str(1), choices=CRITICALITY, listed=True)
    floor_position = field(Str(60), search=True, help="As on the layout: column B7, bay 3.")
    contact_id = reference(
        "people", label="In an emergency", help="Whom to call when it is on fire or flooding."
    )
    loto = field(
        Text(),
        label="Lockout and tagout",
        help="A link to the procedure, or its steps: what to switch off, lock and prove.",
    )
    sop = field(Text(), label="Operating procedure", help="A link to the document, or the document's number.")

    controller_maker = field(
        Str(80), label="Control", search=True, help="Who made the control: Fanuc, Siemens, Haas."
    )
    controller_model = field(Str(80), label="Control model", search=True, help="As on its panel: 31i-B Plus.")
    controller_version = field(
        Str(80), label="Control software", search=True, help="Version of its software."
    )
    axes = field(Str(40), check=axes, help="Letters with spaces between: X Y Z A C.")
    travel_x_mm = field(Double, label="Travel X (mm)", minimum=0, maximum=1_000_000, folded=True)
    travel_y_mm = field(Double, label="Travel Y (mm)", minimum=0, maximum=1_000_000, folded=True)
    travel_z_mm = field(Double, label="Travel Z (mm)", minimum=0, maximum=1_000_000, folded=True)
    spindle_max_rpm = field(Integer, label="Spindle speed (rpm)", minimum=0, maximum=1_000_000, folded=True)
    power_kw = field(Double, label="Power (kW)", minimum=0, maximum=1_000_000, folded=True)
    voltage = field(
        Str(60), label="Supply", folded=True, help="As on the type plate: 3 × 400 V, 50 Hz, 32 A."
    )
    measuring_range = field(Str(60), folded=True, help="Of what measures: 0 to 150 mm.")
    accuracy = field(Str(60), folded=True, help="Of what measures, as on its certificate: ±0.02 mm.")
    installed_on = field(Date, label="Installed", folded=True)
    commissioned_on = field(Date, label="In production since", folded=True)

    maintenance_interval_days = field(
        Integer,
        label="Maintenance every (days)",
        minimum=1,
        maximum=36_500,
        help="Whichever comes first, days or hours.",
    )
    maintenance_interval_h = field(
        Double,
        label="Maintenance every (hours)",
        minimum=1,
        maximum=1_000_000,
        help="Operating hours; needs its meter read.",
    )
    maintenance_plan = field(
        Text(), folded=True, help="What is to be done; each new order of maintenance says it."
    )
    maintained_on = field(Date, label="Last maintained", check=not_in_future)
    maintained_at_h = field(
        Double,
        label="Last maintained at (hours)",
        minimum=0,
        maximum=1e9,
        folded=True,
        help="Its operating hours then.",
    )
    maintenance_due_on = field(Date, label="Maintenance due", readonly=True, index=True)
    maintenance_due_h = field(Double, label="Maintenance due at (hours)", readonly=True)
    calibration_interval_months = field(Integer, label="Calibration every (months)", minimum=1, maximum=600)
    calibrated_on = field(Date, label="Last calibrated", check=not_in_future)
    calibration_result = field(Str(20), choices=RESULTS, folded=True)
    certificate_number = field(
        Str(80), label="Certificate", search=True, help="Number of the last calibration's certificate."
    )
    calibration_due_on = field(Date, label="Calibration due", readonly=True, listed=True, index=True)


class WorkOrder(ItemRow, Base):
    """One piece of work on one machine. Its status follows from what is written in it."""

    __tablename__ = "equipment_work_order"
    status = field(Str(20), choices=STATUSES, default="open", readonly=True, listed=True, index=True)
    number = field(Str(40), search=True, listed=True, help="Made from a running number when empty.")
    number_key: Mapped[str | None] = unique_key("number", 40)
    title = field(
        Str(160), required=True, search=True, listed=True, help="What is wrong or wanted, in a few words."
    )
    equipment_id = reference("equipment", asset=True, required=True, listed=True, on_delete="CASCADE")
    kind = field(Str(20), choices=ORDER_KINDS, required=True, listed=True)
    priority = field(Str(20), choices=PRIORITIES, default="normal", listed=True)
    description = field(Text(), search=True)
    opened_by = field(Str(160), label="Reported by", help="Who saw it or asked for it.")
    opened_at = field(UtcDateTime, label="Opened", nullable=False, listed=True, index=True, folded=True)
    due_at = field(UtcDateTime, label="Due", listed=True, index=True)
    assigned_to_id = reference("people", label="Assigned to", listed=True)
    started_at = field(UtcDateTime, label="Started", folded=True)
    waiting_for = field(
        Str(255), folded=True, help="A part, a technician, a free machine. Empty when work goes on."
    )
    downtime_from = field(
        UtcDateTime,
        label="Machine down from",
        index=True,
        help="In the past for a breakdown, ahead for a planned stop.",
    )
    downtime_until = field(UtcDateTime, label="Machine down until", help="Empty while nobody knows.")
    downtime_reason = field(Str(255), folded=True)
    downtime_minutes = field(Integer, label="Downtime (min)", readonly=True)
    finished_at = field(UtcDateTime, label="Finished", index=True, folded=True)
    work_done = field(Text(), search=True, folded=True)
    parts_used = field(Text(), folded=True)
    cost = field(
        Double, minimum=0, maximum=1e12, folded=True, help="In the currency that the site counts in."
    )
    result = field(Str(20), choices=RESULTS, folded=True, help="Of a calibration or an inspection.")
    certificate_number = field(Str(80), label="Certificate", search=True, folded=True)
    cancelled_because = field(Str(255), label="Cancelled because", folded=True)
    automatic_key: Mapped[str | None] = mapped_column(Str(60), unique=True)
    """Kind and machine while an order that was made by itself is open, else NULL: there is one at a time."""
    machine_before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the machine said before this order moved its due date, for when the order is reopened."""


class MeterReading(ItemRow, Base):
    """What a machine's counter showed when somebody looked. No change of the machine: its version stays."""

    __tablename__ = "equipment_meter_reading"
    __table_args__ = (Index("ix_equipment_meter_reading_place", "equipment_id", "meter", "read_at"),)
    equipment_id = reference(
        "equipment", asset=True, required=True, listed=True, on_delete="CASCADE", index=False
    )
    meter = field(Str(20), choices=METERS, required=True, listed=True)
    value = field(Double, required=True, minimum=0, maximum=1e9, listed=True)
    read_at = field(UtcDateTime, label="Read", nullable=False, listed=True, help="Now, when empty.")
    replaced = field(
        Boolean,
        label="New counter",
        default=False,
        listed=True,
        help="The counter was replaced or set back before.",
    )
    read_by = field(Str(160), listed=True)
    notes = field(Str(255))
