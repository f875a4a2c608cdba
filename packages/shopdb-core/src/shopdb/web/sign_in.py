"""Signing in to the pages, and out again."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, redirect, render_template, request

from shopdb import access
from shopdb.db import Database
from shopdb.errors import InvalidError, NotSignedInError, RequestError, TooManyRequestsError
from shopdb.resources.values import parse_string
from shopdb.services.sign_in import check_password, revoke_sign_in

SEE_OTHER = 303
MAX_LENGTH = {"username": 255, "password": 1000}


def install(app: Flask) -> None:
    """Route ``/sign-in`` and ``/sign-out``."""
    app.add_url_rule("/sign-in", "sign_in.show", show, methods=["GET"])
    app.add_url_rule("/sign-in", "sign_in.submit", submit, methods=["POST"])
    app.add_url_rule("/sign-out", "sign_in.sign_out", sign_out, methods=["POST"])
    access.allow(
        app,
        {
            "sign_in.show": access.PUBLIC,
            "sign_in.submit": access.PUBLIC,
            "sign_in.sign_out": access.SIGNED_IN,
        },
    )


def show() -> Any:
    """The form; whoever is signed in already goes on."""
    following = access.safe_next(request.args.get("next"))
    if access.current_principal() is not None:
        return redirect(following, SEE_OTHER)
    return _form(following)


def submit() -> Any:
    """Sign in, in a new session, and go on to where the person was."""
    following = access.safe_next(request.form.get("next"))
    username = request.form.get("username", "")
    try:
        user = check_password(_database(), _text("username"), _text("password"), address=request.remote_addr)
    except (NotSignedInError, InvalidError, TooManyRequestsError) as error:
        return _form(following, username=username, error=error)
    access.begin_session(user.user_id, user.key_hash)
    return redirect(following, SEE_OTHER)


def sign_out() -> Any:
    """End this sign-in, also for whoever has a copy of its cookie."""
    principal = access.get_principal()
    if principal.jti is not None and principal.expires_at is not None:
        with _database().write() as db_session:
            revoke_sign_in(db_session, principal.jti, principal.expires_at)
    access.end_session()
    return redirect(access.SIGN_IN_PATH, SEE_OTHER)


def _form(following: str, *, username: str = "", error: RequestError | None = None) -> Response:
    page = render_template("sign_in.html", next=following, username=username[:80], error=error and str(error))
    response = Response(page, 200 if error is None else error.status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Cookie")
    if isinstance(error, TooManyRequestsError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _text(name: str) -> str:
    value = request.form.get(name, "")
    label = name.capitalize()
    if not value:
        raise InvalidError(f"{label} is needed.")
    if len(value) > MAX_LENGTH[name]:
        raise InvalidError(f"{label} is longer than any is.")
    try:
        text = parse_string(value)
    except ValueError as error:
        raise InvalidError(f"{label} {error}") from None
    # Phones add a space behind a completed word; a username has none.
    return text.strip() if name == "username" else text


def _database() -> Database:
    database: Database = current_app.extensions["shopdb"].database
    return database
