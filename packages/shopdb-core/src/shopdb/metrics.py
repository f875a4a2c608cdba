"""The figures of a site, as Prometheus reads them."""

from __future__ import annotations

import os
import time
from collections import Counter as Count
from collections.abc import Iterator
from typing import TYPE_CHECKING

import prometheus_client as prometheus
from flask import Flask, Response, g, request
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from shopdb.errors import DatabaseUnavailableError
from shopdb.models import Event, Lease

if TYPE_CHECKING:
    from shopdb.runtime import Runtime

REQUESTS = prometheus.Counter("shopdb_requests", "Requests answered.", ["method", "status"])
SECONDS = prometheus.Histogram(
    "shopdb_request_seconds",
    "Seconds that requests took.",
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30),
)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def install(app: Flask) -> None:
    """Count each request and its time."""
    answered: dict[tuple[str, int], prometheus.Counter] = {}

    def begin() -> None:
        g.begun_at = time.perf_counter()

    def finish(response: Response) -> Response:
        method = request.method if request.method in METHODS else "other"
        key = (method, response.status_code)
        counter = answered.get(key)
        if counter is None:
            counter = answered[key] = REQUESTS.labels(method, str(response.status_code))
        counter.inc()
        SECONDS.observe(time.perf_counter() - g.get("begun_at", time.perf_counter()))
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(finish)


def render(runtime: Runtime) -> tuple[bytes, str]:
    """All figures now: those of every process of this host, and those of the database.

    Returns:
        The text and its content type.
    """
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = prometheus.CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped there
    else:
        registry = prometheus.CollectorRegistry()
        registry.register(_Own())
    registry.register(_Site(runtime))
    return prometheus.generate_latest(registry), prometheus.CONTENT_TYPE_LATEST


class _Own(Collector):
    """The figures of this process."""

    def collect(self) -> Iterator[Metric]:
        yield from REQUESTS.collect()
        yield from SECONDS.collect()


class _Site(Collector):
    """What is asked of the site at the moment: plugins, undelivered events, jobs that fail."""

    def __init__(self, runtime: Runtime):
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        plugins = GaugeMetricFamily("shopdb_plugins", "Plugins by state.", labels=["state"])
        for state, number in Count(self._runtime.plugins.states().values()).items():
            plugins.add_metric([state], number)
        yield plugins
        try:
            with self._runtime.database.read() as session:
                waiting = select(func.count()).where(Event.delivered_at.is_(None)).scalar_subquery()
                failing = select(func.count()).where(Lease.last_error.is_not(None)).scalar_subquery()
                events, jobs = session.connection().execute(select(waiting, failing)).one()
        except DatabaseUnavailableError:
            yield GaugeMetricFamily("shopdb_database_up", "Whether the database answers.", 0)
            return
        yield GaugeMetricFamily("shopdb_database_up", "Whether the database answers.", 1)
        yield GaugeMetricFamily("shopdb_events_waiting", "Events that hooks have not been told of.", events)
        yield GaugeMetricFamily("shopdb_jobs_failing", "Jobs whose last run failed.", jobs)
