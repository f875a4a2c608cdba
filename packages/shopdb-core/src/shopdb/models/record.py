"""What happened: the change record and the outbox of events."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.columns import Str, UtcDateTime
from shopdb.models.core import CoreBase

BigId = BigInteger().with_variant(Integer, "sqlite")


class ChangeRecord(CoreBase):
    """One change of one item, with the whole item before and after. Written once, never edited."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_item", "resource", "item_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    resource: Mapped[str] = mapped_column(Str(80))
    item_id: Mapped[int] = mapped_column(Integer)
    label: Mapped[str | None] = mapped_column(Str(255))
    action: Mapped[str] = mapped_column(Str(20))
    version: Mapped[int] = mapped_column(Integer)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    actor: Mapped[str] = mapped_column(Str(160))
    source: Mapped[str] = mapped_column(Str(20))
    fields: Mapped[list[str]] = mapped_column(JSON)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Event(CoreBase):
    """One event of the outbox, written in the transaction of its change, delivered after it."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(Str(120))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
