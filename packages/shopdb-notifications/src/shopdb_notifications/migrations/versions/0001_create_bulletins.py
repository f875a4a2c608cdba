"""Create bulletins and their acknowledgements."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "notifications_0001"
down_revision = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "notifications_bulletin",
        sa.Column("title", Str(160), nullable=False),
        sa.Column("text", Text()),
        sa.Column("severity", Str(10), nullable=False),
        sa.Column("starts_at", UtcDateTime()),
        sa.Column("ends_at", UtcDateTime()),
        sa.Column("location_id", sa.Integer()),
        sa.Column("asset_id", sa.Integer()),
        sa.Column("asset_type_id", sa.Integer()),
        sa.Column("is_planned_downtime", sa.Boolean(), nullable=False),
        sa.Column("wants_acknowledgement", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"{table}.id"],
                name=f"fk_notifications_bulletin_{name}_id",
                ondelete="CASCADE",
            )
            for name, table in (("location", "locations"), ("asset", "assets"), ("asset_type", "asset_types"))
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications_bulletin"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_bulletin_span", "notifications_bulletin", ["ends_at", "starts_at"])
    for column in ("location_id", "asset_id", "asset_type_id"):
        op.create_index(f"ix_notifications_bulletin_{column}", "notifications_bulletin", [column])
    op.create_table(
        "notifications_acknowledgement",
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", Str(160), nullable=False),
        sa.Column("bulletin_version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"],
            ["notifications_bulletin.id"],
            name="fk_notifications_acknowledgement_bulletin_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bulletin_id", "user_id", name="pk_notifications_acknowledgement"),
    )
