"""Forms: what they take, what they say, and that nothing typed is lost."""

import pytest
from page_site import ACTOR, Browser, Site

from shopdb.services import update_item


def test_a_new_item_is_made_and_shown(page_site: Site, admin: Browser) -> None:
    other = page_site.type_id("other")
    answer = admin.send("/assets/new", {"name": "Lathe", "asset_type": str(other), "notes": "one\r\ntwo"})
    item = page_site.read("assets", int(answer.location.rsplit("/", 1)[1]))
    assert item["name"] == "Lathe"
    assert item["notes"] == "one\ntwo"
    assert "Lathe was added." in admin.get(answer.location).text


def test_the_change_record_says_that_it_was_done_on_a_page(page_site: Site, admin: Browser) -> None:
    answer = admin.send("/vendors/new", {"name": "Mazak"})
    text = admin.get(f"{answer.location}/history").text
    assert "admin" in text
    assert "on a page" in text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    page_site: Site, admin: Browser
) -> None:
    page_site.make("assets", name="First", serial_number="SN-1")
    other = str(page_site.type_id("other"))
    fields = {"name": "Second", "serial_number": "sn-1", "asset_type": other, "warranty_end": "soon"}
    text = admin.send("/assets/new", fields, status=422).text
    assert "&#39;soon&#39; is not a date" in text
    assert 'value="Second"' in text
    text = admin.send("/assets/new", fields | {"warranty_end": ""}, status=409).text
    assert "belongs to item" in text
    assert 'aria-describedby="serial_number-help serial_number-error-1"' in text
    assert 'value="sn-1"' in text


def test_a_needed_field_that_is_empty_is_named(admin: Browser) -> None:
    assert "Name is needed." in admin.send("/vendors/new", {"name": " "}, status=422).text


def test_the_address_fills_fields_in(page_site: Site, admin: Browser) -> None:
    source = page_site.make("assets", name="Lathe")
    text = admin.get(f"/relationships/new?source={source}").text
    assert f'<option value="{source}" selected>Lathe' in text


def test_a_new_asset_begins_with_the_default_status(page_site: Site, admin: Browser) -> None:
    text = admin.get("/assets/new").text
    assert " selected>" in text.split('name="status"')[1].split("</select>")[0]


def test_only_what_changed_is_written_and_what_the_form_did_not_show_stays(
    page_site: Site, admin: Browser
) -> None:
    item = page_site.make("assets", name="Lathe", notes="kept", warranty_end="2027-01-01")
    admin.send(f"/assets/{item}/edit", {"name": "Lathe 2", "version": "1"})
    stored = page_site.read("assets", item)
    assert (stored["name"], stored["notes"], stored["version"]) == ("Lathe 2", "kept", 2)


def test_an_emptied_field_is_emptied(page_site: Site, admin: Browser) -> None:
    item = page_site.make("assets", name="Lathe", notes="old")
    admin.send(f"/assets/{item}/edit", {"notes": "", "version": "1"})
    assert page_site.read("assets", item)["notes"] is None


def test_an_unticked_box_means_no_when_the_form_showed_it(page_site: Site, admin: Browser) -> None:
    status = page_site.make("statuses", name="Lent", is_default=True)
    admin.send(f"/statuses/{status}/edit", {"_present": "is_default", "version": "1"})
    assert page_site.read("statuses", status)["is_default"] is False


def test_tags_are_set_and_taken_away(page_site: Site, admin: Browser) -> None:
    tags = [page_site.make("tags", name=name) for name in ("audit", "leased")]
    item = page_site.make("assets", name="Lathe", tags=tags)
    admin.send(f"/assets/{item}/edit", {"_present": "tags", "tags": [str(tags[1])], "version": "1"})
    assert [tag["name"] for tag in page_site.read("assets", item)["tags"]] == ["leased"]


@pytest.fixture
def stale(page_site: Site) -> int:
    """An asset that someone else changed after the form was opened at version 1."""
    item = page_site.make("assets", name="Lathe", serial_number="SN-1", notes="old")
    with page_site.database.write() as session:
        update_item(session, "assets", item, {"name": "Theirs", "notes": "theirs"}, actor=ACTOR)
    return item


def test_a_stale_edit_shows_both_versions_and_writes_nothing(
    page_site: Site, admin: Browser, stale: int
) -> None:
    fields = {"name": "Mine", "serial_number": "SN-1", "notes": "old", "version": "1"}
    text = admin.send(f"/assets/{stale}/edit", fields, status=412).text
    assert 'name="name" value="Theirs" required>' in text
    assert 'name="name" value="Mine" required>' in text
    assert "tester saved it" in text
    assert page_site.read("assets", stale)["name"] == "Theirs"


