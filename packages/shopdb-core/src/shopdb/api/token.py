"""API tokens: one's own, and for administrators everybody's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask, Response, current_app, request
from sqlalchemy.orm import Session

from shopdb import access
from shopdb.api.collection import PREFIX, etag_of, to_json
from shopdb.api.request import expected_version, item_id, json_object
from shopdb.db import Database
from shopdb.errors import InvalidError, NotFoundError, PermissionDeniedError
from shopdb.resources.parameters import Filter
from shopdb.resources.query import list_page, reader_of
from shopdb.resources.rows import Item
from shopdb.resources.values import MAX_ID
from shopdb.services import token
from shopdb.services.account_item import account_registry, read_item


def install(app: Flask) -> None:
    """Route tokens. Everybody who is signed in has some; whose, the views look at."""
    views = (
        ("GET", "", list_tokens),
        ("POST", "", create_token),
        ("GET", "/<id>", show_token),
        ("PATCH", "/<id>", change_token),
        ("DELETE", "/<id>", delete_token),
    )
    for method, tail, view in views:
        endpoint = f"api.tokens.{view.__name__}"
        app.add_url_rule(f"{PREFIX}/tokens{tail}", endpoint, view, methods=[method])
        access.allow(app, {endpoint: access.SIGNED_IN})


def list_tokens() -> Response:
    """``GET /tokens``."""
    registry = account_registry()
    query = reader_of(registry, "tokens").parameters.parse(request.args.items(multi=True))
    principal = access.get_principal()
    if not principal.is_admin:
        own = [f for f in query.filters if f.field != "user"]
        if any(f != Filter("user", "eq", principal.user_id) for f in query.filters if f.field == "user"):
            raise InvalidError(
                "user: Only your own tokens are shown to you.", errors={"user": ["Is not you."]}
            )
        query = replace(query, filters=(*own, Filter("user", "eq", principal.user_id)))
    with _database().read() as session:
        session.info["registry"] = registry
        page = list_page(session, "tokens", query)
    body: dict[str, Any] = {"items": page.items, "next": page.next}
    if page.total is not None:
        body["total"] = page.total
    return to_json(body)


def create_token() -> Response:
    """``POST /tokens``: the answer alone holds the secret, as ``token``."""
    values = json_object()
    principal = access.get_principal()
    user_id = values.pop("user", principal.user_id)
    if isinstance(user_id, bool) or not isinstance(user_id, int) or not 0 < user_id <= MAX_ID:
        raise InvalidError(
            "user: Expected the id of a user.", errors={"user": ["Expected the id of a user."]}
        )
    if user_id != principal.user_id and not principal.is_admin:
        raise PermissionDeniedError("Only an administrator makes tokens for someone else.")
    not_after = principal.expires_at if principal.token_id is not None else None
    with _database().write() as session:
        item, secret = token.create_token(
            session, user_id, values, actor=principal.actor("api"), not_after=not_after
        )
    headers = {"Location": f"{PREFIX}/tokens/{item['id']}", "Cache-Control": "no-store"}
    response = to_json(item | {"token": secret}, 201, headers)
    response.headers["ETag"] = etag_of(item)
    return response


def show_token(id: str) -> Response:
    """``GET /tokens/{id}``."""
    with _database().read() as session:
        item = _own(session, item_id(id))
    return _answer(item)


def change_token(id: str) -> Response:
    """``PATCH /tokens/{id}``: its name; nothing else of a token changes."""
    token_id, changes = item_id(id), json_object()
    with _database().write() as session:
        _own(session, token_id)
        version = expected_version(token_id)
        item = token.rename_token(
            session, token_id, changes, actor=access.current_actor("api"), version=version
        )
    return _answer(item)


def delete_token(id: str) -> Response:
    """``DELETE /tokens/{id}``: it opens nothing from the next request on."""
    token_id = item_id(id)
    with _database().write() as session:
        _own(session, token_id)
        version = expected_version(token_id)
        token.delete_token(session, token_id, actor=access.current_actor("api"), version=version)
    return Response(status=204)


def _own(session: Session, token_id: int) -> Item:
    """A token that the caller may know of; of others' not even the existence is told."""
    item = read_item(session, "tokens", token_id)
    principal = access.get_principal()
    if item["user"]["id"] != principal.user_id and not principal.is_admin:
        raise NotFoundError(f"There is no API token with id {token_id}.")
    return item


def _answer(item: Item) -> Response:
    response = to_json(item)
    response.headers["ETag"] = etag_of(item)
    return response


def _database() -> Database:
    runtime: Any = current_app.extensions["shopdb"]
    database: Database = runtime.database
    return database
