"""``GET /api/v1/plugins``: what is found, installed, and wrong."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from shopdb import access
from shopdb.api.collection import to_json
from shopdb.errors import InvalidError, NotFoundError
from shopdb.resources.parameters import DEFAULT_LIMIT, parse_limit
from shopdb.resources.values import parse_boolean
from shopdb.runtime import Runtime

VIEW = "core.plugins.view"
_FILTERS = ("name", "state", "source", "dist")


def install(app: Flask, runtime: Runtime) -> None:
    """Route the list and the single verdicts. No route changes plugins: that is the command line's."""

    def all_() -> Response:
        return to_json(_page([verdict.asdict() for verdict in runtime.plugins.verdicts]))

    def one(name: str) -> Response:
        for verdict in runtime.plugins.verdicts:
            if verdict.name == name:
                return to_json(verdict.asdict())
        raise NotFoundError(f"There is no plugin {name[:60]!r}.")

    app.add_url_rule("/api/v1/plugins", "api.plugins.list", all_)
    app.add_url_rule("/api/v1/plugins/<name>", "api.plugins.get", one)
    access.allow(app, {"api.plugins.list": VIEW, "api.plugins.get": VIEW})


def _page(found: list[Mapping[str, Any]]) -> dict[str, Any]:
    """One page by name, of those that the request asks for; a cursor holds the last name."""
    given = _parameters()
    matching = [
        each for each in found if all(each[name] == given[name] for name in _FILTERS if name in given)
    ]
    behind = sorted(
        (each for each in matching if each["name"] > given.get("cursor", "")), key=lambda each: each["name"]
    )
    limit: int = given.get("limit", DEFAULT_LIMIT)
    items = behind[:limit]
    more = len(behind) > limit
    body = {"items": items, "next": _write_cursor(items[-1]["name"]) if more else None}
    return body | {"total": len(matching)} if given.get("total") else body


def _parameters() -> dict[str, Any]:
    """What the address asks for.

    Raises:
        InvalidError: with a message for each parameter that is wrong or unknown.
    """
    readers = {"limit": parse_limit, "cursor": _read_cursor, "total": parse_boolean}
    given: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, texts in request.args.lists():
        try:
            if name not in readers and name not in _FILTERS:
                raise ValueError("is not a parameter of plugins.")
            if len(texts) > 1:
                raise ValueError("is given twice.")
            given[name] = readers.get(name, str)(texts[0])
        except ValueError as error:
            errors[name[:80]] = [str(error)]
    if errors:
        name, messages = next(iter(errors.items()))
        raise InvalidError(f"{name} {messages[0]}", errors=errors)
    return given


def _write_cursor(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).rstrip(b"=").decode()


def _read_cursor(text: str) -> str:
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        name = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        name = ""
    if not name.isprintable() or not name:
        raise ValueError("is not a cursor of this collection: take it from 'next', unchanged.")
    return name
