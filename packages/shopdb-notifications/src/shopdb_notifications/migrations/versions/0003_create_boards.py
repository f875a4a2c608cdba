"""Create boards."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "notifications_0003"
down_revision = "notifications_0002"


def upgrade() -> None:
    """Create the table of boards."""
    op.create_table(
        "notifications_board",
        sa.Column("name", Str(120), nullable=False),
        sa.Column("name_key", Str(360)),
        sa.Column("location_id", sa.Integer()),
        sa.Column("shows_cards", sa.Boolean(), nullable=False),
        sa.Column("cards", Text()),
        sa.Column("ahead_hours", sa.Integer(), nullable=False),
        sa.Column("rotation_s", sa.Integer(), nullable=False),
        sa.Column("theme", Str(10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("address_made_at", UtcDateTime()),
        sa.Column("address_made_by", Str(160)),
        sa.Column("token_hash", Str(64)),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["locations.id"],
            name="fk_notifications_board_location_id",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications_board"),
        sa.UniqueConstraint("name_key", name="uq_notifications_board_name_key"),
        sa.UniqueConstraint("token_hash", name="uq_notifications_board_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_board_location_id", "notifications_board", ["location_id"])
