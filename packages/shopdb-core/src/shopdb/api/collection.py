"""The REST views of every resource: one set of functions, bound to each resource's routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from flask import Flask, Response, request, url_for

from shopdb import access
from shopdb.api.request import expected_version, item_id, json_body, json_object
from shopdb.db import Database
from shopdb.errors import InvalidError, PermissionDeniedError
from shopdb.resources import history
from shopdb.resources.actions import run_action
from shopdb.resources.bulk import apply_bulk
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.declare import Action, Actor
from shopdb.resources.query import add_empty_extra, add_extra, get_item, list_page, reader_of
from shopdb.resources.rows import Item
from shopdb.resources.write import create_item, delete_item, update_item
from shopdb.runtime import Runtime

PREFIX = "/api/v1"
_OPTIONS = orjson.OPT_UTC_Z
_BULK_VERBS = {"create": "add", "update": "change", "delete": "delete"}


def to_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; times end in ``Z``."""
    response = Response(orjson.dumps(value, option=_OPTIONS), status, mimetype="application/json")
    if headers:
        response.headers.update(headers)
    return response


def etag_of(item: Mapping[str, Any]) -> str:
    """``"<id>-<version>"``: what changes with each write and never with a reading."""
    return f'"{item["id"]}-{item["version"]}"'


def actor() -> Actor:
    """Who makes the request under way."""
    return access.current_actor("api")


def require(compiled: CompiledResource, verbs: Iterable[str]) -> None:
    """What a bulk request or an import may do depends on what is in it.

    Raises:
        PermissionDeniedError: the person may not do one of them.
    """
    principal = access.get_principal()
    for verb in verbs:
        permission = compiled.declared.permission(verb)
        if not principal.may(permission):
            raise PermissionDeniedError(f"This needs the permission {permission}.")


