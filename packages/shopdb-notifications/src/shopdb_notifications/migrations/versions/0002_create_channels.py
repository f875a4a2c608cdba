"""Create channels, rules and deliveries."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "notifications_0002"
down_revision = "notifications_0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the three tables."""
    _create_channels()
    _create_rules()
    _create_deliveries()


def _item_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    ]


def _create_channels() -> None:
    op.create_table(
        "notifications_channel",
        sa.Column("name", Str(120), nullable=False),
        sa.Column("name_key", Str(360)),
        sa.Column("kind", Str(10), nullable=False),
        sa.Column("goes_to", Str(255)),
        sa.Column("recipients", Text()),
        sa.Column("url", Str(2000)),
        sa.Column("secret", Str(255)),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *_item_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_notifications_channel"),
        sa.UniqueConstraint("name_key", name="uq_notifications_channel_name_key"),
        sqlite_autoincrement=True,
    )


def _create_rules() -> None:
    op.create_table(
        "notifications_rule",
        sa.Column("name", Str(120), nullable=False),
        sa.Column("name_key", Str(360)),
        sa.Column("resource", Str(80), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("on_create", sa.Boolean(), nullable=False),
        sa.Column("on_update", sa.Boolean(), nullable=False),
        sa.Column("on_delete", sa.Boolean(), nullable=False),
        sa.Column("fields", Str(500)),
        sa.Column("condition", Text()),
        sa.Column("digest", Str(10), nullable=False),
        sa.Column("daily_at", Str(5), nullable=False),
        sa.Column("subject", Str(255)),
        sa.Column("body", Text()),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *_item_columns(),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["notifications_channel.id"],
            name="fk_notifications_rule_channel_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications_rule"),
        sa.UniqueConstraint("name_key", name="uq_notifications_rule_name_key"),
        sqlite_autoincrement=True,
    )
    for column in ("resource", "channel_id"):
        op.create_index(f"ix_notifications_rule_{column}", "notifications_rule", [column])


def _create_deliveries() -> None:
    op.create_table(
        "notifications_delivery",
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("change_id", BIG, nullable=False),
        sa.Column("resource", Str(80), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("label", Str(255)),
        sa.Column("action", Str(20), nullable=False),
        sa.Column("state", Str(10), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", Text()),
        sa.Column("sent_at", UtcDateTime()),
        sa.Column("message_id", Str(36), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        *_item_columns(),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"notifications_{name}.id"],
                name=f"fk_notifications_delivery_{name}_id",
                ondelete="CASCADE",
            )
            for name in ("rule", "channel")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notifications_delivery"),
        sa.UniqueConstraint("rule_id", "change_id", name="uq_notifications_delivery_rule_id_change_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_delivery_state_due_at", "notifications_delivery", ["state", "due_at"])
    for column in ("channel_id", "message_id"):
        op.create_index(f"ix_notifications_delivery_{column}", "notifications_delivery", [column])
