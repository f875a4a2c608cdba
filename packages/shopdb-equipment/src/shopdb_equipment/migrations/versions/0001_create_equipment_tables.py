"""Create the tables of machines, work orders and meter readings."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "equipment_0001"
down_revision = None


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "equipment_machine",
        sa.Column("kind", Str(20)),
        sa.Column("criticality", Str(1)),
        sa.Column("floor_position", Str(60)),
        sa.Column("contact_id", sa.Integer()),
        sa.Column("loto", Text()),
        sa.Column("sop", Text()),
        sa.Column("controller_maker", Str(80)),
        sa.Column("controller_model", Str(80)),
        sa.Column("controller_version", Str(80)),
        sa.Column("axes", Str(40)),
        sa.Column("travel_x_mm", sa.Double()),
        sa.Column("travel_y_mm", sa.Double()),
        sa.Column("travel_z_mm", sa.Double()),
        sa.Column("spindle_max_rpm", sa.Integer()),
        sa.Column("power_kw", sa.Double()),
        sa.Column("voltage", Str(60)),
        sa.Column("measuring_range", Str(60)),
        sa.Column("accuracy", Str(60)),
        sa.Column("installed_on", sa.Date()),
        sa.Column("commissioned_on", sa.Date()),
        sa.Column("maintenance_interval_days", sa.Integer()),
        sa.Column("maintenance_interval_h", sa.Double()),
        sa.Column("maintenance_plan", Text()),
        sa.Column("maintained_on", sa.Date()),
        sa.Column("maintained_at_h", sa.Double()),
        sa.Column("maintenance_due_on", sa.Date()),
        sa.Column("maintenance_due_h", sa.Double()),
        sa.Column("calibration_interval_months", sa.Integer()),
        sa.Column("calibrated_on", sa.Date()),
        sa.Column("calibration_result", Str(20)),
        sa.Column("certificate_number", Str(80)),
        sa.Column("calibration_due_on", sa.Date()),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name="fk_equipment_machine_asset_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["people.id"], name="fk_equipment_machine_contact_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("asset_id", name="pk_equipment_machine"),
    )
    op.create_table(
        "equipment_meter_reading",
        sa.Column("equipment_id", sa.Integer(), nullable=False),
        sa.Column("meter", Str(20), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.Column("read_by", Str(160)),
        sa.Column("notes", Str(255)),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["equipment_id"],
            ["assets.id"],
            name="fk_equipment_meter_reading_equipment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_equipment_meter_reading"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_equipment_meter_reading_place", "equipment_meter_reading", ["equipment_id", "meter", "read_at"]
    )
    op.create_table(
        "equipment_work_order",
        sa.Column("number", Str(40)),
        sa.Column("number_key", Str(120)),
        sa.Column("title", Str(160), nullable=False),
        sa.Column("equipment_id", sa.Integer(), nullable=False),
        sa.Column("kind", Str(20), nullable=False),
        sa.Column("priority", Str(20), nullable=False),
        sa.Column("status", Str(20), nullable=False),
        sa.Column("description", Text()),
        sa.Column("opened_by", Str(160)),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime()),
        sa.Column("assigned_to_id", sa.Integer()),
        sa.Column("started_at", UtcDateTime()),
        sa.Column("waiting_for", Str(255)),
        sa.Column("downtime_from", UtcDateTime()),
        sa.Column("downtime_until", UtcDateTime()),
        sa.Column("downtime_reason", Str(255)),
        sa.Column("downtime_minutes", sa.Integer()),
        sa.Column("finished_at", UtcDateTime()),
        sa.Column("work_done", Text()),
        sa.Column("parts_used", Text()),
        sa.Column("cost", sa.Double()),
        sa.Column("result", Str(20)),
        sa.Column("certificate_number", Str(80)),
        sa.Column("cancelled_because", Str(255)),
        sa.Column("automatic_key", Str(60)),
        sa.Column("machine_before", sa.JSON(none_as_null=True)),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"],
            ["people.id"],
            name="fk_equipment_work_order_assigned_to_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["assets.id"], name="fk_equipment_work_order_equipment_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_equipment_work_order"),
        sa.UniqueConstraint("automatic_key", name="uq_equipment_work_order_automatic_key"),
        sa.UniqueConstraint("number_key", name="uq_equipment_work_order_number_key"),
        sqlite_autoincrement=True,
    )
    for column in ("calibration_due_on", "contact_id", "maintenance_due_on"):
        op.create_index(f"ix_equipment_machine_{column}", "equipment_machine", [column])
    for column in (
        "assigned_to_id",
        "downtime_from",
        "due_at",
        "equipment_id",
        "finished_at",
        "opened_at",
        "status",
    ):
        op.create_index(f"ix_equipment_work_order_{column}", "equipment_work_order", [column])
