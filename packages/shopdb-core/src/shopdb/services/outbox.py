"""The outbox: events written in the transaction of a change, delivered after it, at least once, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.models import Event
from shopdb.plugins.values import Change

ITEM_PREFIX = "item."


def has_undelivered(session: Session) -> bool:
    """Whether any event waits."""
    waiting = select(Event.id).where(Event.delivered_at.is_(None)).limit(1)
    return session.connection().execute(waiting).first() is not None


def list_undelivered(session: Session, *, limit: int) -> list[tuple[int, Change | None]]:
    """The oldest events that wait: id and change; no change where the event tells of something else."""
    columns = (Event.id, Event.at, Event.kind, Event.payload)
    waiting = select(*columns).where(Event.delivered_at.is_(None)).order_by(Event.id).limit(limit)
    found: list[tuple[int, Change | None]] = []
    for row in session.connection().execute(waiting):
        change = None
        if row.kind.startswith(ITEM_PREFIX):
            change = Change(
                id=row.payload["change"],
                resource=row.payload["resource"],
                item_id=row.payload["item_id"],
                action=row.payload["action"],
                fields=tuple(row.payload["fields"]),
                at=row.at,
            )
        found.append((row.id, change))
    return found


def mark_delivered(session: Session, event_ids: Sequence[int]) -> None:
    """Note that every hook has been told."""
    told = update(Event).where(Event.id.in_(event_ids))
    session.connection().execute(told.values(delivered_at=clock.now(), attempts=Event.attempts + 1))


def drop_delivered(session: Session, *, days: int) -> int:
    """Remove events that were delivered more than so many days ago."""
    old = Event.delivered_at < clock.now() - timedelta(days=days)
    return session.connection().execute(delete(Event).where(old)).rowcount
