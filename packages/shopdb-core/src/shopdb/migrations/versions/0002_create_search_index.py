"""Create the search index. What is stored already is indexed after the migration, by the code that keeps it."""

import sqlalchemy as sa
from alembic import op

from shopdb.db import Str, Text

revision = "core_0002"
down_revision = "core_0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the entries, the parts of their words, and the rules that they were made by."""
    op.create_table(
        "search_entries",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("resource", Str(80), nullable=False),
        sa.Column("plugin", Str(60), nullable=False, index=True),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), sa.ForeignKey("assets.id", ondelete="CASCADE"), index=True),
        sa.Column("asset_type_id", sa.Integer()),
        sa.Column("own_resource", Str(80)),
        sa.Column("title", Str(160), nullable=False),
        sa.Column("body", Text(), nullable=False),
        sa.Column("own_body", Text(), nullable=False),
        sa.UniqueConstraint("resource", "item_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_parts",
        sa.Column("part", Str(12), primary_key=True),
        sa.Column(
            "entry_id",
            BIG_ID,
            sa.ForeignKey("search_entries.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
            index=True,
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_rules",
        sa.Column("resource", Str(80), primary_key=True),
        sa.Column("rule", Str(64), nullable=False),
    )
