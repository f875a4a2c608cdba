"""Channels: what each kind needs, and whether it works."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from shopdb.errors import ConflictError, InvalidError, OutboundError, SettingsError
from shopdb.plugins import ActionCall, now
from shopdb_notifications.message import sample
from shopdb_notifications.models import Channel, Delivery
from shopdb_notifications.sending import send

_NEEDS = {"mail": "recipients", "webhook": "url", "slack": "url", "teams": "url"}
RECENT = timedelta(hours=24)


def check_channel(session: Session, state: Mapping[str, Any], channel_id: int | None) -> None:
    """A channel names its receiver.

    Raises:
        InvalidError: it doesn't.
    """
    needed = _NEEDS[state["kind"]]
    if not (state.get(needed) or state.get(f"{needed}_set")):
        text = "Who gets it?" if needed == "recipients" else "Where is it posted?"
        raise InvalidError(f"{needed}: {text}", errors={needed: [text]})


def tell_receiver(state: Mapping[str, Any], before: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Where a channel goes, as far as that is no secret: the recipients, or the address's host."""
    if state["kind"] == "mail":
        found = (state.get("recipients") or "").split()
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        return {"goes_to": (", ".join(found[:3]) + more)[:255]}
    parts = urlsplit(state.get("url") or "")
    return {"goes_to": f"{parts.scheme}://{parts.netloc}"[:255]} if parts.netloc else {}


def test(call: ActionCall) -> None:
    """Send a message that says it is a test, and wait for what the receiver says.

    Raises:
        ConflictError: it was not taken, or mail is not set up; in the receiver's words.
    """
    settings = call.context.settings
    with call.context.database.read() as session:
        channel = get_channels(session, [call.item["id"]])[call.item["id"]]
    try:
        asyncio.run(send(channel, sample(settings["site_name"]), settings))
    except (OutboundError, SettingsError) as error:
        raise ConflictError(str(error)) from error


def get_channels(session: Session, channel_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """The columns of channels with their secrets, by id."""
    table = Channel.__table__
    rows = session.connection().execute(select(table).where(table.c.id.in_(channel_ids))).mappings()
    return {row["id"]: dict(row) for row in rows}


def load_health(session: Session, channel_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """How each channel does: whether what it last sent arrived, and how much waits."""
    recent = Delivery.updated_at > now() - RECENT
    is_waiting = Delivery.state == "waiting"
    is_troubled = (is_waiting & (Delivery.attempts > 0)) | ((Delivery.state == "failed") & recent)
    statement = (
        select(
            Delivery.channel_id,
            func.sum(case((is_waiting, 1), else_=0)),
            func.sum(case((is_troubled, 1), else_=0)),
            func.max(Delivery.sent_at),
        )
        .where(Delivery.channel_id.in_(channel_ids))
        .group_by(Delivery.channel_id)
    )
    return {
        id_: {
            "health": "failing" if troubled else "working" if sent is not None else "unused",
            "waiting": int(waiting),
            "last_sent_at": sent,
        }
        for id_, waiting, troubled, sent in session.connection().execute(statement)
    }
