"""The log's lines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable

import pytest

from shopdb.logs import JsonFormatter, TextFormatter
from shopdb.testing.site import SiteUnderTest


def record(message: str, *, with_error: bool = False, **extra: object) -> logging.LogRecord:
    info = None
    if with_error:
        try:
            raise ValueError("no")
        except ValueError:
            info = sys.exc_info()
    made = logging.LogRecord("shopdb.worker", logging.ERROR, "f.py", 1, message, None, info)
    made.__dict__.update(extra)
    return made


def test_a_line_is_one_json_object_with_its_values() -> None:
    line = JsonFormatter("worker").format(record("job\nfailed", job="t.x", seconds=1.5))
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("at")
    assert told == {
        "level": "error",
        "process": "worker",
        "logger": "shopdb.worker",
        "message": "job\nfailed",
        "job": "t.x",
        "seconds": 1.5,
    }


def test_an_error_comes_with_its_traceback() -> None:
    assert (
        "ValueError: no" in json.loads(JsonFormatter("web").format(record("x", with_error=True)))["traceback"]
    )
    text = TextFormatter().format(record("x", with_error=True, job="t.x"))
    assert text.splitlines()[0].endswith("error   shopdb.worker: x job=t.x")
    assert "ValueError: no" in text


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [("abc-123", True), ("x" * 65, False), ("a b", False), ("a\u00e4", False), ("", False)],
)
def test_a_request_keeps_its_callers_id_when_it_is_one(
    shopdb_site: Callable[..., SiteUnderTest], said: str, is_kept: bool
) -> None:
    client = shopdb_site().client()
    answered = client.get("/healthz", headers={"X-Request-ID": said}).headers["X-Request-ID"]
    assert (answered == said) is is_kept
    assert len(answered) >= 7


def test_what_is_logged_after_a_request_does_not_bear_its_id(
    shopdb_site: Callable[..., SiteUnderTest],
) -> None:
    shopdb_site().client().get("/healthz")
    record = logging.LogRecord("shopdb.worker", logging.ERROR, __file__, 1, "later", None, None)
    assert "request_id" not in json.loads(JsonFormatter("worker").format(record))
