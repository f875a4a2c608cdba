"""Printers, what was last read from them, and their levels over time.

Readings and levels have tables of their own, so that a poll never changes an asset's version.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.db import AssetRow, Str, UtcDateTime, model_base
from shopdb.outbound import Schedule, SnmpFields

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase):
        """What `model_base` makes, for the type checker."""
else:
    Base = model_base("printers")


class Printer(SnmpFields, AssetRow, Base):
    """A printer, and how it is asked."""

    __tablename__ = "printers_printer"


class Reading(Schedule, AssetRow, Base):
    """What was last read from a printer, and how the last attempt went."""

    __tablename__ = "printers_reading"
    levels_kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    model_reported: Mapped[str | None] = mapped_column(Str(120))
    serial_reported: Mapped[str | None] = mapped_column(Str(120))
    firmware: Mapped[str | None] = mapped_column(Str(120))
    state: Mapped[str | None] = mapped_column(Str(20))
    page_count: Mapped[int | None] = mapped_column(BigInteger)
    conditions: Mapped[list[str]] = mapped_column(JSON, default=list)
    alerts: Mapped[list[str]] = mapped_column(JSON, default=list)
    supplies: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    trays: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class Level(Base):
    """How much was in a supply or a tray at a time; kept when it has changed, and once a day."""

    __tablename__ = "printers_level"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(
        ForeignKey(Printer.__table__.c.asset_id, ondelete="CASCADE"), nullable=False
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    part: Mapped[str] = mapped_column(Str(6))
    number: Mapped[int]
    percent: Mapped[int | None]
    coded: Mapped[str | None] = mapped_column(Str(12))


Index("ix_printers_level_asset_id_at", Level.__table__.c.asset_id, Level.__table__.c.at)
Index("ix_printers_level_at", Level.__table__.c.at)
