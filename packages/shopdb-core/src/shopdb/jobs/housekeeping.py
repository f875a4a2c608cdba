"""Core's own jobs."""

from __future__ import annotations

from collections.abc import Sequence

from shopdb.db import Database
from shopdb.runtime import Runtime
from shopdb.search.rebuild import find_stale, refresh
from shopdb.services import lease, outbox
from shopdb.services.sign_in import prune_sign_ins

BATCH = 50
KEEP_EVENTS_DAYS = 30
KEEP_LEASES_DAYS = 30


def has_undelivered_events(database: Database) -> bool:
    """Whether `deliver_events` has something to do."""
    with database.read() as session:
        return outbox.has_undelivered(session)


def deliver_events(runtime: Runtime) -> int:
    """Tell the plugins of every change that they have not been told of, oldest first.

    A kill in between repeats at most one batch.

    Returns:
        How many events were delivered.
    """
    delivered = 0
    while True:
        with runtime.database.read() as session:
            waiting = outbox.list_undelivered(session, limit=BATCH)
        if not waiting:
            return delivered
        for _, change in waiting:
            if change is not None:
                runtime.plugins.tell_item_changed(change, runtime.database)
        with runtime.database.write() as session:
            outbox.mark_delivered(session, [event_id for event_id, _ in waiting])
        delivered += len(waiting)


def has_stale_index(runtime: Runtime) -> bool:
    """Whether `refresh_index` has something to do."""
    with runtime.database.read() as session:
        return bool(find_stale(session, runtime.registry))


def refresh_index(runtime: Runtime) -> dict[str, int]:
    """Index what was indexed by other rules or never: after an upgrade, or when a plugin comes back."""
    return refresh(runtime.database, runtime.registry)


def prune(database: Database, jobs: Sequence[str]) -> None:
    """Remove what nobody needs any more: old delivered events, ended sign-ins, leases of jobs long gone."""
    with database.write() as session:
        outbox.drop_delivered(session, days=KEEP_EVENTS_DAYS)
    with database.write() as session:
        prune_sign_ins(session)
    with database.write() as session:
        lease.drop_stale_leases(session, keep=list(jobs), days=KEEP_LEASES_DAYS)
