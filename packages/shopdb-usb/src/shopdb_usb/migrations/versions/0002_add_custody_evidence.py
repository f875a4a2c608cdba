"""Add labels, what a device is used on, wipes, evidence of its own to the log, and certificates."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "usb_0002"
down_revision = "usb_0001"


def upgrade() -> None:
    """Add columns and a table; the log that is there gets the tags and numbers of today."""
    op.add_column("usb_device", sa.Column("label_text", Str(120)))
    _add_to_log()
    _create_certificates()
    _fill_log()


def _add_to_log() -> None:
    with op.batch_alter_table("usb_checkout") as table:
        table.add_column(sa.Column("device_tag", Str(80)))
        table.add_column(sa.Column("device_serial", Str(120)))
        table.add_column(sa.Column("employee_number", Str(60)))
        table.add_column(sa.Column("used_on_id", sa.Integer()))
        table.add_column(sa.Column("outcome", Str(20)))
        table.add_column(sa.Column("wipe", Str(20)))
        table.create_foreign_key(
            "fk_usb_checkout_used_on_id", "assets", ["used_on_id"], ["id"], ondelete="SET NULL"
        )
    op.create_index("ix_usb_checkout_used_on_id", "usb_checkout", ["used_on_id"])


def _create_certificates() -> None:
    op.create_table(
        "usb_certificate",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("device_tag", Str(80)),
        sa.Column("device_serial", Str(120)),
        sa.Column("event", Str(20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("method", Str(20)),
        sa.Column("certificate", Text()),
        sa.Column("witness_id", sa.Integer()),
        sa.Column("recorded_by", Str(160)),
        sa.Column("standing_device_id", sa.Integer()),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["assets.id"], name="fk_usb_certificate_device_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["people.id"], name="fk_usb_certificate_witness_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_usb_certificate"),
        sa.UniqueConstraint("standing_device_id", name="uq_usb_certificate_standing_device_id"),
        sqlite_autoincrement=True,
    )
    for column in ("at", "device_id", "witness_id"):
        op.create_index(f"ix_usb_certificate_{column}", "usb_certificate", [column])


def _fill_log() -> None:
    op.execute(
        "UPDATE usb_checkout SET "
        "device_tag = (SELECT asset_tag FROM assets WHERE assets.id = usb_checkout.device_id), "
        "device_serial = (SELECT serial_number FROM assets WHERE assets.id = usb_checkout.device_id), "
        "employee_number = (SELECT employee_number FROM people WHERE people.id = usb_checkout.person_id)"
    )
    op.execute("UPDATE usb_checkout SET outcome = 'returned' WHERE returned_at IS NOT NULL")
