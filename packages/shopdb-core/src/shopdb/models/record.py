"""What happened: the change record and the outbox of events."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.columns import Str, UtcDateTime, field
from shopdb.models.core import CoreBase

BigId = BigInteger().with_variant(Integer, "sqlite")


class ChangeRecord(CoreBase):
    """One change of one item, with the whole item before and after. Written once, never edited."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_item", "resource", "item_id", "id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at = field(UtcDateTime, required=True, readonly=True, listed=True, index=True)
    resource = field(Str(80), required=True, readonly=True, listed=True)
    item_id = field(Integer, label="Item", required=True, readonly=True, listed=True)
    label = field(Str(255), label="Name", readonly=True, listed=True, search=True)
    action = field(Str(20), required=True, readonly=True, listed=True)
    version = field(Integer, required=True, readonly=True)
    user_id = field(Integer, label="User", readonly=True, index=True)
    actor = field(Str(160), label="By", required=True, readonly=True, listed=True, search=True)
    source = field(Str(20), required=True, readonly=True, listed=True)
    fields = field(JSON, required=True, readonly=True)
    before = field(JSON(none_as_null=True), readonly=True)
    after = field(JSON(none_as_null=True), readonly=True)


class Event(CoreBase):
    """One event of the outbox, written in the transaction of its change, delivered after it."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(Str(120))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
