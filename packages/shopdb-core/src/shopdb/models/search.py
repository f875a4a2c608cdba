"""The search index: one entry for each item, the parts of its words, and by which rules it was made."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.columns import Str, Text
from shopdb.models.asset import Asset
from shopdb.models.core import CoreBase

TITLE_LENGTH = 160
PART_LENGTH = 12
TITLE_INDEX = "ix_search_entries_title"

_BigId = BigInteger().with_variant(Integer, "sqlite")


class SearchEntry(CoreBase):
    """What one item is found by. Written in the transaction of the item's change; an asset's dies with it.

    ``body`` holds the folded words of core's fields, ``own_body`` those of a plugin's own fields beside an
    asset, which only those may find who may see the plugin's resource.
    """

    __tablename__ = "search_entries"
    __table_args__ = (
        UniqueConstraint("resource", "item_id"),
        Index("ix_search_entries_plugin", "plugin"),
        Index(TITLE_INDEX, "title", "resource", "item_id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(_BigId, primary_key=True)
    resource: Mapped[str] = mapped_column(Str(80))
    plugin: Mapped[str] = mapped_column(Str(60))
    """Whose resource it is, so that purging a plugin finds its entries without its code."""
    item_id: Mapped[int] = mapped_column(Integer)
    asset_id: Mapped[int | None] = mapped_column(
        ForeignKey(Asset.__table__.c.id, ondelete="CASCADE"), index=True
    )
    asset_type_id: Mapped[int | None] = mapped_column(Integer)
    own_resource: Mapped[str | None] = mapped_column(Str(80))
    """Whose fields ``own_body`` holds."""
    title: Mapped[str] = mapped_column(Str(TITLE_LENGTH))
    body: Mapped[str] = mapped_column(Text())
    own_body: Mapped[str] = mapped_column(Text())


search_parts = Table(
    "search_parts",
    CoreBase.metadata,
    Column("part", Str(PART_LENGTH), primary_key=True),
    Column(
        "entry_id",
        _BigId,
        ForeignKey(SearchEntry.__table__.c.id, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    sqlite_with_rowid=False,
)
"""The ends of every word, so that the beginning of one of them is any part of a word: see ADR 15."""


class SearchRule(CoreBase):
    """By which rules a resource was indexed last; other rules in the code call for it to be done anew."""

    __tablename__ = "search_rules"
    resource: Mapped[str] = mapped_column(Str(80), primary_key=True)
    rule: Mapped[str] = mapped_column(Str(64))
