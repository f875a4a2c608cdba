"""``/api/openapi.json``, and ``/api/docs`` for people."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask, Response, render_template

from shopdb import access
from shopdb.api.collection import to_json
from shopdb.runtime import Runtime


def install(app: Flask, runtime: Runtime) -> None:
    """Route the document and its page; the document is built at the first request."""

    @cache
    def document() -> dict[str, Any]:
        from shopdb.api import account_paths, paths
        from shopdb.resources.openapi import build_spec

        own = [*paths.PATHS, *account_paths.PATHS]
        return build_spec(runtime.registry, [*own, *paths.paths_of(runtime.plugins.views())])

    def openapi() -> Response:
        return to_json(document())

    def page() -> str:
        return render_template("api_docs.html")

    app.add_url_rule("/api/openapi.json", "api.openapi", openapi)
    app.add_url_rule("/api/docs", "api.docs", page)
    access.allow(app, {"api.openapi": "public", "api.docs": "public"})
