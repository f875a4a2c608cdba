"""The pages as people use them: by mouse, by keyboard, on a phone, in the dark."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_site import PASSWORD, Site, sign_in
from playwright.sync_api import Page, expect

from shopdb.services import list_items
from shopdb.testing import SnmpAgent
from shopdb_printers import demo
from shopdb_printers.sample import PRINTERS
from shopdb_printers.simulator import SimulatedPrinter

LONG_NAME = "Horizontal machining centre with pallet changer, line four 1"


@pytest.fixture(scope="session")
def lathe(site: Site) -> int:
    """An asset with everything that an asset can have."""
    hall = site.make("locations", name="Hall A")
    cell = site.make("locations", name="Cell 4", parent=hall)
    vendor = site.make("vendors", name="Mazak", website="https://mazak.example")
    tag = site.make("tags", name="audit-2026")
    owner = site.make("people", name="Ada Novak")
    values = {"location": cell, "vendor": vendor, "owner": owner, "tags": [tag], "notes": "By the door"}
    item = site.make("assets", name=LONG_NAME, serial_number="SN-LONG-1", **values)
    other = site.make("assets", name="PC 7")
    site.make("relationships", source=other, kind="controls", target=item)
    site.change("assets", item, notes="By the window")
    return item


@pytest.fixture(scope="session")
def printer(site: Site) -> Iterator[int]:
    """A printer that answers, with the levels of a month behind it."""
    demo.seed(site.runtime.context_of("printers"))
    with site.runtime.database.read() as session:
        item = list_items(session, "printers", {"name": PRINTERS[0].name})[0]["id"]
    recording = SimulatedPrinter(PRINTERS[0]).recording
    with SnmpAgent({PRINTERS[0].community: recording}) as agent:
        site.change("printers", item, snmp_port=agent.port)
        yield item


def test_signing_in_leads_to_where_one_wanted_to_go(open_page: Any) -> None:
    page = open_page(known=False)
    page.goto("/assets?sort=-name")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.get_by_label("Username").input_value() == "admin"
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/assets?sort=-name")


def test_signing_out_ends_it(open_page: Any) -> None:
    page = open_page(known=False)
    sign_in(page)
    page.get_by_label("Account: admin").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/assets")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_slash_goes_to_the_search_box_and_finds(page: Page, lathe: int) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("SN-LONG")
    page.keyboard.press("Enter")
    page.wait_for_url("**/assets?q=SN-LONG")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_finding_in_a_list_changes_it_and_its_address_at_once(page: Page, lathe: int) -> None:
    page.goto("/assets")
    page.get_by_label("Find in assets").fill("pallet")
    page.wait_for_url("**/assets?q=pallet")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#total")).to_have_text("1")


def test_a_row_opens_on_click_and_acts_by_its_menu(page: Page, lathe: int) -> None:
    page.goto("/assets?q=pallet")
    page.locator("tbody tr td").nth(2).click()
    page.wait_for_url(f"**/assets/{lathe}")
    page.go_back()
    page.get_by_label(f"Actions for {LONG_NAME}").click()
    page.locator("tbody").get_by_role("link", name="Edit").click()
    page.wait_for_url(f"**/assets/{lathe}/edit")


def test_a_filter_is_chosen_in_the_menu_and_removed_at_its_chip(page: Page, lathe: int) -> None:
    page.goto("/assets")
    page.get_by_text("Filter", exact=True).click()
    page.locator("summary", has_text="Location").click()
    page.get_by_label("Hall A / Cell 4").check()
    page.get_by_role("button", name="Show").first.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Remove the filter Location: Cell 4").click()
    page.wait_for_url("**/assets")


def test_a_new_asset_is_made_with_the_keyboard(page: Page, lathe: int) -> None:
    page.goto("/assets/new")
    page.get_by_label("Name").fill("Press 12")
    kind = page.get_by_role("combobox", name="Asset type")
    kind.focus()
    kind.press_sequentially("oth")
    expect(page.get_by_role("option", name="Other")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    place = page.get_by_role("combobox", name="Location")
    place.press_sequentially("cell 4")
    page.get_by_role("option", name="Hall A / Cell 4").click()
    page.get_by_role("button", name="Add asset").click()
    expect(page.get_by_role("heading", name="Press 12")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Press 12 was added.")).to_be_visible()
    expect(page.get_by_role("link", name="Cell 4")).to_be_visible()


def test_an_error_stands_beside_its_field_which_has_the_focus(page: Page, lathe: int) -> None:
    page.goto("/assets/new")
    page.get_by_label("Name").fill("Twin")
    page.get_by_label("Serial number").fill("sn-long-1")
    page.get_by_role("combobox", name="Asset type").fill("other")
    page.get_by_role("option", name="Other").click()
    page.get_by_role("button", name="Add asset").click()
    expect(page.get_by_label("Serial number")).to_be_focused()
    expect(page.locator("#serial_number-error-1")).to_contain_text("belongs to item")
    assert page.get_by_label("Name").input_value() == "Twin"


def test_an_edit_is_saved_and_told_in_the_history(site: Site, page: Page) -> None:
    item = site.make("assets", name="Mill 3")
    page.goto(f"/assets/{item}")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Name").fill("Mill 4")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Mill 4")).to_be_visible()
    page.goto(f"/assets/{item}/history")
    expect(page.locator(".change").first).to_contain_text("Mill 3")


def test_two_versions_are_shown_and_one_decides(site: Site, page: Page) -> None:
    item = site.make("assets", name="Saw", serial_number="SAW-1")
    page.goto(f"/assets/{item}/edit")
    page.get_by_label("Name").fill("My saw")
    site.change("assets", item, name="Their saw", serial_number="SAW-2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Two versions of Their saw")).to_be_visible()
    page.get_by_label("My saw").check()
    page.get_by_role("button", name="Save these").click()
    expect(page.get_by_role("heading", name="My saw")).to_be_visible()
    expect(page.get_by_text("SAW-2")).to_be_visible()


def test_what_was_typed_is_back_after_the_session_ended(open_page: Any, site: Site) -> None:
    item = site.make("assets", name="Drill")
    page = open_page(known=False)
    sign_in(page)
    page.goto(f"/assets/{item}/edit")
    page.get_by_label("Name").fill("Drill with a long story")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/assets/{item}/edit")
    assert page.get_by_label("Name").input_value() == "Drill with a long story"
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Drill with a long story")).to_be_visible()
    page.goto(f"/assets/{item}/edit")
    expect(page.get_by_text("What you had typed here before is back.")).to_be_hidden()


def test_an_item_is_deleted_after_asking(site: Site, page: Page) -> None:
    item = site.make("vendors", name="Gone Ltd")
    page.goto(f"/vendors/{item}")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete vendor").click()
    expect(page.get_by_role("status").filter(has_text="Gone Ltd was deleted.")).to_be_visible()


def test_ticked_rows_are_counted_and_deleted_together(site: Site, page: Page) -> None:
    for number in range(2):
        site.make("people", name=f"Temp {number}")
    page.goto("/people?q=Temp")
    page.get_by_label("Select all rows of this page").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete 2 people").click()
    expect(page.get_by_role("status").filter(has_text="2 people deleted.")).to_be_visible()


def test_a_printer_is_polled_and_shows_its_levels_over_time(page: Page, printer: int) -> None:
    page.goto(f"/printers/{printer}")
    page.get_by_role("button", name="Poll now").click()
    expect(page.get_by_text("Poll now: finished.")).to_be_visible()
    expect(page.get_by_role("region", name="Now")).to_contain_text("Color LaserJet")
    expect(page.get_by_role("img", name="Yellow toner")).to_be_visible()
    expect(page.locator(".uplot canvas").first).to_be_visible()
    page.locator("summary", has_text="As a table").click()
    expect(page.get_by_role("region", name="Supply levels over time as a table")).to_contain_text(
        "Black toner"
    )


def test_a_printer_that_is_off_says_so_and_when_it_last_answered(site: Site, page: Page) -> None:
    item = site.make("printers", name="Off", host="127.0.0.1", snmp_port=9)
    page.goto(f"/printers/{item}")
    page.get_by_role("button", name="Poll now").click()
    expect(page.get_by_role("region", name="Now")).to_contain_text("Not answering", timeout=30_000)
    expect(page.get_by_role("region", name="Now")).to_contain_text("It has never answered")


def test_the_chart_draws_what_the_levels_say(page: Page, printer: int) -> None:
    levels = {
        "series": [
            {"label": "Black toner", "color": "black", "points": [[1764000000, 80], [1764086400, None]]}
        ]
    }
    page.route("**/levels-of-a-test", lambda route: route.fulfill(json=levels))
    page.goto(f"/printers/{printer}")
    page.evaluate(
        """async () => {
          const place = document.createElement("div");
          place.dataset.levelsUrl = "/levels-of-a-test";
          document.querySelector(".main-column").prepend(place);
          const script = document.createElement("script");
          script.src = document.querySelector('script[src*="levels.js"]').src + "&again";
          document.head.append(script);
        }"""
    )
    expect(page.locator(".uplot canvas").first).to_be_visible()
    page.locator("summary", has_text="As a table").first.click()
    expect(page.locator(".chart-table").first).to_contain_text("80 %")
    expect(page.locator(".chart-table").first).to_contain_text("unknown")


def test_the_plugins_page_tells_states(page: Page) -> None:
    page.goto("/plugins")
    expect(page.locator(".panel", has_text="printers 1.0.0")).to_contain_text("Active")
    page.get_by_role("main").get_by_role("link", name="Printers").click()
    expect(page.get_by_role("heading", name="What it brings")).to_be_visible()


def test_the_dark_theme_is_chosen_at_once_and_stays(open_page: Any) -> None:
    page = open_page()
    page.goto("/")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    page.get_by_label("Account: admin").click()
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_the_system_decides_until_someone_chooses(open_page: Any) -> None:
    page = open_page(dark=True)
    page.goto("/")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_times_are_told_in_the_zone_of_the_reader(page: Page, lathe: int) -> None:
    page.goto(f"/assets/{lathe}")
    expect(page.locator("time[data-moment]").last).to_contain_text("GMT+")


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
