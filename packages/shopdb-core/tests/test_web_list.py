"""The list page: what it shows, how it is filtered, sorted and paged, all by its address."""

import re

from page_site import Browser, Site


def test_a_list_tells_its_title_and_how_many_there_are(page_site: Site, admin: Browser) -> None:
    for number in range(3):
        page_site.make("assets", name=f"Lathe {number}")
    text = admin.get("/assets").text
    assert '<span class="count" id="total">3</span>' in text
    assert "1–3 of 3" in text


def test_an_empty_list_says_what_belongs_there_and_how_to_begin(admin: Browser) -> None:
    text = admin.get("/vendors").text
    assert "No vendors yet" in text
    assert "Manufacturers and suppliers." in text
    assert 'href="/vendors/new"' in text


def test_a_filter_stands_in_the_address_and_shows_as_a_chip_that_takes_it_away(
    page_site: Site, admin: Browser
) -> None:
    place = page_site.make("locations", name="Cell 4")
    page_site.make("assets", name="Lathe", location=place)
    page_site.make("assets", name="Mill")
    text = admin.get(f"/assets?location__in={place}").text
    assert "Lathe" in text
    assert "Mill" not in text
    assert "Location: Cell 4" in text
    assert 'href="/assets" aria-label="Remove the filter Location: Cell 4"' in text


def test_ticks_of_one_filter_become_one_parameter_and_empty_inputs_none(admin: Browser) -> None:
    answer = admin.get("/assets?status__in=1&status__in=2&name__contains=&q=", status=302)
    assert answer.location == "/assets?status__in=1%2C2"


def test_a_day_stands_for_its_first_and_its_last_moment(admin: Browser) -> None:
    answer = admin.get("/assets?created_at__gte=2026-03-01&created_at__lte=2026-03-31", status=302)
    assert "created_at__gte=2026-03-01T00%3A00%3A00Z" in answer.location
    assert "created_at__lte=2026-03-31T23%3A59%3A59.999999Z" in answer.location


def test_an_address_with_a_filter_that_means_nothing_shows_all_and_says_why(
    page_site: Site, admin: Browser
) -> None:
    page_site.make("assets", name="Lathe")
    text = admin.get("/assets?colour=red").text
    assert "Lathe" in text
    assert "colour is not a parameter of assets." in text


def test_columns_are_chosen_and_remembered(page_site: Site, admin: Browser) -> None:
    page_site.make("assets", name="Lathe", serial_number="SN-1", notes="By the door")
    answer = admin.send("/assets/columns", {"column": ["name", "notes"], "query": "sort=name"})
    assert answer.location == "/assets?sort=name"
    text = admin.get("/assets").text
    assert "By the door" in text
    assert "SN-1" not in text
    admin.send("/assets/columns", {"reset": "1"})
    assert "SN-1" in admin.get("/assets").text


def test_a_sorted_column_says_so_and_its_link_turns_the_order(page_site: Site, admin: Browser) -> None:
    page_site.make("assets", name="Lathe")
    text = admin.get("/assets?sort=name").text
    assert 'aria-sort="ascending"' in text
    assert 'href="/assets?sort=-name"' in text


def test_pages_follow_by_cursor_and_tell_where_they_are(page_site: Site, admin: Browser) -> None:
    for number in range(5):
        page_site.make("assets", name=f"Lathe {number}")
    first = admin.get("/assets?limit=2").text
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = admin.get(following).text
    assert "1–2 of 5" in first
    assert "3–4 of 5" in second
    assert "Lathe 2" in second
    assert 'rel="first"' in second


def test_what_people_typed_is_text_and_never_markup(page_site: Site, admin: Browser) -> None:
    page_site.make("assets", name="<script>alert(1)</script>", serial_number='"><b>')
    text = admin.get("/assets").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&#34;&gt;&lt;b&gt;" in text


def test_htmx_gets_the_table_alone(page_site: Site, admin: Browser) -> None:
    page_site.make("assets", name="Lathe")
    text = admin.get("/assets?q=lathe", headers={"HX-Request": "true"}).text
    assert text.startswith('<div id="list">')
    assert "<html" not in text


def test_someone_who_may_only_see_is_offered_nothing_else(page_site: Site, viewer: Browser) -> None:
    page_site.make("assets", name="Lathe")
    text = viewer.get("/assets").text
    assert "Lathe" in text
    for offer in ("New asset", "Import a sheet", 'name="item"', "Delete…"):
        assert offer not in text
    assert "You lack the permission core.assets.add" in viewer.get("/assets/new", status=403).text


def test_a_reference_links_to_what_it_names(page_site: Site, admin: Browser) -> None:
    vendor = page_site.make("vendors", name="Mazak")
    page_site.make("models", name="Integrex", vendor=vendor)
    assert f'<a href="/vendors/{vendor}">Mazak</a>' in admin.get("/models").text


def test_every_resource_has_a_list_that_opens(page_site: Site, admin: Browser) -> None:
    page_site.make("assets", name="Lathe")
    for compiled in page_site.runtime.registry:
        admin.get(f"/{compiled.name}")


def test_a_list_costs_four_statements(page_site: Site, admin: Browser) -> None:
    page_site.make("assets", name="Lathe")
    admin.get("/assets")
    assert page_site.count_statements(lambda: admin.get("/assets")) <= 4


def test_choices_are_found_by_any_word_and_keep_what_is_ticked(page_site: Site, admin: Browser) -> None:
    hall = page_site.make("locations", name="Hall A")
    page_site.make("locations", name="Cell 4", parent=hall)
    other = page_site.make("locations", name="Yard")
    found = admin.get("/locations/choices?q=cell+hall").get_json()
    assert [each["name"] for each in found["items"]] == ["Hall A / Cell 4"]
    ticks = admin.get(f"/locations/choices?name=location__in&q=cell&ticked={other}").text
    assert f'value="{other}" checked' in ticks


def test_a_percent_sign_in_a_search_is_only_itself(page_site: Site, admin: Browser) -> None:
    page_site.make("locations", name="Cell 4")
    assert admin.get("/locations/choices?q=%25").get_json()["items"] == []


def test_a_phone_shows_of_a_row_its_name_its_state_and_two_columns(page_site: Site, admin: Browser) -> None:
    page_site.make("assets", name="Lathe", serial_number="SN-1", notes="By the door")
    text = admin.get("/assets").text
    cells = re.findall(r'<td( class="[^"]*")? data-label="([^"]+)">', text)
    kept = [label for classes, label in cells if not re.search("desk-only|is-none", classes)]
    assert kept == ["Asset tag", "Asset type", "Status"]
    assert "Serial number" in [label for _, label in cells]


def test_a_reference_is_a_link_for_those_alone_who_may_see_what_it_leads_to(page_site: Site) -> None:
    place = page_site.make("locations", name="Cell 4")
    item = page_site.make("assets", name="Lathe", location=place)
    link, status = f'href="/locations/{place}"', "tone-"
    for rights, leads in ((["core.assets.view"], False), (["core.assets.view", "core.locations.view"], True)):
        browser = page_site.sign_in_with(*rights)
        for path in ("/assets", f"/assets/{item}"):
            text = browser.get(path).text
            assert "Cell 4" in text and status in text
            assert (link in text) is leads, path
