"""A whole site with plugins, in this process: what a plugin's tests stand on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopdb.resources.declare import Actor
from shopdb.testing.database import copy_database, create_database, drop_database

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy import URL
    from werkzeug.test import TestResponse

    from shopdb.runtime import Runtime

ADMIN, PASSWORD = "admin", "a long enough password"


@dataclass(frozen=True)
class SiteTemplate:
    """A made site that nobody runs; sites under test begin as copies of it."""

    folder: Path
    url: URL


def make_template(folder: Path, plugins: Sequence[str], engine: str) -> SiteTemplate:
    """Make a site with plugins, to be copied.

    Raises:
        NoServerError: no server of the engine answers.
        AssertionError: a plugin can't be installed; says why.
    """
    from shopdb.new_site import create_site

    url = create_database(engine, folder)
    environ = _environ(url)
    create_site(folder / "site", name="test", password=PASSWORD, environ=environ)
    if plugins:
        _install(folder / "site", plugins, environ)
    return SiteTemplate(folder / "site", url)


def _environ(url: URL) -> dict[str, str]:
    return {"SHOPDB_DATABASE_URL": url.render_as_string(hide_password=False)}


def _install(folder: Path, plugins: Sequence[str], environ: dict[str, str]) -> None:
    from shopdb.db import Database
    from shopdb.plugins.lifecycle import Site, install
    from shopdb.settings import load_settings

    settings = load_settings(folder, environ)
    database = Database(settings.database_url)
    try:
        outcomes = install(Site(site_dir=folder, settings=settings, database=database), plugins)
    finally:
        database.dispose()
    problems = [str(problem.message) for outcome in outcomes for problem in outcome.problems]
    if problems:
        raise AssertionError(f"{', '.join(plugins)} can't be installed: {' '.join(problems)}")


class SiteUnderTest:
    """A site with some plugins installed and its web application, on a database of its own.

    The fixture ``shopdb_site`` makes them::

        def test_a_scale_is_added(shopdb_site):
            site = shopdb_site("scales")
            assert site.post("scales", {"name": "Bench scale"}).status_code == 201

    Attributes:
        runtime: The started site.
        app: Its web application.
        actor: Who tests write as.
    """

    def __init__(self, template: SiteTemplate, folder: Path, *, environ: dict[str, str] | None = None):
        from shopdb.app import create_app
        from shopdb.runtime import start

        self.folder = Path(shutil.copytree(template.folder, folder / "site"))
        self.url = copy_database(template.url, folder)
        self.environ = {**_environ(self.url), **(environ or {})}
        self.runtime: Runtime = start(self.folder, environ=self.environ)
        self.app: Flask = create_app(self.runtime)
        self.actor = Actor(name="tester", source="cli")
        self._token: str | None = None

    def client(self) -> FlaskClient:
        """A caller who is not signed in, with cookies of its own."""
        return self.app.test_client()

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Ask the API as the administrator. ``path`` is below ``/api/v1/``."""
        if self._token is None:
            answer = self.client().post("/api/v1/auth/login", json={"username": ADMIN, "password": PASSWORD})
            self._token = str(answer.get_json()["access_token"])
        headers = {"Authorization": f"Bearer {self._token}", **options.pop("headers", {})}
        return self.client().open(f"/api/v1/{path}", method=method, headers=headers, **options)

    def get(self, path: str) -> TestResponse:
        """``GET``."""
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> TestResponse:
        """``POST`` a JSON body."""
        return self.call("POST", path, json={} if body is None else body)

    def patch(self, path: str, body: Any) -> TestResponse:
        """``PATCH`` with the version that the item has now."""
        return self.call("PATCH", path, json=body, headers={"If-Match": self._etag(path)})

    def delete(self, path: str) -> TestResponse:
        """``DELETE`` with the version that the item has now."""
        return self.call("DELETE", path, headers={"If-Match": self._etag(path)})

    def _etag(self, path: str) -> str:
        return self.get(path).headers.get("ETag", '"0-0"')

    def signed_in(self) -> FlaskClient:
        """A browser's client, signed in as the administrator on the pages."""
        client = self.client()
        page = client.get("/sign-in").get_data(as_text=True)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        form = {"username": ADMIN, "password": PASSWORD, "csrf_token": found[1] if found else ""}
        answer = client.post("/sign-in", data=form)
        assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:400]
        return client

    def close(self) -> None:
        """Close and drop the database."""
        self.runtime.database.dispose()
        drop_database(self.url)
