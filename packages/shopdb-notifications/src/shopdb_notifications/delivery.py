"""Deliveries: sent when they are due, again and again until they arrive or are given up."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shopdb.errors import ConflictError, OutboundError, ShopDBError
from shopdb.plugins import ActionCall, JobContext, now
from shopdb_notifications.channel import get_channels
from shopdb_notifications.message import compose
from shopdb_notifications.models import Channel, Delivery, Rule
from shopdb_notifications.sending import send

AT_ONCE = 200
"""Deliveries that one run of the job takes; the next run takes the rest."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes in one message: deliveries of one rule, and the rule's words."""

    message_id: str
    channel: Mapping[str, Any]
    rule: Mapping[str, Any]
    delivery_ids: Sequence[int]
    changes: Sequence[Mapping[str, Any]]


def send_due(context: JobContext) -> int:
    """Send what is due, all channels at once, each channel's messages in order; returns how many arrived."""
    with context.database.read() as session:
        parcels = list_due(session)
    return asyncio.run(_send_all(context, parcels))


def list_due(session: Session) -> list[Parcel]:
    """What is due now by channels that are switched on, in order."""
    statement = (
        select(Delivery.id, Delivery.channel_id, Delivery.rule_id, Delivery.message_id, Delivery.payload)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.state == "waiting", Delivery.due_at <= now(), Channel.is_active)
        .order_by(Delivery.channel_id, Delivery.due_at, Delivery.message_id, Delivery.id)
        .limit(AT_ONCE)
    )
    rows = session.connection().execute(statement).all()
    channels = get_channels(session, list({row.channel_id for row in rows}))
    table = Rule.__table__
    wanted = select(table).where(table.c.id.in_({row.rule_id for row in rows}))
    rules = {row["id"]: dict(row) for row in session.connection().execute(wanted).mappings()}
    parcels = []
    for message_id, each in groupby(rows, key=lambda row: row.message_id):
        group = list(each)
        parcels.append(
            Parcel(
                message_id,
                channels[group[0].channel_id],
                rules[group[0].rule_id],
                [row.id for row in group],
                [row.payload for row in group],
            )
        )
    return parcels


async def _send_all(context: JobContext, parcels: Sequence[Parcel]) -> int:
    writing = asyncio.Lock()
    by_channel = [list(each) for _, each in groupby(parcels, key=lambda parcel: parcel.channel["id"])]
    counts = await asyncio.gather(*(_send_in_order(context, each, writing) for each in by_channel))
    return sum(counts)


async def _send_in_order(context: JobContext, parcels: Sequence[Parcel], writing: asyncio.Lock) -> int:
    """One channel's messages; the first that its receiver doesn't take holds the rest up until it is tried again."""
    arrived = 0
    for parcel in parcels:
        problem, is_receivers = await _try(parcel, context.settings)
        async with writing:
            await asyncio.to_thread(_note, context, parcel, problem)
        arrived += problem is None
        if is_receivers:
            break
    return arrived


async def _try(parcel: Parcel, settings: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Why it did not arrive, None where it did, and whether that lies with the receiver."""
    try:
        message = compose(
            parcel.message_id,
            parcel.rule,
            parcel.changes,
            site=settings["site_name"],
            base_url=settings["base_url"],
        )
        await send(parcel.channel, message, settings)
    except OutboundError as error:
        return str(error), True
    except (ShopDBError, ValueError) as error:
        return str(error), False
    except Exception:  # noqa: BLE001 - one message must not end the sending of the others
        _log.exception("Message %s can't be sent", parcel.message_id)
        return "It could not be sent; the log says where. Please report it.", False
    return None, False


def _note(context: JobContext, parcel: Parcel, problem: str | None) -> None:
    hours = int(context.settings["keep_trying_h"])
    with context.database.write() as session:
        if problem is None:
            note_arrival(session, parcel.delivery_ids)
        else:
            note_failure(session, parcel.delivery_ids, problem, keep_trying=timedelta(hours=hours))


def note_arrival(session: Session, delivery_ids: Sequence[int]) -> None:
    """Keep that deliveries have arrived."""
    at = now()
    told = update(Delivery).where(Delivery.id.in_(delivery_ids), Delivery.state == "waiting")
    session.connection().execute(
        told.values(state="sent", sent_at=at, updated_at=at, last_error=None, attempts=Delivery.attempts + 1)
    )


def note_failure(
    session: Session, delivery_ids: Sequence[int], problem: str, *, keep_trying: timedelta
) -> None:
    """Keep why deliveries did not arrive, and when they are tried again; what was tried for too long is given up."""
    at = now()
    columns = select(Delivery.id, Delivery.attempts, Delivery.created_at)
    waiting = columns.where(Delivery.id.in_(delivery_ids), Delivery.state == "waiting")
    for id_, attempts, since in session.connection().execute(waiting).all():
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts, 10))
        values: dict[str, Any] = {"attempts": attempts + 1, "last_error": problem, "updated_at": at}
        if at + pause > since + keep_trying and attempts:
            values["state"] = "failed"
        else:
            values["due_at"] = at + pause
        session.connection().execute(update(Delivery).where(Delivery.id == id_).values(values))


def send_again(call: ActionCall) -> None:
    """Give a delivery that was given up, or waits, another try at once.

    Raises:
        ConflictError: it has arrived.
    """
    at = now()
    open_one = update(Delivery).where(Delivery.id == call.item["id"], Delivery.state != "sent")
    values = {"state": "waiting", "due_at": at, "created_at": at, "updated_at": at, "attempts": 0}
    with call.context.database.write() as session:
        if session.connection().execute(open_one.values(values)).rowcount != 1:
            raise ConflictError("It has arrived already.")


def prune(context: JobContext) -> int:
    """Forget what was sent or given up longer ago than the site keeps it; returns how many."""
    before = now() - timedelta(days=int(context.settings["keep_days"]))
    old = delete(Delivery).where(Delivery.state != "waiting", Delivery.updated_at < before)
    with context.database.write() as session:
        return session.connection().execute(old).rowcount
