"""A site with accounts and the API in front of it, without plugins: what tests of access stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import DictLoader
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from shopdb import access
from shopdb.api import auth, collection, problem
from shopdb.app import configure
from shopdb.core_plugin import shopdb_register_resources
from shopdb.db import Database
from shopdb.models import CoreBase, User
from shopdb.plugins.plugin_set import PluginSet
from shopdb.resources.declare import Actor
from shopdb.resources.registry import Registry
from shopdb.runtime import Runtime
from shopdb.services.account import create_user
from shopdb.services.password import hash_password
from shopdb.services.role import get_role_id, seed_roles
from shopdb.settings import load_settings
from shopdb.web import account, sign_in

ACTOR = Actor(name="tester", source="cli")
SECRET_KEY = "a secret key of the tests, 32 characters and more"
PASSWORD = "correct horse battery"
NAMES = {"admin": None, "editor": "Editor", "viewer": "Viewer", "nobody": None}
"""The users of the site and their roles; ``admin`` is an administrator."""

TEMPLATES = {
    "sign_in.html": "{{ error or '' }}|{{ next }}|{{ username }}|{{ csrf_token() }}",
    "account.html": "{{ user.username }}|{{ errors }}|{{ secret or '' }}|{{ csrf_token() }}",
}


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


@dataclass
class Site:
    """The started site."""

    app: Flask
    database: Database
    ids: dict[str, int] = field(default_factory=dict)

    def client(self) -> FlaskClient:
        """A caller with a cookie jar of its own."""
        return self.app.test_client()

    def sign_in(self, username: str, password: str = PASSWORD) -> dict[str, str]:
        """Headers that sign a user in with a fresh JWT."""
        answer = self.log_in(username, password)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}

    def log_in(self, username: str, password: str = PASSWORD, **options: Any) -> TestResponse:
        """The answer to ``POST /auth/login``."""
        body = {"username": username, "password": password}
        return self.client().post("/api/v1/auth/login", json=body, **options)

    def browse(self, username: str) -> FlaskClient:
        """A browser that signed in through the form."""
        browser = self.client()
        answer = browser.post(
            "/sign-in", data={"username": username, "password": PASSWORD, "csrf_token": csrf_token(browser)}
        )
        assert answer.status_code == 303, answer.text
        return browser

    def me(self, headers: Mapping[str, str]) -> int:
        """The status that ``GET /auth/me`` answers."""
        return self.client().get("/api/v1/auth/me", headers=headers).status_code


def csrf_token(browser: FlaskClient, page: str = "/sign-in") -> str:
    """The CSRF token in a page's form."""
    return browser.get(page).text.rsplit("|", 1)[1]


def open_account_site(database: Database, folder: Path, environ: Mapping[str, str] | None = None) -> Site:
    """Start a site on an empty database."""
    CoreBase.metadata.create_all(database.engine)
    (folder / "shopdb.toml").write_text("")
    settings = load_settings(folder, {"SHOPDB_SECRET_KEY": SECRET_KEY, **(environ or {})})
    registry = Registry(shopdb_register_resources())
    database.info["registry"] = registry
    runtime = Runtime(folder, settings, database, PluginSet((), ()), registry)
    return Site(_new_app(runtime), database, _add_users(database))


def _new_app(runtime: Runtime) -> Flask:
    app = Flask("shopdb", static_folder=None, template_folder=None)
    app.jinja_loader = DictLoader(TEMPLATES)
    app.extensions["shopdb_error_page"] = lambda error: (
        str(error),
        getattr(error, "status", None) or getattr(error, "code", 500),
    )
    configure(app, runtime)
    problem.install(app)
    access.install(app)
    auth.install(app)
    collection.install(app, runtime)
    sign_in.install(app)
    account.install(app)
    return app


def _add_users(database: Database) -> dict[str, int]:
    with database.write() as session:
        seed_roles(session, actor=ACTOR)
        for name, role in NAMES.items():
            roles = [get_role_id(session, role)] if role else []
            values = {"username": name, "is_admin": name == "admin", "roles": roles}
            create_user(session, values, actor=ACTOR)
        session.connection().execute(update(User).values(password_hash=_password_hash()))
        rows = session.connection().execute(select(User.username, User.id)).all()
    return {row.username: row.id for row in rows}
