"""The pages as people use them: by mouse, by keyboard, after a lost session."""

from typing import Any

from browser_site import LONG_NAME, PASSWORD, Site, sign_in
from playwright.sync_api import Page, expect


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


def test_a_group_of_the_navigation_stays_folded_until_it_is_opened_or_shown(page: Page) -> None:
    page.goto("/")
    navigation = page.get_by_role("navigation", name="Main")
    people = navigation.get_by_role("link", name="People")
    navigation.locator("summary", has_text="Places").focus()
    page.keyboard.press("Enter")
    expect(people).to_be_hidden()
    page.goto("/assets")
    expect(people).to_be_hidden()
    page.goto("/locations")
    expect(people).to_be_visible()
    page.goto("/assets")
    navigation.locator("summary", has_text="Places").click()
    page.reload()
    expect(people).to_be_visible()


def test_what_belongs_to_something_is_two_clicks_away(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="USB devices").click()
    tabs = page.get_by_role("navigation", name="What belongs together")
    tabs.get_by_role("link", name="USB check-outs").click()
    expect(page.get_by_role("heading", level=1, name="USB check-outs")).to_be_visible()


def test_slash_goes_to_the_search_box_and_finds(page: Page, lathe: int) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("SN-LONG")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=SN-LONG")
    expect(page.get_by_role("region", name="Assets").get_by_role("link", name=LONG_NAME)).to_be_visible()


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


def test_a_form_shows_what_goes_with_what_was_chosen(page: Page) -> None:
    page.goto("/printers/new")
    page.locator("details.fold summary").click()
    community, user = page.get_by_label("SNMP community"), page.get_by_label("SNMP v3 user")
    signature, cipher = page.locator("#snmp_auth_protocol"), page.locator("#snmp_priv_protocol")
    expect(community).to_be_visible()
    expect(user).to_be_hidden()
    page.get_by_label("SNMP version").select_option("3")
    expect(community).to_be_hidden()
    expect(user).to_be_visible()
    expect(signature).to_be_hidden()
    page.get_by_label("SNMP v3 protection").select_option("authNoPriv")
    expect(signature).to_be_visible()
    expect(cipher).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Press")
    page.get_by_role("button", name="Add printer").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(3)
    expect(signature).to_be_visible()
    page.locator("details.fold summary").click()
    page.get_by_label("SNMP version").select_option("2c")
    expect(community).to_be_visible()
