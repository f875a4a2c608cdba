"""Who may reach what: one check before each request, deny by default.

Each endpoint stands in a map, endpoint -> permission, that is filled at registration. An endpoint that is
missing there answers 403. `PUBLIC` and `SIGNED_IN` are the two words beside permissions.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy.exc import SQLAlchemyError

from shopdb.db import Database
from shopdb.errors import NotSignedInError, PermissionDeniedError, ShopDBError
from shopdb.resources.declare import Actor
from shopdb.services.bearer import MAX_LENGTH, new_sign_in, read_bearer
from shopdb.services.principal import (
    Principal,
    PrincipalCache,
    SignIn,
    find_principal_of_sign_in,
    find_principal_of_token,
    hash_credential,
)
from shopdb.services.token import PREFIX, USED_EVERY, note_use

if TYPE_CHECKING:
    from shopdb.runtime import Runtime

PUBLIC = "public"
SIGNED_IN = "signed-in"
SIGN_IN_PATH = "/sign-in"
API = "/api/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_SESSION = timedelta(days=7)
"""A browser is asked for the password after so long, however busy it was."""

_log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Check every request of the app. The app's extension ``shopdb`` is its runtime."""
    runtime: Runtime = app.extensions["shopdb"]
    settings = runtime.settings
    app.extensions.setdefault("shopdb_permissions", {})
    app.extensions["shopdb_access"] = _Access(runtime.database, settings.secret_key)
    site = hashlib.sha256(f"cookie:{settings.secret_key}".encode()).hexdigest()[:8]
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME=f"shopdb_{site}",  # browsers share cookies between the ports of one host
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.session_cookie_secure,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=settings.session_lifetime_s),
        WTF_CSRF_FIELD_NAME="csrf_token",
        WTF_CSRF_HEADERS=["X-CSRFToken", "X-CSRF-Token"],
        WTF_CSRF_METHODS={"POST", "PUT", "PATCH", "DELETE"},
        WTF_CSRF_SSL_STRICT=True,
        WTF_CSRF_TIME_LIMIT=None,  # as long as its session
    )
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.before_request(_check_request)
    app.after_request(_finish_response)


def allow(app: Flask, permissions: Mapping[str, str]) -> None:
    """Say what endpoints need.

    Args:
        permissions: Endpoint -> permission, `PUBLIC`, or `SIGNED_IN` for whoever has an account.

    Raises:
        ValueError: an endpoint needs something else already.
    """
    known: dict[str, str] = app.extensions.setdefault("shopdb_permissions", {})
    for endpoint, permission in permissions.items():
        if known.setdefault(endpoint, permission) != permission:
            raise ValueError(f"Endpoint {endpoint!r} needs {known[endpoint]!r} already, not {permission!r}.")


def asked_permissions() -> list[str]:
    """Every permission of core's and the plugins' resources, actions, views and search sources, sorted."""
    runtime: Runtime = current_app.extensions["shopdb"]
    asked = set(current_app.extensions["shopdb_permissions"].values()) - {PUBLIC, SIGNED_IN}
    searched = {source.permission for _, source in runtime.plugins.search_sources()}
    return sorted(asked | searched | set(runtime.registry.permissions()))


def current_principal() -> Principal | None:
    """Who is signed in; on a public endpoint also None."""
    if "shopdb_principal" not in g:
        try:
            g.shopdb_principal = _access().authenticate()
        except (NotSignedInError, PermissionDeniedError):
            g.shopdb_principal = None
    return cast("Principal | None", g.shopdb_principal)


def get_principal() -> Principal:
    """Who is signed in.

    Raises:
        NotSignedInError: nobody is.
    """
    principal = current_principal()
    if principal is None:
        raise NotSignedInError("Sign in first.")
    return principal


def current_actor(source: str) -> Actor:
    """Who makes the request, as the change record names them; see `Actor` for ``source``."""
    return get_principal().actor(source)


def begin_session(user_id: int, key_hash: str) -> None:
    """Sign the browser in, in a session that has nothing in common with the one before."""
    longest = max(LONGEST_SESSION, cast(timedelta, current_app.config["PERMANENT_SESSION_LIFETIME"]))
    sign_in = new_sign_in(user_id, key_hash, lifetime_s=int(longest.total_seconds()))
    end_session()
    session.permanent = True
    session["sign_in"] = [user_id, key_hash, sign_in.jti, int(sign_in.expires_at.timestamp())]


def end_session() -> None:
    """Forget everything that the browser's session says."""
    session.clear()
    for name in ("csrf_token", "shopdb_principal"):
        g.pop(name, None)


def safe_next(text: str | None) -> str:
    """Where to go after signing in: a path of this site, or the start page."""
    if not text or len(text) > 2000 or not text.isprintable() or "\\" in text or text[:2] == "//":
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or text[:1] != "/":
        return "/"
    return "/" if parts.path in (SIGN_IN_PATH, "/sign-out") else text


