"""Create core's tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "core_0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create core's tables, in the order of their references."""
    _create_asset_types()
    _create_models()
    _create_places()
    _create_counters()
    _create_asset_tags()
    _create_auth_epoch()
    _create_users()
    _create_installed()
    _create_records()


def _item_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    ]


def _create_asset_types() -> None:
    op.create_table(
        "asset_types",
        *_item_columns(),
        sa.Column("name", Str(120), nullable=False),
        sa.Column("name_key", Str(360), unique=True),
        sa.Column("slug", Str(80), nullable=False),
        sa.Column("slug_key", Str(240), unique=True),
        sa.Column("plugin", Str(60)),
        sa.Column("notes", Text()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "statuses",
        *_item_columns(),
        sa.Column("name", Str(80), nullable=False),
        sa.Column("name_key", Str(240), unique=True),
        sa.Column("kind", Str(20), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("notes", Text()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vendors",
        *_item_columns(),
        sa.Column("name", Str(120), nullable=False),
        sa.Column("name_key", Str(360), unique=True),
        sa.Column("website", Str(500)),
        sa.Column("support_phone", Str(60)),
        sa.Column("support_email", Str(254)),
        sa.Column("notes", Text()),
        sqlite_autoincrement=True,
    )


def _create_models() -> None:
    op.create_table(
        "models",
        *_item_columns(),
        sa.Column("name", Str(160), nullable=False),
        sa.Column("vendor_id", sa.Integer(), sa.ForeignKey("vendors.id", ondelete="RESTRICT"), index=True),
        sa.Column("name_key", Str(480)),
        sa.Column("part_number", Str(120)),
        sa.Column(
            "asset_type_id", sa.Integer(), sa.ForeignKey("asset_types.id", ondelete="RESTRICT"), index=True
        ),
        sa.Column("notes", Text()),
        sa.UniqueConstraint("vendor_id", "name_key"),
        sqlite_autoincrement=True,
    )


def _create_places() -> None:
    op.create_table(
        "business_units",
        *_item_columns(),
        sa.Column("name", Str(120), nullable=False),
        sa.Column("name_key", Str(360), unique=True),
        sa.Column("code", Str(40)),
        sa.Column("notes", Text()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "locations",
        *_item_columns(),
        sa.Column("name", Str(120), nullable=False),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("locations.id", ondelete="RESTRICT"), index=True),
        sa.Column("path", Text()),
        sa.Column("name_key", Str(360)),
        sa.Column("code", Str(40)),
        sa.Column("notes", Text()),
        sa.UniqueConstraint("parent_id", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "people",
        *_item_columns(),
        sa.Column("name", Str(160), nullable=False),
        sa.Column("employee_number", Str(60)),
        sa.Column("employee_number_key", Str(180), unique=True),
        sa.Column("email", Str(254)),
        sa.Column("phone", Str(60)),
        sa.Column(
            "business_unit_id",
            sa.Integer(),
            sa.ForeignKey("business_units.id", ondelete="RESTRICT"),
            index=True,
        ),
        sa.Column("notes", Text()),
        sqlite_autoincrement=True,
    )


def _create_counters() -> None:
    counters = op.create_table(
        "counters",
        sa.Column("name", Str(60), primary_key=True),
        sa.Column("value", sa.Integer(), nullable=False),
    )
    op.bulk_insert(counters, [{"name": "asset_tag", "value": 0}])
    op.create_table(
        "custom_fields",
        *_item_columns(),
        sa.Column("name", Str(60), nullable=False),
        sa.Column("name_key", Str(180), unique=True),
        sa.Column("title", Str(120), nullable=False),
        sa.Column("kind", Str(20), nullable=False),
        sa.Column(
            "asset_type_id", sa.Integer(), sa.ForeignKey("asset_types.id", ondelete="RESTRICT"), index=True
        ),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("options", Text()),
        sa.Column("notes", Text()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tags",
        *_item_columns(),
        sa.Column("name", Str(60), nullable=False),
        sa.Column("name_key", Str(180), unique=True),
        sa.Column("notes", Text()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "assets",
        *_item_columns(),
        sa.Column("asset_tag", Str(80)),
        sa.Column("asset_tag_key", Str(240), unique=True),
        sa.Column("name", Str(160)),
        sa.Column("serial_number", Str(120)),
        sa.Column("serial_number_key", Str(360), unique=True),
        sa.Column(
            "asset_type_id",
            sa.Integer(),
            sa.ForeignKey("asset_types.id", ondelete="RESTRICT"),
            nullable=False,
            index=True,
        ),
        sa.Column(
            "status_id",
            sa.Integer(),
            sa.ForeignKey("statuses.id", ondelete="RESTRICT"),
            nullable=False,
            index=True,
        ),
        sa.Column(
            "location_id", sa.Integer(), sa.ForeignKey("locations.id", ondelete="RESTRICT"), index=True
        ),
        sa.Column("model_id", sa.Integer(), sa.ForeignKey("models.id", ondelete="RESTRICT"), index=True),
        sa.Column("vendor_id", sa.Integer(), sa.ForeignKey("vendors.id", ondelete="RESTRICT"), index=True),
        sa.Column(
            "business_unit_id",
            sa.Integer(),
            sa.ForeignKey("business_units.id", ondelete="RESTRICT"),
            index=True,
        ),
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("people.id", ondelete="RESTRICT"), index=True),
        sa.Column("parent_id", sa.Integer(), sa.ForeignKey("assets.id", ondelete="RESTRICT"), index=True),
        sa.Column("purchase_date", sa.Date()),
        sa.Column("warranty_end", sa.Date()),
        sa.Column("notes", Text()),
        sa.Column("custom_fields", sa.JSON(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_assets_asset_type_id_id", "assets", ["asset_type_id", "id"])


def _create_asset_tags() -> None:
    op.create_table(
        "asset_tags",
        sa.Column("asset_id", sa.Integer(), sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "tag_id", sa.Integer(), sa.ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True
        ),
    )
    op.create_table(
        "relationships",
        *_item_columns(),
        sa.Column(
            "source_id",
            sa.Integer(),
            sa.ForeignKey("assets.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("kind", Str(40), nullable=False),
        sa.Column(
            "target_id",
            sa.Integer(),
            sa.ForeignKey("assets.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("notes", Text()),
        sa.UniqueConstraint("source_id", "kind", "target_id"),
        sqlite_autoincrement=True,
    )


def _create_auth_epoch() -> None:
    op.create_table(
        "auth_epoch",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("value", sa.Integer(), nullable=False),
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("subject", Str(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False, index=True),
    )
    op.create_index("ix_failed_sign_ins_subject", "failed_sign_ins", ["subject", "at"])
    op.create_table(
        "revoked_sign_ins",
        sa.Column("jti", Str(64), primary_key=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False, index=True),
    )
    op.create_table(
        "roles",
        *_item_columns(),
        sa.Column("name", Str(80), nullable=False),
        sa.Column("name_key", Str(240), unique=True),
        sa.Column("notes", Str(500)),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sqlite_autoincrement=True,
    )


def _create_users() -> None:
    op.create_table(
        "users",
        *_item_columns(),
        sa.Column("username", Str(80), nullable=False),
        sa.Column("username_key", Str(240), unique=True),
        sa.Column("display_name", Str(160)),
        sa.Column("email", Str(254)),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("last_sign_in_at", UtcDateTime()),
        sa.Column("password_hash", Str(255)),
        sa.Column("session_key", Str(64), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tokens",
        *_item_columns(),
        sa.Column("name", Str(120), nullable=False),
        sa.Column(
            "user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("hint", Str(12)),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("revoked_at", UtcDateTime()),
        sa.Column("last_used_at", UtcDateTime()),
        sa.Column("token_hash", Str(64), nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "role_id",
            sa.Integer(),
            sa.ForeignKey("roles.id", ondelete="RESTRICT"),
            primary_key=True,
            index=True,
        ),
    )


def _create_installed() -> None:
    op.create_table(
        "leases",
        sa.Column("name", Str(120), primary_key=True),
        sa.Column("holder", Str(200), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_run_at", UtcDateTime()),
        sa.Column("last_error", Str(500)),
    )
    op.create_table(
        "plugins",
        sa.Column("name", Str(60), primary_key=True),
        sa.Column("dist", Str(200)),
        sa.Column("version", Str(80)),
        sa.Column("title", Str(120), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("installed_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )


def _create_records() -> None:
    op.create_table(
        "changes",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False, index=True),
        sa.Column("resource", Str(80), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("label", Str(255)),
        sa.Column("action", Str(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), index=True),
        sa.Column("actor", Str(160), nullable=False),
        sa.Column("source", Str(20), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
    )
    op.create_index("ix_changes_item", "changes", ["resource", "item_id", "id"])
    op.create_table(
        "events",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", Str(120), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), index=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
    )
