"""``GET /api/v1/plugins``: what is found, installed, and wrong."""

from __future__ import annotations

from flask import Flask, Response

from shopdb import access
from shopdb.api.collection import to_json
from shopdb.errors import NotFoundError
from shopdb.runtime import Runtime

VIEW = "core.plugins.view"


def install(app: Flask, runtime: Runtime) -> None:
    """Route the list and the single verdicts. No route changes plugins: that is the command line's."""

    def all_() -> Response:
        items = [verdict.asdict() for verdict in runtime.plugins.verdicts]
        return to_json({"items": items, "next": None})

    def one(name: str) -> Response:
        for verdict in runtime.plugins.verdicts:
            if verdict.name == name:
                return to_json(verdict.asdict())
        raise NotFoundError(f"There is no plugin {name[:60]!r}.")

    app.add_url_rule("/api/v1/plugins", "api.plugins.list", all_)
    app.add_url_rule("/api/v1/plugins/<name>", "api.plugins.get", one)
    access.allow(app, {"api.plugins.list": VIEW, "api.plugins.get": VIEW})
