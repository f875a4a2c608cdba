"""Create the tables of computers, of what is installed on them, and of what they are excused from."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text, UtcDateTime

revision = "computers_0001"
down_revision = None


def upgrade() -> None:
    """Create the three tables."""
    _create_computers()
    _create_applications()
    _create_exceptions()


def _create_computers() -> None:
    op.create_table(
        "computers_computer",
        sa.Column("kind", Str(20)),
        sa.Column("hostname", Str(253)),
        sa.Column("domain", Str(253)),
        sa.Column("os_name", Str(120)),
        sa.Column("os_edition", Str(80)),
        sa.Column("os_version", Str(60)),
        sa.Column("os_support_ends", sa.Date()),
        sa.Column("os_support_source", Str(10)),
        sa.Column("nc_share", Str(500)),
        sa.Column("last_seen_at", UtcDateTime()),
        sa.Column("last_user", Str(160)),
        sa.Column("last_image_at", UtcDateTime()),
        sa.Column("image_location", Str(500)),
        sa.Column("backup_interval_days", sa.Integer()),
        sa.Column("image_due_at", UtcDateTime()),
        sa.Column("os_architecture", Str(20)),
        sa.Column("antivirus", Str(120)),
        sa.Column("macs", Str(500)),
        sa.Column("cpu", Str(160)),
        sa.Column("ram_mb", sa.Integer()),
        sa.Column("disk_gb", sa.Integer()),
        sa.Column("disks", Str(255)),
        sa.Column("bios_version", Str(120)),
        sa.Column("hardware_uuid", Str(36)),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["assets.id"], name="fk_computers_computer_asset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("asset_id", name="pk_computers_computer"),
    )
    for column in ("hostname", "image_due_at", "last_image_at", "last_seen_at", "os_support_ends"):
        op.create_index(f"ix_computers_computer_{column}", "computers_computer", [column])


def _create_applications() -> None:
    op.create_table(
        "computers_application",
        sa.Column("computer_id", sa.Integer(), nullable=False),
        sa.Column("name", Str(160), nullable=False),
        sa.Column("app_version", Str(80)),
        sa.Column("publisher", Str(160)),
        sa.Column("installed_on", sa.Date()),
        sa.Column("licence_key", Str(255)),
        sa.Column("notes", Text()),
        *_bookkeeping(),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["assets.id"], name="fk_computers_application_computer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_computers_application"),
        sa.UniqueConstraint(
            "computer_id", "name", "app_version", name="uq_computers_application_computer_id_name_app_version"
        ),
        sqlite_autoincrement=True,
    )
    for column in ("computer_id", "name"):
        op.create_index(f"ix_computers_application_{column}", "computers_application", [column])


def _create_exceptions() -> None:
    op.create_table(
        "computers_exception",
        sa.Column("computer_id", sa.Integer(), nullable=False),
        sa.Column("kind", Str(20), nullable=False),
        sa.Column("reason", Str(255), nullable=False),
        sa.Column("allowed_until", sa.Date(), nullable=False),
        sa.Column("approved_by_id", sa.Integer()),
        sa.Column("measures", Text()),
        *_bookkeeping(),
        sa.ForeignKeyConstraint(
            ["computer_id"], ["assets.id"], name="fk_computers_exception_computer_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["people.id"],
            name="fk_computers_exception_approved_by_id",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_computers_exception"),
        sa.UniqueConstraint(
            "computer_id", "kind", "reason", name="uq_computers_exception_computer_id_kind_reason"
        ),
        sqlite_autoincrement=True,
    )
    for column in ("allowed_until", "approved_by_id", "computer_id"):
        op.create_index(f"ix_computers_exception_{column}", "computers_exception", [column])


def _bookkeeping() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    ]
