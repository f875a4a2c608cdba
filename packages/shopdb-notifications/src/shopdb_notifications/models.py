"""Bulletins and who has acknowledged which; channels, rules and what they have sent; boards."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.db import ItemRow, Str, Text, UtcDateTime, field, model_base, reference, unique_key
from shopdb.outbound import check_url
from shopdb_notifications.checks import clock_time, condition, field_names, recipients, template

SEVERITIES = {"info": "Information", "warning": "Warning", "danger": "Danger"}

KINDS = {
    "mail": "Mail",
    "webhook": "Webhook, signed JSON",
    "slack": "Chat: Slack, Mattermost, Rocket.Chat",
    "teams": "Chat: Microsoft Teams",
}
DIGESTS = {"at_once": "At once", "hourly": "Together, each hour", "daily": "Together, once a day"}
THEMES = {"dark": "Dark", "light": "Light"}
STATES = {"waiting": "Waiting", "sent": "Sent", "failed": "Given up"}

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
        label="Asset",
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


class Channel(ItemRow, Base):
    """A way to tell people or programs outside."""

    __tablename__ = "notifications_channel"
    name = field(Str(120), required=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 120)
    kind = field(Str(10), choices=KINDS, required=True, listed=True)
    goes_to = field(Str(255), label="Goes to", readonly=True, listed=True)
    recipients = field(
        Text(), check=recipients, help="Mail: the addresses, one a line or with commas between."
    )
    url = field(
        Str(2000),
        label="Address",
        secret=True,
        check=check_url,
        help="Webhook or chat: where to post. Whoever knows a chat's address can write there, so it is kept secret.",
    )
    secret = field(
        Str(255),
        label="Signing secret",
        secret=True,
        help="Webhook: messages are signed with it (HMAC-SHA-256), so that the receiver knows they are from here.",
    )
    is_active = field(Boolean, label="Switched on", default=True, listed=True)


class Rule(ItemRow, Base):
    """Which changes are told by which channel, when and in which words."""

    __tablename__ = "notifications_rule"
    name = field(Str(120), required=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 120)
    resource = field(
        Str(80),
        label="Changes of",
        required=True,
        listed=True,
        index=True,
        help="As in the API: assets, printers, usb/checkouts; * for all. Only what you may see yourself is told.",
    )
    channel_id = reference("notifications/channels", to=Channel.id, required=True, listed=True)
    on_create = field(Boolean, label="When one is added", default=True)
    on_update = field(Boolean, label="When one is changed", default=True)
    on_delete = field(Boolean, label="When one is deleted", default=True)
    fields = field(
        Str(500),
        label="Only when one of these changes",
        check=field_names,
        help="Names as in the API with commas between: status, location. Empty: any.",
    )
    condition = field(
        Text(),
        label="Only if",
        check=condition,
        folded=True,
        help='A question about the item, such as item.status.name == "In repair" and item.location.',
    )
    digest = field(Str(10), label="Sent", choices=DIGESTS, default="at_once", listed=True)
    daily_at = field(
        Str(5),
        label="Daily at",
        default="07:00",
        check=clock_time,
        folded=True,
        help="HH:MM, in the site's zone.",
    )
    subject = field(
        Str(255),
        check=template,
        folded=True,
        help="A template, such as {{ label }} was {{ told }}. Empty: as usual.",
    )
    body = field(
        Text(),
        label="Text",
        check=template,
        folded=True,
        help="A template over changes. Empty: what changed, in words.",
    )
    is_active = field(Boolean, label="Switched on", default=True, listed=True)


class Delivery(ItemRow, Base):
    """One change that a rule tells, and how that went. Rows with one ``message_id`` go in one message."""

    __tablename__ = "notifications_delivery"
    __table_args__ = (
        UniqueConstraint("rule_id", "change_id"),
        Index("ix_notifications_delivery_state_due_at", "state", "due_at"),
    )
    rule_id = reference(
        "notifications/rules", to=Rule.id, required=True, listed=True, on_delete="CASCADE", index=False
    )
    channel_id = reference(
        "notifications/channels", to=Channel.id, required=True, listed=True, on_delete="CASCADE"
    )
    change_id = field(BigInteger().with_variant(Integer, "sqlite"), label="Change", required=True)
    resource = field(Str(80), required=True, listed=True)
    item_id = field(Integer, label="Item", required=True)
    label = field(Str(255), label="Name", search=True, listed=True)
    action = field(Str(20), required=True, listed=True)
    state = field(Str(10), choices=STATES, required=True, listed=True)
    due_at = field(UtcDateTime, label="Due", required=True, listed=True)
    attempts = field(Integer, required=True, default=0, listed=True)
    last_error = field(Text(), listed=True)
    sent_at = field(UtcDateTime, label="Sent", listed=True)
    message_id = field(Str(36), label="Message", required=True, index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)


class Board(ItemRow, Base):
    """A page for a screen on the wall, seen without signing in by whoever has its address."""

    __tablename__ = "notifications_board"
    name = field(Str(120), required=True, search=True, listed=True, help="Stands at its head: Cell 4.")
    name_key: Mapped[str | None] = unique_key("name", 120)
    location_id: Mapped[int | None] = reference(
        "locations",
        label="Place",
        listed=True,
        on_delete="SET NULL",
        help="It shows the bulletins that concern this place and what is inside it. Empty: all.",
    )
    shows_cards: Mapped[bool] = field(
        Boolean,
        label="Shows what needs attention",
        default=True,
        help="The start page's cards, as far as whoever changed the board last may see them.",
    )
    cards: Mapped[str | None] = field(
        Text(),
        folded=True,
        help="Titles of the cards that it shows, one a line; its page offers them. Empty: all.",
    )
    ahead_hours: Mapped[int] = field(
        Integer,
        label="Looks ahead (h)",
        default=24,
        minimum=0,
        maximum=744,
        help="Bulletins that begin within so many hours are announced.",
    )
    rotation_s = field(Integer, label="Turns every (s)", default=15, minimum=5, maximum=600, folded=True)
    theme = field(Str(10), label="Colours", choices=THEMES, default="dark", folded=True)
    is_active = field(Boolean, label="Switched on", default=True, listed=True)
    address_made_at = field(UtcDateTime, label="Address made", readonly=True, listed=True)
    address_made_by = field(Str(160), readonly=True)
    token_hash: Mapped[str | None] = mapped_column(Str(64), unique=True)
