"""What the worker does on its own: core's jobs and the plugins'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shopdb.jobs.housekeeping import (
    deliver_events,
    has_stale_index,
    has_undelivered_events,
    prune,
    refresh_index,
)
from shopdb.plugins.values import Job
from shopdb.runtime import Runtime

DELIVERY_EVERY_S = 2
INDEX_EVERY_S = 60
PRUNE_EVERY_S = 6 * 3600


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """A job with all that its run needs.

    Args:
        has_work: Asked in the worker before a process is started; a cheap look.
    """

    name: str
    run: Callable[[], Any]
    every_s: float
    deadline_s: float
    has_work: Callable[[], bool] = lambda: True


def list_jobs(runtime: Runtime) -> list[ScheduledJob]:
    """Core's jobs, then those of the loaded plugins."""
    core = [
        ScheduledJob(
            name="core.deliver_events",
            run=lambda: deliver_events(runtime),
            every_s=DELIVERY_EVERY_S,
            deadline_s=300,
            has_work=lambda: has_undelivered_events(runtime.database),
        ),
        ScheduledJob(
            name="core.refresh_search_index",
            run=lambda: refresh_index(runtime),
            every_s=INDEX_EVERY_S,
            deadline_s=3600,
            has_work=lambda: has_stale_index(runtime),
        ),
        ScheduledJob(
            name="core.prune",
            run=lambda: prune(runtime.database, [job.name for job in list_jobs(runtime)]),
            every_s=PRUNE_EVERY_S,
            deadline_s=600,
        ),
    ]
    return [*core, *(_scheduled(runtime, plugin, job) for plugin, job in runtime.plugins.jobs())]


def _scheduled(runtime: Runtime, plugin: str, job: Job) -> ScheduledJob:
    context = runtime.context_of(plugin)
    every_s = context.settings[job.every_s] if isinstance(job.every_s, str) else job.every_s
    return ScheduledJob(
        name=job.name,
        run=lambda: job.run(context),
        every_s=max(1.0, float(every_s)),
        deadline_s=float(job.deadline_s),
    )
