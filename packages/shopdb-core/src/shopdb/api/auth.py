"""Signing in to the API and out again, and one's own password."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, request

from shopdb import access
from shopdb.api import account, token
from shopdb.api.collection import PREFIX, to_json
from shopdb.api.request import json_object
from shopdb.errors import ConflictError, InvalidError, NotSignedInError, PermissionDeniedError
from shopdb.resources.values import parse_string
from shopdb.runtime import Runtime
from shopdb.services.account import get_user, sign_out_everywhere, update_user
from shopdb.services.bearer import new_sign_in, write_bearer
from shopdb.services.sign_in import check_password, revoke_sign_in

MAX_USERNAME = 255
MAX_PASSWORD = 1000


def install(app: Flask) -> None:
    """Route sign-in, users, roles and tokens."""
    views = (
        ("POST", "login", log_in, access.PUBLIC),
        ("GET", "me", show_me, access.SIGNED_IN),
        ("POST", "logout", log_out, access.SIGNED_IN),
        ("POST", "password", change_password, access.SIGNED_IN),
    )
    for method, name, view, permission in views:
        app.add_url_rule(f"{PREFIX}/auth/{name}", f"api.auth.{name}", view, methods=[method])
        access.allow(app, {f"api.auth.{name}": permission})
    account.install(app)
    token.install(app)


def log_in() -> Response:
    """``POST /auth/login``: a bearer token for a username and a password."""
    given = _texts({"username": MAX_USERNAME, "password": MAX_PASSWORD})
    runtime = _runtime()
    user = check_password(runtime.database, given["username"], given["password"], address=request.remote_addr)
    lifetime_s = runtime.settings.token_lifetime_s
    sign_in = new_sign_in(user.user_id, user.key_hash, lifetime_s=lifetime_s)
    body = {
        "access_token": write_bearer(sign_in, runtime.settings.secret_key),
        "token_type": "Bearer",
        "expires_in": lifetime_s,
    }
    return to_json(body, headers={"Cache-Control": "no-store"})


def show_me() -> Response:
    """``GET /auth/me``: who the credentials belong to, and what they may do."""
    principal = access.get_principal()
    with _runtime().database.read() as session:
        user = get_user(session, principal.user_id)
    credentials = {
        "kind": "token" if principal.token_id is not None else "sign-in",
        "read_only": principal.read_only,
        "expires_at": principal.expires_at,
    }
    return to_json(user | {"permissions": sorted(principal.permissions), "credentials": credentials})


def log_out() -> Response:
    """``POST /auth/logout``: end this sign-in, or with ``{"everywhere": true}`` all of them."""
    principal = access.get_principal()
    values = json_object(optional=True)
    everywhere = values.pop("everywhere", False)
    if values or not isinstance(everywhere, bool):
        name = next(iter(values), "everywhere")[:80]
        raise InvalidError(
            f"{name}: only everywhere is taken, true or false.", errors={name: ["Is not taken."]}
        )
    if principal.jti is None or principal.expires_at is None:
        raise ConflictError(
            f"An API token is not signed out: end it with DELETE {PREFIX}/tokens/{principal.token_id}."
        )
    with _runtime().database.write() as session:
        revoke_sign_in(session, principal.jti, principal.expires_at)
        if everywhere:
            sign_out_everywhere(session, principal.user_id, actor=principal.actor("api"))
    if "Authorization" not in request.headers:
        access.end_session()
    return Response(status=204)


def change_password() -> Response:
    """``POST /auth/password``: a new password for oneself; ends every sign-in and every token."""
    principal = access.get_principal()
    if principal.token_id is not None:
        raise PermissionDeniedError("An API token does not change its user's password: sign in first.")
    given = _texts({"current_password": MAX_PASSWORD, "new_password": MAX_PASSWORD})
    database = _runtime().database
    try:
        check_password(database, principal.username, given["current_password"], address=request.remote_addr)
    except NotSignedInError:
        text = "Is not your password."
        raise InvalidError(f"current_password: {text}", errors={"current_password": [text]}) from None
    with database.write() as session:
        try:
            update_user(
                session,
                principal.user_id,
                {"password": given["new_password"]},
                actor=principal.actor("api"),
            )
        except InvalidError as error:
            raise _renamed(error, "password", "new_password") from None
    return Response(status=204)


def _renamed(error: InvalidError, old: str, new: str) -> InvalidError:
    errors: Any = error.errors
    if not isinstance(errors, dict) or old not in errors:
        return error
    return InvalidError(f"{new}: {errors[old][0]}", errors={new: errors[old]})


def _texts(limits: dict[str, int]) -> dict[str, str]:
    """Exactly these fields of the body, each a text of at most so many characters."""
    body = json_object()
    errors: dict[str, list[str]] = {}
    for name in body.keys() - limits.keys():
        errors[str(name)[:80]] = ["Is not a field here."]
    for name, limit in limits.items():
        problem = _problem_of(body.get(name), limit)
        if problem is not None:
            errors[name] = [problem]
    if errors:
        name, texts = next(iter(errors.items()))
        raise InvalidError(f"{name}: {texts[0]}", errors=errors)
    return body


def _problem_of(value: object, limit: int) -> str | None:
    if value is None or value == "":
        return "Is needed."
    if not isinstance(value, str):
        return "Expected text."
    if len(value) > limit:
        return f"Is {len(value)} characters long; at most {limit} are taken."
    try:
        parse_string(value)
    except ValueError as error:
        return str(error)
    return None


def _runtime() -> Runtime:
    runtime: Runtime = current_app.extensions["shopdb"]
    return runtime