class Collection:
    """The views of one resource."""

    def __init__(self, runtime: Runtime, compiled: CompiledResource):
        self.runtime = runtime
        self.database: Database = runtime.database
        self.compiled = compiled
        self.name = compiled.name
        self.reader = reader_of(runtime.registry, compiled.name)

    def list(self) -> Response:
        """``GET /<resource>``."""
        query = self.reader.parameters.parse(request.args.items(multi=True))
        with self.database.read() as session:
            page = list_page(session, self.name, query)
        body: dict[str, Any] = {"items": page.items, "next": page.next}
        if page.total is not None:
            body["total"] = page.total
        return to_json(body)

    def create(self) -> Response:
        """``POST /<resource>``."""
        values = json_object()
        with self.database.write() as session:
            item = create_item(session, self.name, values, actor=actor())
        add_empty_extra(self.compiled, item)
        return self._item(item, 201, {"Location": f"{PREFIX}/{self.name}/{item['id']}"})

    def get(self, id: str) -> Response:
        """``GET /<resource>/{id}``; 304 when ``If-None-Match`` names the version."""
        with self.database.read() as session:
            item = get_item(session, self.name, item_id(id))
        response = self._item(item)
        if self.compiled.declared.extra is None:  # readings change without a version
            response.make_conditional(request)
        return response

    def change(self, id: str) -> Response:
        """``PATCH /<resource>/{id}``."""
        number = item_id(id)
        values = json_object()
        with self.database.write() as session:
            version = self._expected(session, number)
            item = update_item(session, self.name, number, values, actor=actor(), version=version)
            add_extra(session, self.compiled, [item])
        return self._item(item)

    def delete(self, id: str) -> Response:
        """``DELETE /<resource>/{id}``."""
        number = item_id(id)
        with self.database.write() as session:
            version = self._expected(session, number)
            delete_item(session, self.name, number, actor=actor(), version=version)
        return Response(status=204)

    def bulk(self) -> Response:
        """``POST /<resource>/bulk``."""
        body = json_body()
        if isinstance(body, dict):
            require(self.compiled, (verb for key, verb in _BULK_VERBS.items() if body.get(key)))
            if body.get("delete") and not self.compiled.declared.deletable:
                raise PermissionDeniedError(f"{self.compiled.declared.title} are not deleted.")
        with self.database.write() as session:
            done = apply_bulk(session, self.name, body, actor=actor())
        return to_json(done)

    def history(self, id: str) -> Response:
        """``GET /<resource>/{id}/history``."""
        parameters = reader_of(self.runtime.registry, "changes").parameters
        allowed = {"limit", "cursor"}
        unknown = [name for name in request.args if name not in allowed]
        if unknown:
            raise InvalidError(
                f"{unknown[0][:80]} is not a parameter of the history.",
                errors={unknown[0][:80]: ["is not a parameter of the history: limit and cursor are."]},
            )
        query = parameters.parse(request.args.items(multi=True))
        with self.database.read() as session:
            page = history.list_history(session, self.name, item_id(id), limit=query.limit, after=query.after)
        return to_json({"items": page.items, "next": page.next})

    def revert(self, id: str) -> Response:
        """``POST /<resource>/{id}/revert`` with ``{"version": N}``."""
        number = item_id(id)
        body = json_object()
        version = body.get("version")
        if set(body) != {"version"} or isinstance(version, bool) or not isinstance(version, int):
            raise InvalidError(
                'Expected {"version": N}, the version to go back to.',
                errors={"version": ["A whole number is needed, and nothing else."]},
            )
        with self.database.write() as session:
            item = history.revert_item(
                session,
                self.name,
                number,
                version,
                actor=actor(),
                version=expected_version(number, required=False),
            )
            add_extra(session, self.compiled, [item])
        return self._item(item)

    def act(self, action: Action) -> Callable[[str], Response]:
        """``POST /<resource>/{id}/<action>``."""

        def view(id: str) -> Response:
            number = item_id(id)
            values = json_object(optional=True)
            told = run_action(self.runtime, self.compiled, action, number, values, actor())
            with self.database.read() as session:
                item = get_item(session, self.name, number)
            return self._item({**item, **told})

        return view

    def _expected(self, session: Any, number: int) -> int | None:
        """The version of If-Match; an id that is not there is told before a missing header."""
        if "If-Match" not in request.headers:
            get_item(session, self.name, number, with_extra=False)
        return expected_version(number)

    def _item(self, item: Item, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        response = to_json(item, status, headers)
        if "version" in item:
            response.headers["ETag"] = etag_of(item)
        return response


def install(app: Flask, runtime: Runtime) -> None:
    """Route every resource, each route with its permission."""
    from shopdb.api.sheet import Sheets

    for compiled in runtime.registry:
        views = Collection(runtime, compiled)
        sheets = Sheets(runtime, compiled)
        root = f"{PREFIX}/{compiled.name}"
        declared = compiled.declared
        routes: list[tuple[str, str, Callable[..., Any], str, str]] = [
            ("GET", root, views.list, "list", "view"),
            ("GET", f"{root}/<id>", views.get, "get", "view"),
            ("GET", f"{root}/<id>/history", views.history, "history", "view"),
            ("GET", f"{root}/export", sheets.export, "export", "view"),
        ]
        if declared.writable:
            routes += [
                ("POST", root, views.create, "create", "add"),
                ("PATCH", f"{root}/<id>", views.change, "change", "change"),
                ("POST", f"{root}/<id>/revert", views.revert, "revert", "change"),
                ("POST", f"{root}/bulk", views.bulk, "bulk", "bulk"),
                ("POST", f"{root}/import", sheets.take, "import", "import"),
            ]
            if declared.deletable:
                routes.append(("DELETE", f"{root}/<id>", views.delete, "delete", "delete"))
        for action in declared.actions:
            routes.append(
                (
                    "POST",
                    f"{root}/<id>/{action.name}",
                    views.act(action),
                    f"act_{action.name}",
                    action.permission,
                )
            )
        _route(app, compiled, routes)


def _route(
    app: Flask, compiled: CompiledResource, routes: list[tuple[str, str, Callable[..., Any], str, str]]
) -> None:
    allowed: dict[str, str] = {}
    for method, rule, view, name, verb in routes:
        endpoint = f"api.{compiled.name.replace('/', '_')}.{name}"
        app.add_url_rule(rule, endpoint, view, methods=[method])
        permission = compiled.declared.permission
        if verb in ("bulk", "import"):  # what they may do is in the body: the view asks for each
            allowed[endpoint] = permission("view")
        else:
            allowed[endpoint] = permission(verb)
    access.allow(app, allowed)


def address_of(name: str, id_: int) -> str:
    """The path of an item in the API."""
    return url_for(f"api.{name.replace('/', '_')}.get", id=id_)
