"""The log: one line an event, of JSON or for people, each with the id of its request.

Modules log through `logging`, values in ``extra``: ``_log.error("job failed", extra={"job": name})``.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import uuid
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from flask import Flask, Response

    from shopdb.settings import Settings

SLOW_S = 1.0
REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""Attributes that every record has; what else is there came as ``extra``."""

_log = logging.getLogger("shopdb.request")
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class JsonFormatter(logging.Formatter):
    """One JSON object a line.

    Args:
        process: What the lines call the process: ``web``, ``worker``.
    """

    def __init__(self, process: str):
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
            **_extra_of(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextFormatter(logging.Formatter):
    """A line for people, and the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        values = " ".join(f"{key}={value}" for key, value in _extra_of(record).items())
        text = f"{at} {record.levelname.lower():7} {record.name}: {record.getMessage()} {values}".rstrip()
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def _extra_of(record: logging.LogRecord) -> dict[str, Any]:
    extra = {key: value for key, value in vars(record).items() if key not in _OWN}
    request_id = _request_id.get()
    return extra if request_id is None else {"request_id": request_id, **extra}


def configure_logs(settings: Settings, *, process: str) -> None:
    """Send every log of the process, ours and the libraries', to standard error in one format."""
    is_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextFormatter() if is_text else JsonFormatter(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())


def install(app: Flask) -> None:
    """Give each request an id, told in its answer and in its log lines; log failed and slow requests."""
    from flask import g, request

    def begin() -> None:
        said = request.headers.get(REQUEST_ID_HEADER, "")
        g.request_id = said if _REQUEST_ID.fullmatch(said) else uuid.uuid4().hex[:16]
        g.logged_from = time.perf_counter()
        _request_id.set(g.request_id)

    def finish(response: Response) -> Response:
        if "request_id" not in g:
            return response
        response.headers[REQUEST_ID_HEADER] = g.request_id
        seconds = time.perf_counter() - g.logged_from
        if response.status_code >= 500 or seconds >= SLOW_S:
            values = {
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "seconds": round(seconds, 3),
            }
            _log.warning("request", extra=values)
        return response

    def end(error: BaseException | None) -> None:
        _request_id.set(None)  # what the thread logs next belongs to no request

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(finish)
    app.teardown_request(end)
