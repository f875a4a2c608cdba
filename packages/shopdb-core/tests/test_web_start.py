"""The start page's cards and the banners of every page: core's, and what plugins add."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from page_site import Browser, Site

from shopdb import clock
from shopdb.app import create_app
from shopdb.plugins import Card, CardLine, Notice, Panel, Viewer
from shopdb.plugins.hooks import Implementation
from shopdb.plugins.plugin_set import LoadedPlugin, PluginSet
from shopdb.runtime import start

PASSWORD = "correct horse 7"


@pytest.fixture
def site_with(site_dir: Path) -> Iterator[Callable[..., Site]]:
    """Start the site with a plugin made of these functions, each named like the hook that it implements."""
    runtime = start(site_dir, environ={}, safe_mode=True)

    def make(*functions: Callable[..., Any]) -> Site:
        implementations = {
            f.__name__: Implementation("extra", f, tuple(inspect.signature(f).parameters)) for f in functions
        }
        extra = LoadedPlugin(
            name="extra",
            title="Extra",
            dist=None,
            version="1",
            source="wheel",
            package_dir=site_dir,
            module=None,
            implementations=implementations,
        )
        plugins = PluginSet([*runtime.plugins.plugins, extra])
        whole = replace(runtime, plugins=plugins)
        return Site(create_app(whole), whole)

    yield make
    runtime.database.dispose()


def card(title: str = "Late", permission: str = "core.assets.view", lines: int = 1) -> Card:
    """A card with so many lines."""
    made = [CardLine(text=f"Thing <{n}>", url=f"/assets/{n}", note="since noon") for n in range(lines)]
    return Card(title=title, permission=permission, lines=made, count=40, url="/assets")


def as_admin(site: Site) -> Browser:
    """The administrator, signed in."""
    return Browser(site.app).sign_in("admin", PASSWORD)


def test_what_is_broken_and_whose_warranty_ends_stands_on_the_start_page(
    page_site: Site, admin: Browser
) -> None:
    assert "Nothing, as far as is known here." in admin.get("/").text
    with page_site.database.read() as session:
        from shopdb.services import list_items

        repair = next(s["id"] for s in list_items(session, "statuses") if s["name"] == "In repair")
    soon = clock.now().date().isoformat()
    page_site.make("assets", name="Mill 3", status=repair)
    page_site.make("assets", name="Lathe 9", warranty_end=soon)

    text = admin.get("/").text

    assert "Out of order" in text and "Mill 3" in text and "In repair" in text
    assert "Warranty ends soon" in text and "Lathe 9" in text and soon in text
    listed = text.split('aria-label="All of: Out of order"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Mill 3" in admin.get(listed.replace("&amp;", "&")).text


def test_a_plugins_card_is_shown_to_those_who_may_see_it(site_with: Callable[..., Site]) -> None:
    seen: list[Viewer] = []

    def shopdb_add_cards(viewer: Viewer) -> list[Card]:
        seen.append(viewer)
        return [card(lines=12), card("Empty", lines=0)]

    site = site_with(shopdb_add_cards)
    text = as_admin(site).get("/").text

    assert "Late" in text and "40" in text and "since noon" in text
    assert "Thing &lt;4&gt;" in text and "Thing &lt;5&gt;" not in text and "35 more" in text
    assert "Empty" not in text
    assert seen[0].name == "admin"


def test_a_card_without_the_right_to_it_is_left_out(site_with: Callable[..., Site]) -> None:
    from page_site import ACTOR

    from shopdb.services.account import create_user
    from shopdb.services.role import get_role_id

    def shopdb_add_cards() -> list[Card]:
        return [card("Secret", "core.users.view"), card("Open")]

    site = site_with(shopdb_add_cards)
    with site.database.write() as session:
        role = get_role_id(session, "Viewer")
        values = {"username": "vera", "password": PASSWORD, "roles": [role]}
        create_user(session, values, actor=ACTOR)

    text = Browser(site.app).sign_in("vera", PASSWORD).get("/").text

    assert "Open" in text and "Secret" not in text


def test_a_notice_knows_whose_page_it_is_on_and_stands_before_the_rest(
    site_with: Callable[..., Site],
) -> None:
    asked: list[tuple[str | None, Any]] = []

    def shopdb_add_notices(resource: str | None, item: dict[str, Any] | None) -> list[Notice]:
        asked.append((resource, item and item["id"]))
        mild = Notice(text="The hall is painted <today>.", button="Got it", post_to="/extra/1/seen")
        until = datetime(2031, 5, 4, 12, tzinfo=UTC)
        return [
            mild,
            Notice(text="Power goes at noon.", title="Outage.", tone="danger", url="/x", until=until),
        ]

    site = site_with(shopdb_add_notices)
    number = site.make("assets", name="Mill 3")
    admin = as_admin(site)
    asked.clear()

    for path in ("/", "/assets", f"/assets/{number}"):
        text = admin.get(path).text
        assert text.index("Outage.") < text.index("The hall is painted &lt;today&gt;.")
        assert 'action="/extra/1/seen"' in text and 'href="/x"' in text
        assert 'datetime="2031-05-04T12:00:00+00:00"' in text

    assert asked == [(None, None), ("assets", None), ("assets", number)]


def test_cards_and_notices_that_fail_are_left_out_and_counted(site_with: Callable[..., Site]) -> None:
    def shopdb_add_cards() -> list[Card]:
        raise SystemExit

    def shopdb_add_notices() -> list[Any]:
        return ["no notice"]

    site = site_with(shopdb_add_cards, shopdb_add_notices)
    admin = as_admin(site)
    site.runtime.plugins.failures.clear()

    assert "Plant 7" in admin.get("/").text
    assert site.runtime.plugins.failures == {"extra": 2}


def test_a_panel_with_a_permission_is_hidden_from_those_who_lack_it(site_with: Callable[..., Site]) -> None:
    drawn: list[str] = []

    def shopdb_add_panels(resource: str) -> list[Panel]:
        drawn.append(resource)
        return [
            Panel(title="Mine", template="parts.html", permission="extra.things.view"),
            Panel(title="Theirs", template="parts.html"),
        ]

    site = site_with(shopdb_add_panels)
    number = site.make("assets", name="Mill 3")
    from page_site import ACTOR

    from shopdb.services.account import create_user
    from shopdb.services.role import create_role

    with site.database.write() as session:
        role = create_role(session, {"name": "Assets", "permissions": ["core.assets.view"]}, actor=ACTOR)
        values = {"username": "vera", "password": PASSWORD, "roles": [role["id"]]}
        create_user(session, values, actor=ACTOR)

    text = Browser(site.app).sign_in("vera", PASSWORD).get(f"/assets/{number}").text

    assert drawn == ["assets"]
    assert 'aria-label="Theirs"' in text and 'aria-label="Mine"' not in text
