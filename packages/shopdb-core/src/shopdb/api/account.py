"""Users and roles: what changes them. Lists, items, history and export are those of every resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app

from shopdb import access
from shopdb.api.collection import PREFIX, etag_of, to_json
from shopdb.api.request import expected_version, item_id, json_object
from shopdb.db import Database
from shopdb.resources.rows import Item
from shopdb.services import account, role
from shopdb.services.account_item import read_item


def install(app: Flask) -> None:
    """Route what changes users and roles."""
    views = (
        ("users", "POST", "", create_user, "add"),
        ("users", "PATCH", "/<id>", change_user, "change"),
        ("users", "DELETE", "/<id>", delete_user, "delete"),
        ("users", "POST", "/<id>/sign-out", sign_out_user, "change"),
        ("roles", "POST", "", create_role, "add"),
        ("roles", "PATCH", "/<id>", change_role, "change"),
        ("roles", "DELETE", "/<id>", delete_role, "delete"),
        ("roles", "GET", "/permissions", list_permissions, "view"),
    )
    for resource, method, tail, view, verb in views:
        endpoint = f"api.{resource}.{view.__name__}"
        app.add_url_rule(f"{PREFIX}/{resource}{tail}", endpoint, view, methods=[method])
        access.allow(app, {endpoint: f"core.{resource}.{verb}"})


def create_user() -> Response:
    """``POST /users``."""
    values = json_object()
    account.check_may_change(access.get_principal(), values)
    with _database().write() as session:
        item = account.create_user(session, values, actor=access.current_actor("api"))
    return _answer(item, 201, {"Location": f"{PREFIX}/users/{item['id']}"})


def change_user(id: str) -> Response:
    """``PATCH /users/{id}``."""
    user_id, changes = item_id(id), json_object()
    with _database().write() as session:
        user = read_item(session, "users", user_id)
        account.check_may_change(access.get_principal(), changes, user=user)
        item = account.update_user(
            session,
            user_id,
            changes,
            actor=access.current_actor("api"),
            version=expected_version(user_id),
        )
    return _answer(item)


def delete_user(id: str) -> Response:
    """``DELETE /users/{id}``."""
    user_id = item_id(id)
    with _database().write() as session:
        user = read_item(session, "users", user_id)
        account.check_may_change(access.get_principal(), {}, user=user)
        version = expected_version(user_id)
        account.delete_user(session, user_id, actor=access.current_actor("api"), version=version)
    return Response(status=204)


def sign_out_user(id: str) -> Response:
    """``POST /users/{id}/sign-out``: end every sign-in of the user."""
    user_id = item_id(id)
    with _database().write() as session:
        user = read_item(session, "users", user_id)
        account.check_may_change(access.get_principal(), {}, user=user)
        account.sign_out_everywhere(session, user_id, actor=access.current_actor("api"))
    return Response(status=204)


def create_role() -> Response:
    """``POST /roles``."""
    values = json_object()
    role.check_may_grant(access.get_principal(), values)
    with _database().write() as session:
        item = role.create_role(
            session, values, actor=access.current_actor("api"), known=access.asked_permissions()
        )
    return _answer(item, 201, {"Location": f"{PREFIX}/roles/{item['id']}"})


def change_role(id: str) -> Response:
    """``PATCH /roles/{id}``."""
    role_id, changes = item_id(id), json_object()
    with _database().write() as session:
        before = read_item(session, "roles", role_id)
        role.check_may_grant(access.get_principal(), changes, role=before)
        item = role.update_role(
            session,
            role_id,
            changes,
            actor=access.current_actor("api"),
            known=access.asked_permissions(),
            version=expected_version(role_id),
        )
    return _answer(item)


def delete_role(id: str) -> Response:
    """``DELETE /roles/{id}``."""
    role_id = item_id(id)
    with _database().write() as session:
        read_item(session, "roles", role_id)
        version = expected_version(role_id)
        role.delete_role(session, role_id, actor=access.current_actor("api"), version=version)
    return Response(status=204)


def list_permissions() -> Response:
    """``GET /roles/permissions``: every permission that something asks for."""
    return to_json({"items": access.asked_permissions()})


def _answer(item: Item, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    response = to_json(item, status, headers)
    response.headers["ETag"] = etag_of(item)
    return response


def _database() -> Database:
    runtime: Any = current_app.extensions["shopdb"]
    database: Database = runtime.database
    return database
