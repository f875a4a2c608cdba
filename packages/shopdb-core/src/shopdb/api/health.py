"""Whether the process lives, whether the site may be used, and its figures."""

from __future__ import annotations

import orjson
from flask import Flask, Response, current_app

from shopdb import access, metrics, readiness
from shopdb.errors import DatabaseUnavailableError
from shopdb.readiness import Readiness
from shopdb.runtime import Runtime

OUT_OF_ORDER = frozenset({"degraded", "needs-migration", "incompatible", "quarantined", "orphaned"})
"""States of a plugin that someone should look at. The site is ready all the same."""


def install(app: Flask) -> None:
    """Add ``/healthz``, ``/readyz`` and ``/metrics``, open to all, and the guard of writes."""
    readiness.install(app)
    metrics.install(app)
    for path, view in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", show_metrics)):
        app.add_url_rule(path, f"health.{view.__name__}", view)
        access.allow(app, {f"health.{view.__name__}": "public"})


def healthz() -> Response:
    """The process answers; nothing else is asked."""
    return Response(b'{"status":"ok"}', mimetype="application/json", headers=_FRESH)


def readyz() -> Response:
    """Whether the site may be used, and which plugins are out of order."""
    runtime: Runtime = current_app.extensions["shopdb"]
    problem = find_problem(current_app.extensions["shopdb_readiness"])
    plugins = runtime.plugins.states()
    body = {
        "status": "ok" if problem is None else "unavailable",
        "database": "ok" if problem is None else problem,
        "plugins": plugins,
        "degraded": sorted(name for name, state in plugins.items() if state in OUT_OF_ORDER),
    }
    status = 200 if problem is None else 503
    return Response(orjson.dumps(body), status, mimetype="application/json", headers=_FRESH)


def show_metrics() -> Response:
    """The figures in Prometheus' text format."""
    text, content_type = metrics.render(current_app.extensions["shopdb"])
    return Response(text, content_type=content_type, headers=_FRESH)


def find_problem(judge: Readiness) -> str | None:
    """Why the site may not be used now; None where it may."""
    try:
        return judge.ping() or judge.find_schema_problem()
    except DatabaseUnavailableError as error:
        return str(error)


_FRESH = {"Cache-Control": "no-store"}