class _Access:
    """What checking needs, once for each app."""

    def __init__(self, database: Database, secret_key: str):
        self.database = database
        self.secret_key = secret_key
        self.principals = PrincipalCache(database)
        self._noted: dict[int, float] = {}
        self._lock = threading.Lock()

    def authenticate(self) -> Principal:
        """Who the credentials of the request belong to.

        Raises:
            NotSignedInError: there are none, or they don't hold.
            PermissionDeniedError: a browser's request to change something without its CSRF token.
        """
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._of_bearer(text.strip())
        principal = self._of_session()
        if request.method not in SAFE_METHODS:
            check_csrf()
        return principal

    def _of_bearer(self, text: str) -> Principal:
        if len(text) > MAX_LENGTH:
            raise NotSignedInError("The bearer token is too long to be one of this site's.")
        hashed = hash_credential(text)
        if text.startswith(PREFIX):
            return self.principals.get(("token", hashed), lambda s: find_principal_of_token(s, hashed))
        return self.principals.get(
            ("jwt", hashed), lambda s: find_principal_of_sign_in(s, read_bearer(text, self.secret_key))
        )

    def _of_session(self) -> Principal:
        sign_in = _sign_in_of_session()
        if sign_in is None:
            raise NotSignedInError("Sign in first, or send Authorization: Bearer with a token.")
        key = ("session", sign_in.user_id, sign_in.key_hash, sign_in.jti)
        try:
            return self.principals.get(key, lambda s: find_principal_of_sign_in(s, sign_in))
        except NotSignedInError:
            session.pop("sign_in", None)
            raise

    def note_use(self, token_id: int) -> None:
        """Keep that a token was used, at most once a minute; called when the answer is out."""
        now = time.monotonic()
        with self._lock:
            if now - self._noted.get(token_id, -1e9) < USED_EVERY.total_seconds():
                return
            self._noted[token_id] = now
        try:
            with self.database.write() as db_session:
                note_use(db_session, token_id)
        except (ShopDBError, SQLAlchemyError) as error:
            _log.warning("The use of API token %d was not kept: %s", token_id, error)


def _access() -> _Access:
    return cast(_Access, current_app.extensions["shopdb_access"])


def _check_request() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None:  # nothing is there: 404 or 405 follows
        return None
    permission = current_app.extensions["shopdb_permissions"].get(endpoint)
    if permission is None:
        raise PermissionDeniedError(f"Nobody was given the right to {request.method} {request.path}.")
    is_change = request.method not in SAFE_METHODS
    if permission == PUBLIC:
        if is_change and not _is_api():
            check_csrf()
        return None
    try:
        principal = _access().authenticate()
    except NotSignedInError:
        if _is_api():
            raise
        return _to_sign_in()
    g.shopdb_principal = principal
    if is_change and principal.read_only:
        raise PermissionDeniedError("This API token only reads: use one that is not read-only.")
    if permission != SIGNED_IN and not principal.may(permission):
        raise PermissionDeniedError(
            f"You lack the permission {permission}: ask an administrator for a role that has it."
        )
    return None


def csrf_token() -> str:
    """The token that a form of this session sends along; templates call it."""
    from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]  # ships no types

    return cast(str, generate_csrf())


def check_csrf() -> None:
    """Refuse a form or script of another site. The API needs none of it, and never imports WTForms.

    Raises:
        PermissionDeniedError: the request has not this session's CSRF token.
    """
    from flask_wtf.csrf import CSRFError, CSRFProtect

    try:
        CSRFProtect().protect()
    except CSRFError as error:
        raise PermissionDeniedError(
            f"{error.description} Load the page again and send it once more; scripts send X-CSRFToken."
        ) from None


def _sign_in_of_session() -> SignIn | None:
    match session.get("sign_in"):
        case [int(user_id), str(key_hash), str(jti), int(expires)]:
            return SignIn(user_id, key_hash, jti, datetime.fromtimestamp(expires, UTC))
    return None


def _to_sign_in() -> Response:
    here = request.full_path.rstrip("?") if request.method in SAFE_METHODS else _referring_path()
    address = f"{SIGN_IN_PATH}?{urlencode({'next': safe_next(here)})}"
    if request.headers.get("HX-Request") == "true":  # htmx would follow a redirect into the fragment
        return Response(status=401, headers={"HX-Redirect": address})
    return Response(status=302, headers={"Location": address})


def _referring_path() -> str:
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _finish_response(response: Response) -> Response:
    principal: Principal | None = g.get("shopdb_principal")
    if principal is None:
        return response
    headers: Any = response.headers
    response.vary.update(("Authorization", "Cookie"))
    headers.setdefault("Cache-Control", "private, no-cache" if _is_api() else "no-store")
    if principal.token_id is not None:
        access, token_id = _access(), principal.token_id
        response.call_on_close(lambda: access.note_use(token_id))
    return response


def _is_api() -> bool:
    return request.path.startswith(API)


__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "Principal",
    "allow",
    "asked_permissions",
    "begin_session",
    "check_csrf",
    "csrf_token",
    "current_actor",
    "current_principal",
    "end_session",
    "get_principal",
    "install",
    "safe_next",
]
