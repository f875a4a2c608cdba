"""Bulletins, and who has acknowledged which."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.db import ItemRow, Str, Text, UtcDateTime, field, model_base, reference

SEVERITIES = {"info": "Information", "warning": "Warning", "danger": "Danger"}

Base = model_base("notifications")


class Bulletin(ItemRow, Base):
    """Something that people must know for a while: everywhere, in one place, or of one asset."""

    __tablename__ = "notifications_bulletin"
    __table_args__ = (Index("ix_notifications_bulletin_span", "ends_at", "starts_at"),)
    title = field(Str(160), required=True, search=True, listed=True, help="The matter in a few words.")
    text = field(Text(), search=True, help="What it means for whoever reads it, and what to do.")
    severity = field(Str(10), choices=SEVERITIES, default="info", listed=True)
    starts_at = field(UtcDateTime, label="Shown from", listed=True, help="Empty: at once.")
    ends_at = field(
        UtcDateTime, label="Shown until", listed=True, help="Empty: until someone ends or deletes it."
    )
    location_id = reference(
        "locations",
        label="Place",
        listed=True,
        on_delete="CASCADE",
        help="Shown on this place, on all inside it, and on what stands there. Empty: everywhere.",
    )
    asset_id = reference(
        "assets",
        label="One asset",
        listed=True,
        on_delete="CASCADE",
        help="Shown on this asset alone; leave the place and the type empty.",
    )
    asset_type_id = reference(
        "asset-types",
        label="Assets of type",
        on_delete="CASCADE",
        folded=True,
        help="Shown on assets of this type alone, in the place where one is given.",
    )
    is_planned_downtime = field(
        Boolean,
        label="Planned downtime",
        default=False,
        listed=True,
        help="What it is about stands still on purpose meanwhile.",
    )
    wants_acknowledgement = field(
        Boolean,
        label="Acknowledgement wanted",
        default=False,
        help="Its page then lists who has not pressed “Got it” yet.",
    )


class Acknowledgement(Base):
    """That someone has read a bulletin, as it was in that version."""

    __tablename__ = "notifications_acknowledgement"
    bulletin_id: Mapped[int] = mapped_column(
        ForeignKey(Bulletin.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Str(160))
    bulletin_version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
