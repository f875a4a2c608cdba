"""The pages for everyone: on a phone, in the dark, by touch, to a screen reader."""

import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_site import Site
from playwright.sync_api import Page, expect
from werkzeug.routing import Rule

from shopdb.resources.compiled import CompiledResource
from shopdb.services import list_items

PATHS = (
    "/",
    "/assets",
    "/assets?q=none-of-these",
    "/assets/{lathe}",
    "/assets/{lathe}/edit",
    "/assets/{lathe}/history",
    "/assets/{lathe}/delete",
    "/assets/new",
    "/assets/sheet",
    "/printers",
    "/printers/{printer}",
    "/usb/devices",
    "/plugins",
    "/plugins/printers",
    "/account",
    "/nothing-here",
)

PLUGINS = ("core", *sorted(entry.name for entry in entry_points(group="shopdb.plugins")))
OF_THE_SITE = ("/", "/search", "/search?q=mill&all=1", "/search?q=nothing-like-this", "/plugins", "/account")
ALIKE = frozenset({"history", "delete", "sheet", "new"})
"""Pages that differ from resource to resource in their words alone, ``new`` from ``edit``: one of each for a plugin."""
LOOKED_THROUGH = "100"
"""Among so many items is one looked for that an action is for."""
OF_AN_ITEM = re.compile(r"/(\d+|new|sheet)\b")
LOOK = """async (whole) => {
  const where = whole ? document : document.querySelector("main") ?? document;
  document.querySelectorAll("details.fold").forEach((fold) => { fold.open = true; });
  const grave = async (theme, options) => (await axe.run(where, { resultTypes: ["violations"], ...options })).violations
    .filter((found) => ["serious", "critical"].includes(found.impact))
    .flatMap((found) => found.nodes.slice(0, 3).map((node) => `${theme} ${found.id}: ${node.target} ${node.failureSummary.slice(0, 200)}`));
  const light = await grave("light", {});
  window.shopdbTheme?.("dark");
  return [...light, ...await grave("dark", { runOnly: ["color-contrast"] })];
}"""
"""What axe finds that keeps people out, in the light; and in the dark of what a theme can change.

Lists are looked at whole, pages of items without the frame, which is the same round all of them.
"""


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_page_of_every_plugin_is_for_everyone(demo_site: Site, demo_page: Page, plugin: str) -> None:
    faults = {}
    for path in _paths_of(demo_site, plugin):
        answer = demo_page.goto(path)
        assert answer is not None and answer.status == 200, path
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        demo_page.evaluate(Axe().axe_script)
        faults[path] = demo_page.evaluate(LOOK, not OF_AN_ITEM.search(path))
        demo_page.set_viewport_size({"width": 390, "height": 844})
        if demo_page.evaluate("document.documentElement.scrollWidth") > 390:
            faults[path] += ["scrolls sideways on a phone"]
        demo_page.set_viewport_size({"width": 1440, "height": 900})
    assert len(faults) > 2
    assert {path: found for path, found in faults.items() if found} == {}


@pytest.mark.parametrize("path", PATHS)
def test_no_page_scrolls_sideways_on_a_phone(open_page: Any, lathe: int, printer: int, path: str) -> None:
    page = open_page(width=390)
    page.goto(path.format(lathe=lathe, printer=printer))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_no_serious_violation(
    open_page: Any, lathe: int, printer: int, path: str, dark: bool
) -> None:
    page = open_page(dark=dark)
    page.goto(path.format(lathe=lathe, printer=printer))
    assert _serious(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_serious_violation_at_the_door(open_page: Any, dark: bool) -> None:
    page = open_page(known=False, dark=dark)
    page.goto("/sign-in")
    assert _serious(page) == []


def test_axe_finds_no_serious_violation_on_a_phone_with_the_navigation_open(
    open_page: Any, lathe: int
) -> None:
    page = open_page(width=390)
    page.goto("/assets")
    page.get_by_label("Navigation").click()
    expect(page.get_by_role("link", name="Locations")).to_be_visible()
    assert _serious(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Locations")).to_be_hidden()


def test_targets_are_large_enough_for_gloves_on_touch(open_page: Any, lathe: int) -> None:
    page = open_page(width=390)
    page.goto("/assets")
    small = page.evaluate(
        """() => [...document.querySelectorAll("main .btn, .icon-button, main summary, main input:not([type=hidden])")]
          .filter((e) => e.offsetParent && !e.matches(".tick-box, .visually-hidden"))
          .filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert small == []


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary'][:200]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]


def _paths_of(site: Site, plugin: str) -> Iterator[str]:
    """The address of every kind of page that the plugin brings, with an item for those that are of one."""
    yield from OF_THE_SITE if plugin == "core" else [f"/plugins/{plugin}"]
    seen: set[str] = set()
    rules = sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.endpoint)
    for compiled in (each for each in site.runtime.registry if each.declared.plugin == plugin):
        for rule in rules:
            page = rule.endpoint.removeprefix(f"pages.{compiled.name}.")
            if not _is_page_of(rule, compiled, plugin) or page in seen & ALIKE:
                continue
            path = _filled(site, compiled, rule, page)
            if path is not None:
                seen.add(page)
                yield path


def _is_page_of(rule: Rule, compiled: CompiledResource, plugin: str) -> bool:
    """Whether the rule is of a page of the resource; of the plugin's own pages, those below its address."""
    if "GET" not in (rule.methods or ()) or rule.endpoint.endswith(".choices"):
        return False
    own = rule.endpoint.startswith(f"{plugin}.") and rule.arguments <= {"item_id"}
    return rule.endpoint.startswith(f"pages.{compiled.name}.") or (
        own and rule.rule.startswith((f"/{compiled.name}/", f"/{plugin}/"))
    )


def _filled(site: Site, compiled: CompiledResource, rule: Rule, page: str) -> str | None:
    """The rule's address, with an item that the page is for; None where there is none, or nothing is asked."""
    action = next((a for a in compiled.declared.actions if f"do_{a.name}" == page), None)
    if action is not None and not action.fields:
        return None
    if "item_id" not in rule.arguments:
        return rule.rule
    with site.runtime.database.read() as session:
        items = list_items(session, compiled.name, {"limit": LOOKED_THROUGH})
    shown_when = action.shown_when if action is not None else None
    item = next((each for each in items if shown_when is None or shown_when(each)), None)
    return None if item is None else rule.rule.replace("<int(max=2147483647):item_id>", str(item["id"]))
