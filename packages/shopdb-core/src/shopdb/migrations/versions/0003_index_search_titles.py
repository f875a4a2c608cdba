"""Index the titles of search entries, along which common words are looked for until a page is full."""

from alembic import op

revision = "core_0003"
down_revision = "core_0002"


def upgrade() -> None:
    """Create the index in the order of the answers."""
    op.create_index("ix_search_entries_title", "search_entries", ["title", "resource", "item_id"])
