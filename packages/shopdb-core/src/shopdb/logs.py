"""The log: one line an event, of JSON or for people, each with the id of its request."""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from flask import Flask, Response

    from shopdb.settings import Settings

SLOW_S = 1.0
REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_log = structlog.get_logger("shopdb.request")


def configure_logs(settings: Settings, *, process: str) -> None:
    """Send every log of the process, ours and the libraries', to standard error in one format.

    Args:
        process: What the lines call it: ``web``, ``worker``.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _adder_of(process),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]
    is_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    ending: list[Any] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if is_text
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())


def _adder_of(process: str) -> Any:
    def add_process(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
        event["process"] = process
        return event

    return add_process


def install(app: Flask) -> None:
    """Give each request an id, told in its answer and in its log lines; log failed and slow requests."""
    from flask import g, request

    def begin() -> None:
        said = request.headers.get(REQUEST_ID_HEADER, "")
        g.request_id = said if _REQUEST_ID.fullmatch(said) else uuid.uuid4().hex[:16]
        g.logged_from = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    def finish(response: Response) -> Response:
        if "request_id" not in g:
            return response
        response.headers[REQUEST_ID_HEADER] = g.request_id
        seconds = time.perf_counter() - g.logged_from
        if response.status_code >= 500 or seconds >= SLOW_S:
            _log.warning(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                seconds=round(seconds, 3),
            )
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(finish)
