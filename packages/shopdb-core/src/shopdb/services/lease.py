"""Leases: who does a periodic piece of work now, when it last ran, and how that ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.models import Lease

MARGIN_S = 30
"""How long after its deadline a holder that died loses its lease."""
MAX_ERROR_LENGTH = 500


def add_leases(session: Session, names: list[str]) -> None:
    """Make a row for each piece of work that has none."""
    connection = session.connection()
    there = set(connection.execute(select(Lease.name).where(Lease.name.in_(names))).scalars())
    epoch = clock.now() - timedelta(days=1)
    for name in names:
        if name not in there:
            connection.execute(insert(Lease).values(name=name, holder="", expires_at=epoch))


def take_lease(session: Session, name: str, *, holder: str, every_s: float, deadline_s: float) -> bool:
    """Take a piece of work that is due and that nobody does.

    Returns:
        Whether it was taken: of any number that try at once, one does it.
    """
    now = clock.now()
    taken = session.connection().execute(
        update(Lease)
        .where(
            Lease.name == name,
            Lease.expires_at <= now,
            or_(Lease.last_run_at.is_(None), Lease.last_run_at <= now - timedelta(seconds=every_s)),
        )
        .values(holder=holder, last_run_at=now, expires_at=now + timedelta(seconds=deadline_s + MARGIN_S))
    )
    return taken.rowcount == 1


def end_lease(session: Session, name: str, *, holder: str, error: str | None, again: bool = False) -> None:
    """Give a piece of work back, with the error that it ended with; none clears the last one.

    Args:
        again: It was interrupted and is due at once.
    """
    values: dict[str, Any] = {
        "expires_at": clock.now(),
        "last_error": None if error is None else error[:MAX_ERROR_LENGTH],
    }
    if again:
        values["last_run_at"] = None
    own = update(Lease).where(Lease.name == name, Lease.holder == holder)
    session.connection().execute(own.values(values))


def read_last_runs(session: Session) -> dict[str, datetime | None]:
    """When each piece of work last began."""
    return {name: at for name, at in session.connection().execute(select(Lease.name, Lease.last_run_at))}


def list_leases(session: Session) -> dict[str, dict[str, Any]]:
    """What is known of each piece of work, by name."""
    now = clock.now()
    columns = (Lease.name, Lease.holder, Lease.expires_at, Lease.last_run_at, Lease.last_error)
    return {
        row.name: {
            "is_running": row.expires_at > now,
            "holder": row.holder if row.expires_at > now else None,
            "last_run_at": row.last_run_at,
            "last_error": row.last_error,
        }
        for row in session.connection().execute(select(*columns))
    }


def drop_stale_leases(session: Session, *, keep: list[str], days: int) -> int:
    """Forget work that nobody has for so many days, such as that of a plugin that is gone."""
    stale = Lease.expires_at < clock.now() - timedelta(days=days)
    return session.connection().execute(delete(Lease).where(stale, Lease.name.not_in(keep))).rowcount
