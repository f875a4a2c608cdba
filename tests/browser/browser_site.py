"""A served site, and the way into it: what browser tests stand on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from shopdb.app import create_app
from shopdb.models import AssetType
from shopdb.resources.declare import Actor
from shopdb.runtime import Runtime
from shopdb.services import create_item, update_item

PASSWORD = "correct horse 7"
LONG_NAME = "Horizontal machining centre with pallet changer, line four 1"
ACTOR = Actor(name="tester", source="cli")


@dataclass
class Site:
    """A site that answers at ``url``."""

    url: str
    runtime: Runtime
    app: Flask

    def make(self, resource: str, **values: Any) -> int:
        """A new item; its id."""
        with self.runtime.database.write() as session:
            if resource == "assets" and "asset_type" not in values:
                values["asset_type"] = session.query(AssetType).filter_by(slug="other").one().id
            return int(create_item(session, resource, values, actor=ACTOR)["id"])

    def change(self, resource: str, item_id: int, **values: Any) -> None:
        """Change an item behind the browser's back."""
        with self.runtime.database.write() as session:
            update_item(session, resource, item_id, values, actor=ACTOR)


@contextmanager
def serve(runtime: Runtime) -> Iterator[Site]:
    """The site on a free port, served by threads of this process until the end of the block."""
    app = create_app(runtime)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.port}", runtime, app)
    server.shutdown()
    thread.join()
    server.server_close()
    runtime.database.dispose()


def sign_in(page: Page) -> None:
    """Go in through the form."""
    page.goto("/sign-in")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
