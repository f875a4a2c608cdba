"""The page of one's own account: password, API tokens, sign-ins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask, Response, current_app, flash, redirect, render_template, request

from shopdb import access, clock
from shopdb.db import Database
from shopdb.errors import (
    InvalidError,
    NotFoundError,
    NotSignedInError,
    PermissionDeniedError,
    RequestError,
    TooManyRequestsError,
)
from shopdb.services import token
from shopdb.services.account import get_user, sign_out_everywhere, update_user
from shopdb.services.account_item import read_item
from shopdb.services.sign_in import check_password, hash_of_session_key

SEE_OTHER = 303
LIFETIMES = {"30": "30 days", "90": "90 days", "365": "1 year", "": "No end"}
"""Days that a new token works -> what the form says."""


def install(app: Flask) -> None:
    """Route ``/account``."""
    views = (
        ("GET", "", show),
        ("POST", "/password", change_password),
        ("POST", "/tokens", add_token),
        ("POST", "/tokens/<int:token_id>/revoke", revoke_token),
        ("POST", "/sign-out-everywhere", sign_out_all),
    )
    for method, tail, view in views:
        endpoint = f"account.{view.__name__}"
        app.add_url_rule(f"/account{tail}", endpoint, view, methods=[method])
        access.allow(app, {endpoint: access.SIGNED_IN})


def show() -> Response:
    """Who one is here, and one's tokens."""
    return _page()


def change_password() -> Any:
    """Take a new password. Every other sign-in and every token ends; this browser stays signed in."""
    principal, form = _person(), request.form
    try:
        new = _new_password(form)
        check_password(
            _database(),
            principal.username,
            form.get("current_password", "")[:1000],
            address=request.remote_addr,
        )
        with _database().write() as session:
            actor = principal.actor("ui")
            update_user(session, principal.user_id, {"password": new}, actor=actor)
            key_hash = hash_of_session_key(session, principal.user_id)
    except NotSignedInError:
        return _page(errors={"current_password": ["Is not your password."]}, status=422)
    except (InvalidError, TooManyRequestsError) as error:
        return _page(errors=_by_field(error, "password"), status=error.status)
    access.begin_session(principal.user_id, key_hash)
    flash("The password is changed. Every other sign-in and every API token of yours has ended.", "good")
    return redirect("/account", SEE_OTHER)


def add_token() -> Response:
    """Make a token; this answer alone shows it."""
    principal, form = _person(), request.form
    days = form.get("days", "")
    if days not in LIFETIMES:
        return _page(errors={"days": ["Choose one of those offered."]}, status=422)
    values = {
        "name": form.get("name", ""),
        "read_only": form.get("read_only") is not None,
        "expires_at": clock.now() + timedelta(days=int(days)) if days else None,
    }
    try:
        with _database().write() as session:
            _, secret = token.create_token(session, principal.user_id, values, actor=principal.actor("ui"))
    except RequestError as error:
        return _page(errors=_by_field(error, "name"), status=error.status)
    return _page(secret=secret, status=201)


def revoke_token(token_id: int) -> Any:
    """End one of one's own tokens."""
    principal = access.get_principal()
    with _database().write() as session:
        item = read_item(session, "tokens", token_id)
        if item["user"]["id"] != principal.user_id:
            raise NotFoundError(f"There is no API token with id {token_id}.")
        token.revoke_token(session, token_id, actor=principal.actor("ui"))
    flash(f"The token {item['name']} is revoked.", "good")
    return redirect("/account", SEE_OTHER)


def sign_out_all() -> Any:
    """End every sign-in of the person, this one too."""
    principal = access.get_principal()
    with _database().write() as session:
        sign_out_everywhere(session, principal.user_id, actor=principal.actor("ui"))
    access.end_session()
    return redirect(access.SIGN_IN_PATH, SEE_OTHER)


def _person() -> access.Principal:
    """Who signed in here; a script with a token has the API for this."""
    principal = access.get_principal()
    if principal.token_id is not None:
        raise PermissionDeniedError("An API token does not change its user's account: sign in first.")
    return principal


def _new_password(form: Mapping[str, str]) -> str:
    new = form.get("new_password", "")
    if new != form.get("repeated_password", ""):
        text = "The two are not the same: type the new password again."
        raise InvalidError(text, errors={"repeated_password": [text]})
    return new


def _by_field(error: RequestError, field: str) -> Mapping[str, Any]:
    return error.errors if isinstance(error.errors, Mapping) else {field: [str(error)]}


def _page(
    *, errors: Mapping[str, Any] | None = None, secret: str | None = None, status: int = 200
) -> Response:
    principal = access.get_principal()
    with _database().read() as session:
        user = get_user(session, principal.user_id)
        tokens = token.list_tokens(session, user_id=principal.user_id)
    page = render_template(
        "account.html",
        user=user,
        tokens=tokens,
        now=clock.now(),
        errors=errors or {},
        secret=secret,
        lifetimes=LIFETIMES,
        typed=request.form if errors else {},
    )
    return Response(page, status, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _database() -> Database:
    database: Database = current_app.extensions["shopdb"].database
    return database
