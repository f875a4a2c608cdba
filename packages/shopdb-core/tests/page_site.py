"""A site and browsers without scripts in front of it: what tests of pages stand on."""

import re
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from shopdb.models import AssetType
from shopdb.resources.declare import Actor
from shopdb.runtime import Runtime
from shopdb.services import create_item

ACTOR = Actor(name="tester", source="cli")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """Someone who is signed in, or not yet."""

    def __init__(self, app: Flask):
        self.app = app
        self.client = app.test_client()

    def sign_in(self, username: str, password: str) -> "Browser":
        """Go in through the form."""
        fields = {"username": username, "password": password, "csrf_token": self.token("/sign-in")}
        assert self.client.post("/sign-in", data=fields).status_code == 303
        return self

    def token(self, path: str = "/") -> str:
        """The CSRF token in a page's form."""
        found = _TOKEN.search(self.client.get(path, follow_redirects=True).text)
        assert found is not None
        return found[1]

    def get(self, path: str, status: int = 200, **options: Any) -> TestResponse:
        """Open a page."""
        answer = self.client.get(path, buffered=True, **options)
        assert answer.status_code == status, answer.text
        return answer

    def send(self, path: str, fields: dict[str, Any], status: int = 303, **options: Any) -> TestResponse:
        """Send a form of a page."""
        answer = self.client.post(path, data={"csrf_token": self.token(), **fields}, **options)
        assert answer.status_code == status, answer.text
        return answer


class Site:
    """The site, with what tests put into it."""

    def __init__(self, app: Flask, runtime: Runtime):
        self.app = app
        self.runtime = runtime
        self.database = runtime.database

    def make(self, resource: str, **values: Any) -> int:
        """A new item; its id."""
        if resource == "assets":
            values.setdefault("asset_type", self.type_id("other"))
        with self.database.write() as session:
            return int(create_item(session, resource, values, actor=ACTOR)["id"])

    def type_id(self, slug: str, plugin: str | None = None) -> int:
        """The id of an asset type, made when there is none."""
        with self.database.write() as session:
            found = session.query(AssetType).filter_by(slug=slug).first()
            if found is not None:
                return found.id
            id_ = int(create_item(session, "asset-types", {"name": slug, "slug": slug}, actor=ACTOR)["id"])
            if plugin is not None:
                session.get_one(AssetType, id_).plugin = plugin
            return id_

    def read(self, resource: str, item_id: int) -> dict[str, Any]:
        """An item as it is stored now."""
        from shopdb.services import get_item

        with self.database.read() as session:
            return get_item(session, resource, item_id)

    def sign_in_with(self, *permissions: str) -> Browser:
        """Someone new with these rights alone, signed in."""
        from shopdb.services.account import create_user
        from shopdb.services.role import create_role

        name, password = f"user-{len(permissions)}", "correct horse 7"
        with self.database.write() as session:
            role = create_role(session, {"name": name, "permissions": list(permissions)}, actor=ACTOR)["id"]
            create_user(session, {"username": name, "password": password, "roles": [role]}, actor=ACTOR)
        return Browser(self.app).sign_in(name, password)

    def count_statements(self, run: Any) -> int:
        """How many SQL statements a call costs."""
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            seen.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            run()
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)
        return len(seen)
