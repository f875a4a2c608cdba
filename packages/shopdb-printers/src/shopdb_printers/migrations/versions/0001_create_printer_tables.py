"""Create printers, their readings and their levels over time."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "printers_0001"
down_revision = None


def upgrade() -> None:
    """Create the three tables."""
    _create_printer()
    _create_reading()
    _create_level()


def _create_printer() -> None:
    op.create_table(
        "printers_printer",
        sa.Column("host", Str(253)),
        sa.Column("snmp_version", Str(2), nullable=False),
        sa.Column("snmp_port", sa.Integer(), nullable=False),
        sa.Column("snmp_community", Str(120)),
        sa.Column("snmp_context", Str(60)),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name="fk_printers_printer_asset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("asset_id", name="pk_printers_printer"),
    )


def _create_reading() -> None:
    op.create_table(
        "printers_reading",
        sa.Column("polled_at", UtcDateTime()),
        sa.Column("attempted_at", UtcDateTime()),
        sa.Column("next_poll_at", UtcDateTime()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", Text()),
        sa.Column("last_error_at", UtcDateTime()),
        sa.Column("levels_kept_at", UtcDateTime()),
        sa.Column("model_reported", Str(120)),
        sa.Column("serial_reported", Str(120)),
        sa.Column("firmware", Str(120)),
        sa.Column("state", Str(20)),
        sa.Column("page_count", sa.BigInteger()),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("supplies", sa.JSON(), nullable=False),
        sa.Column("trays", sa.JSON(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name="fk_printers_reading_asset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("asset_id", name="pk_printers_reading"),
    )
    op.create_index("ix_printers_reading_next_poll_at", "printers_reading", ["next_poll_at"])


def _create_level() -> None:
    op.create_table(
        "printers_level",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("part", Str(6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer()),
        sa.Column("coded", Str(12)),
        sa.ForeignKeyConstraint(
            ["asset_id"],
            ["printers_printer.asset_id"],
            name="fk_printers_level_asset_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_printers_level"),
    )
    op.create_index("ix_printers_level_asset_id_at", "printers_level", ["asset_id", "at"])
    op.create_index("ix_printers_level_at", "printers_level", ["at"])
