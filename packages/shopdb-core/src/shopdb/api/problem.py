"""Errors as ``application/problem+json`` (RFC 9457), from one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from shopdb.errors import (
    DatabaseUnavailableError,
    MigrationError,
    OutboundError,
    PluginError,
    RequestError,
    ShopDBError,
    StaleVersionError,
)

API = "/api/"
RETRY_AFTER_S = 5
STATUS: tuple[tuple[type[ShopDBError], int, str], ...] = (
    (DatabaseUnavailableError, 503, "Database unavailable"),
    (MigrationError, 503, "Schema not ready"),
    (OutboundError, 502, "Device not reached"),
    (PluginError, 409, "Plugin problem"),
    (ShopDBError, 500, "Error"),
)


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    errors: Any = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem document; ``type`` is ``about:blank``, as the title says no more than the status."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    if errors is not None:
        body["errors"] = errors
    response = Response(orjson.dumps(body), status, mimetype="application/problem+json")
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def problem_of(error: ShopDBError) -> Response:
    """The problem document of one of our errors."""
    if isinstance(error, RequestError):
        more: dict[str, Any] = {}
        headers: dict[str, str] = {}
        if isinstance(error, StaleVersionError) and error.current is not None:
            more["current_version"] = error.current
        if error.status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="ShopDB"'
        retry_after = getattr(error, "retry_after_s", None)
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        errors = {} if error.errors is None and error.status == 422 else error.errors
        return problem(error.status, error.title, str(error), errors=errors, headers=headers, **more)
    status, title = next((s, t) for type_, s, t in STATUS if isinstance(error, type_))
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}
    return problem(status, title, str(error), headers=headers)


def is_api() -> bool:
    """Whether the request under way is for the API."""
    return request.path.startswith(API)


def install(app: Flask) -> None:
    """Answer every error below ``/api/`` with a problem document."""

    @app.errorhandler(ShopDBError)
    def on_own(error: ShopDBError) -> Any:
        if is_api():
            return problem_of(error)
        return app.extensions["shopdb_error_page"](error)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:
            return error.get_response()
        if not is_api():
            return app.extensions["shopdb_error_page"](error)
        answer = problem(error.code, error.name, _detail(error))
        for name, value in error.get_headers(request.environ):
            if name.lower() not in ("content-type", "content-length"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def on_any(error: Exception) -> Any:
        app.logger.exception("Unexpected error at %s %s", request.method, request.path)
        if is_api():
            return problem(500, "Internal error", "An unexpected error was logged. Please report it.")
        return app.extensions["shopdb_error_page"](error)


def _detail(error: HTTPException) -> str:
    if error.code == 404:
        return f"There is nothing at {request.path}."
    if error.code == 405:
        return f"{request.method} is not done here."
    return error.description or error.name
