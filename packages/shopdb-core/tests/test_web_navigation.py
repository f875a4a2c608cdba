"""The navigation: groups that stay as they were left, and resources that are reached by their main one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from page_site import Browser, Site

from shopdb.app import create_app
from shopdb.resources.registry import Registry
from shopdb.runtime import start

PASSWORD = "correct horse 7"
UNDER = {"models": "vendors", "people": "locations", "business-units": "people"}
"""Models by way of vendors, people by way of places; business units name one that is itself below another."""


@pytest.fixture
def site(site_dir: Path) -> Iterator[Site]:
    """A site some of whose resources stand below others."""
    runtime = start(site_dir, environ={}, safe_mode=True)
    declared = [replace(c.declared, under=UNDER.get(c.name)) for c in runtime.registry]
    below = replace(runtime, registry=Registry(declared))
    yield Site(create_app(below), below)
    runtime.database.dispose()


@pytest.fixture
def admin(site: Site) -> Browser:
    """The administrator, signed in."""
    return Browser(site.app).sign_in("admin", PASSWORD)


def groups_of(text: str) -> Mapping[str, str]:
    """Group -> its markup in the navigation."""
    return dict(re.findall(r'<details class="nav-group" data-group="(\w+)"(.*?</details>)', text, re.DOTALL))


def open_groups(text: str) -> list[str]:
    """The groups whose entries show."""
    return [key for key, group in groups_of(text).items() if " open>" in group.split("<summary>")[0]]


def entries_of(text: str) -> list[str]:
    """Where the navigation leads, in order."""
    return re.findall(r'href="([^"]+)"', "".join(groups_of(text).values()))


def tabs_of(text: str) -> dict[str, bool]:
    """The tabs of a list: address -> whether it is the one shown."""
    nav = re.search(r'<nav class="tabs".*?</nav>', text, re.DOTALL)
    found = re.findall(r'<a href="([^"]+)"( aria-current="page")?>', nav[0]) if nav else []
    return {url: bool(current) for url, current in found}


def test_what_is_below_another_is_a_tab_beside_it_and_no_entry(admin: Browser) -> None:
    start_page = admin.get("/").text
    assert "/vendors" in entries_of(start_page) and "/models" not in entries_of(start_page)
    assert tabs_of(admin.get("/vendors").text) == {"/vendors": True, "/models": False}
    assert tabs_of(admin.get("/models").text) == {"/vendors": False, "/models": True}
    assert tabs_of(admin.get("/statuses").text) == {}


def test_the_main_entry_is_current_on_the_pages_below_it_and_the_way_back_leads_there(
    site: Site, admin: Browser
) -> None:
    item = site.make("models", name="VTC-300C", vendor=site.make("vendors", name="Mazak"))
    text = admin.get(f"/models/{item}").text
    assert '<a href="/vendors" aria-current="true">' in groups_of(text)["admin"]
    crumbs = re.search(r'<nav class="crumbs".*?</nav>', text, re.DOTALL)
    assert crumbs is not None
    assert re.findall(r'href="([^"]+)"', crumbs[0]) == ["/vendors", "/models"]


def test_without_the_right_to_its_main_resource_it_stands_by_itself(site: Site) -> None:
    browser = site.sign_in_with("core.models.view", "core.people.view")
    text = browser.get("/models").text
    assert entries_of(text) == ["/people", "/models"]
    assert tabs_of(text) == {}


def test_what_is_below_one_that_is_below_another_stands_by_itself(admin: Browser) -> None:
    text = admin.get("/business-units").text
    assert "/business-units" in entries_of(text) and "/people" not in entries_of(text)
    assert tabs_of(text) == {}


def test_groups_stay_as_the_browser_keeps_them_but_for_the_one_shown(admin: Browser) -> None:
    assert open_groups(admin.get("/").text) == ["assets", "places"]
    assert open_groups(admin.get("/users").text) == ["assets", "places", "admin"]
    admin.client.set_cookie("shopdb_nav", "assets.places")
    assert open_groups(admin.get("/").text) == ["admin"]
    assert open_groups(admin.get("/people").text) == ["places", "admin"]
    admin.client.set_cookie("shopdb_nav", "-")
    assert open_groups(admin.get("/").text) == ["assets", "places", "admin"]