def test_a_stale_edit_asks_nothing_about_what_only_the_other_changed(admin: Browser, stale: int) -> None:
    fields = {"serial_number": "SN-2", "notes": "old", "version": "1"}
    text = admin.send(f"/assets/{stale}/edit", fields, status=412).text
    assert 'name="serial_number" value="SN-2" required checked>' in text
    assert 'name="notes"' not in text


def test_the_choice_between_versions_is_saved(page_site: Site, admin: Browser, stale: int) -> None:
    admin.send(f"/assets/{stale}/edit", {"name": "Mine", "version": "2"})
    stored = page_site.read("assets", stale)
    assert (stored["name"], stored["notes"]) == ("Mine", "theirs")


def test_after_saving_one_goes_back_only_within_the_site(page_site: Site, admin: Browser) -> None:
    answer = admin.send("/vendors/new", {"name": "A", "back": "/start"})
    assert answer.location == "/start"
    for number, wrong in enumerate(("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere")):
        answer = admin.send("/vendors/new", {"name": f"B{number}", "back": wrong})
        assert answer.location.startswith("/vendors/")


def test_a_form_without_its_token_changes_nothing(page_site: Site, admin: Browser) -> None:
    answer = admin.client.post("/vendors/new", data={"name": "Forged"})
    assert answer.status_code == 403
    assert "Forged" not in admin.get("/vendors").text


def test_the_ticked_rows_are_changed_together(page_site: Site, admin: Browser) -> None:
    place = page_site.make("locations", name="Cell 4")
    items = [page_site.make("assets", name=f"Lathe {n}") for n in range(2)]
    ticked = [f"{item}:1" for item in items]
    asked = admin.send("/assets/bulk", {"do": "edit", "item": ticked}, status=200).text
    assert "Edit 2 assets" in asked
    fields = {"do": "edit", "item": ticked, "confirmed": "1", "location": str(place), "back": "/assets?q=x"}
    assert admin.send("/assets/bulk", fields).location == "/assets?q=x"
    assert all(page_site.read("assets", item)["location"]["id"] == place for item in items)


def test_ticked_rows_are_deleted_all_or_none(page_site: Site, admin: Browser) -> None:
    place = page_site.make("locations", name="Used")
    free = page_site.make("locations", name="Free")
    page_site.make("assets", name="Lathe", location=place)
    fields = {"do": "delete", "item": [f"{free}:1", f"{place}:1"], "confirmed": "1"}
    assert "is still used by 1 assets" in admin.send("/locations/bulk", fields, status=409).text
    assert page_site.read("locations", free)["name"] == "Free"


def test_a_viewer_cannot_change_ticked_rows(page_site: Site, viewer: Browser) -> None:
    item = page_site.make("assets", name="Lathe")
    viewer.send("/assets/bulk", {"do": "delete", "item": [f"{item}:1"], "confirmed": "1"}, status=403)
    assert page_site.read("assets", item)["name"] == "Lathe"


def test_the_sites_own_fields_are_asked_for_kept_and_shown(page_site: Site, admin: Browser) -> None:
    page_site.make("custom-fields", name="cost_centre", title="Cost centre")
    page_site.make("custom-fields", name="checked_on", title="Checked on", kind="date")
    page_site.make("custom-fields", name="grade", title="Grade", kind="choice", options="A\nB")
    other = str(page_site.type_id("other"))
    own = {"custom_fields.cost_centre": "4711", "custom_fields.checked_on": "2026-03-31"}
    answer = admin.send("/assets/new", {"name": "Lathe", "asset_type": other, **own})
    id_ = int(answer.location.rsplit("/", 1)[1])
    assert page_site.read("assets", id_)["custom_fields"] == {
        "cost_centre": "4711",
        "checked_on": "2026-03-31",
    }
    page = admin.get(f"/assets/{id_}").text
    assert "Cost centre" in page and "4711" in page and "Grade" not in page
    form = admin.get(f"/assets/{id_}/edit").text
    assert 'value="2026-03-31"' in form and "<option" in form
    changed = {"version": "1", "custom_fields.cost_centre": "", "custom_fields.grade": "B"}
    admin.send(f"/assets/{id_}/edit", changed)
    assert page_site.read("assets", id_)["custom_fields"] == {"checked_on": "2026-03-31", "grade": "B"}
    wrong = admin.send(
        "/assets/new", {"asset_type": other, "custom_fields.checked_on": "soon"}, status=422
    ).text
    assert "&#39;soon&#39; is not a date" in wrong
