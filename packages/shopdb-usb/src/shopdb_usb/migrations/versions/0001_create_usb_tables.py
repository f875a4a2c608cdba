"""Create the register of media and its custody log."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "usb_0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of devices and check-outs."""
    op.create_table(
        "usb_device",
        sa.Column("vid", Str(4)),
        sa.Column("pid", Str(4)),
        sa.Column("capacity_gb", sa.Integer()),
        sa.Column("encryption", Str(20)),
        sa.Column(
            "asset_id",
            sa.Integer(),
            sa.ForeignKey("assets.id", name="fk_usb_device_asset_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("asset_id", name="pk_usb_device"),
    )
    op.create_table(
        "usb_checkout",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", Str(255)),
        sa.Column("checked_out_at", UtcDateTime(), nullable=False),
        sa.Column("checked_out_by", Str(160)),
        sa.Column("due_at", UtcDateTime()),
        sa.Column("returned_at", UtcDateTime()),
        sa.Column("returned_by", Str(160)),
        sa.Column("scan_result", Str(20)),
        sa.Column("notes", Text()),
        sa.Column("open_device_id", sa.Integer()),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["assets.id"], name="fk_usb_checkout_device_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_usb_checkout_person_id", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_usb_checkout"),
        sa.UniqueConstraint("open_device_id", name="uq_usb_checkout_open_device_id"),
        sqlite_autoincrement=True,
    )
    for column in ("checked_out_at", "device_id", "due_at", "person_id", "returned_at"):
        op.create_index(f"ix_usb_checkout_{column}", "usb_checkout", [column])
