"""``GET /api/v1/search``: one search over everything that the caller may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, current_app, request

from shopdb import access
from shopdb.api.collection import to_json
from shopdb.errors import InvalidError
from shopdb.resources.parameters import DEFAULT_LIMIT, parse_limit
from shopdb.runtime import Runtime
from shopdb.search.term import SearchTerm
from shopdb.services.search import Search

_READERS: Mapping[str, Callable[[str], Any]] = {
    "q": str,
    "limit": parse_limit,
    "cursor": str,
    "type": str,
}


def install(app: Flask, runtime: Runtime) -> None:
    """Route the search; what is found depends on who asks."""
    app.extensions["shopdb_search"] = Search(runtime.database, runtime.registry, runtime.plugins)
    app.add_url_rule("/api/v1/search", "api.search", search)
    access.allow(app, {"api.search": access.SIGNED_IN})


def search() -> Response:
    """``GET /api/v1/search?q=&limit=&cursor=&type=``."""
    given = _parameters()
    service: Search = current_app.extensions["shopdb_search"]
    page = service.list_page(
        SearchTerm.read(given.get("q", "")),
        may=access.get_principal().may,
        limit=given.get("limit", DEFAULT_LIMIT),
        cursor=given.get("cursor"),
        only=given.get("type"),
    )
    return to_json(
        {
            "items": [hit.asdict() for hit in page.hits],
            "next": page.next,
            "left_out": [{"source": source.name, "reason": reason} for source, reason in page.left_out],
        }
    )


def _parameters() -> dict[str, Any]:
    """What the address asks for.

    Raises:
        InvalidError: with a message for each parameter that is wrong or unknown.
    """
    given: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, texts in request.args.lists():
        try:
            if name not in _READERS:
                raise ValueError(f"is not a parameter of the search: {', '.join(_READERS)} are.")
            if len(texts) > 1:
                raise ValueError("is given twice.")
            given[name] = _READERS[name](texts[0])
        except ValueError as error:
            errors[name[:80]] = [str(error)]
    if errors:
        name, messages = next(iter(errors.items()))
        raise InvalidError(f"{name} {messages[0]}", errors=errors)
    return given
