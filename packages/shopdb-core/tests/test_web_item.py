"""The page of one item, its history, and its end."""

from page_site import ACTOR, Browser, Site

from shopdb.services import update_item


def test_identity_stands_first_and_references_link_both_ways(page_site: Site, admin: Browser) -> None:
    place = page_site.make("locations", name="Cell 4")
    item = page_site.make("assets", name="Lathe", asset_tag="T-1", location=place)
    text = admin.get(f"/assets/{item}").text
    head = text.split('class="identity"')[1].split('class="columns"')[0]
    assert "<h1>Lathe</h1>" in head
    assert "T-1" in head
    assert f'href="/locations/{place}"' in head
    assert "tone-good" in head
    back = admin.get(f"/locations/{place}").text
    assert f'href="/assets?location={place}"' in back


def test_a_relation_reads_from_both_sides(page_site: Site, admin: Browser) -> None:
    pc, lathe = page_site.make("assets", name="PC 7"), page_site.make("assets", name="Lathe")
    page_site.make("relationships", source=pc, kind="controls", target=lathe)
    assert f'controls</span> <a href="/assets/{lathe}">Lathe</a>' in admin.get(f"/assets/{pc}").text
    assert f'is controlled by</span> <a href="/assets/{pc}">PC 7</a>' in admin.get(f"/assets/{lathe}").text


def test_an_asset_whose_plugin_is_gone_is_marked_and_still_edited_and_deleted(
    page_site: Site, admin: Browser
) -> None:
    kind = page_site.type_id("acme-scale", plugin="scales")
    item = page_site.make("assets", name="Scale 1", asset_type=kind)
    assert "The plugin scales is not loaded" in admin.get(f"/assets/{item}").text
    assert "Its plugin is not loaded" in admin.get("/assets").text
    admin.send(f"/assets/{item}/edit", {"name": "Scale 2", "version": "1"})
    admin.send(f"/assets/{item}/delete", {"version": "2"})
    admin.get(f"/assets/{item}", status=404)


def test_an_item_that_is_not_there_is_a_404_in_the_frame(admin: Browser) -> None:
    for path in ("/assets/999", "/assets/99999999999", "/assets/0", "/nothing"):
        text = admin.get(path, status=404).text
        assert "There is nothing here" in text
        assert 'id="search"' in text


def test_the_history_tells_before_and_after_and_restores(page_site: Site, admin: Browser) -> None:
    item = page_site.make("assets", name="Lathe", notes="first")
    with page_site.database.write() as session:
        update_item(session, "assets", item, {"notes": "second"}, actor=ACTOR)
    text = admin.get(f"/assets/{item}/history").text
    assert '<span class="was">first</span>' in text
    assert "tester" in text
    assert "on the command line" in text
    admin.send(f"/assets/{item}/revert", {"to": "1", "version": "2"})
    assert page_site.read("assets", item)["notes"] == "first"


def test_the_history_of_a_deleted_item_stays(page_site: Site, admin: Browser) -> None:
    item = page_site.make("vendors", name="Gone Ltd")
    assert "Delete Gone Ltd?" in admin.get(f"/vendors/{item}/delete").text
    admin.send(f"/vendors/{item}/delete", {"version": "1"})
    text = admin.get(f"/vendors/{item}/history").text
    assert "History of Gone Ltd" in text
    assert "It was deleted." in text


def test_what_is_in_use_is_not_deleted_and_the_page_says_by_what(page_site: Site, admin: Browser) -> None:
    vendor = page_site.make("vendors", name="Mazak")
    page_site.make("models", name="Integrex", vendor=vendor)
    text = admin.send(f"/vendors/{vendor}/delete", {"version": "1"}, status=409).text
    assert "is still used by 1 models" in text


def test_a_stale_delete_is_refused(page_site: Site, admin: Browser) -> None:
    vendor = page_site.make("vendors", name="Mazak")
    with page_site.database.write() as session:
        update_item(session, "vendors", vendor, {"name": "Mazak Corp"}, actor=ACTOR)
    text = admin.send(f"/vendors/{vendor}/delete", {"version": "1"}, status=412).text
    assert "It was changed after you opened this page." in text


def test_an_item_page_of_an_asset_costs_few_statements(page_site: Site, admin: Browser) -> None:
    item = page_site.make("assets", name="Lathe")
    admin.get(f"/assets/{item}")
    assert page_site.count_statements(lambda: admin.get(f"/assets/{item}")) <= 7


def test_every_resource_shows_edits_and_tells_the_history_of_an_item(page_site: Site, admin: Browser) -> None:
    page_site.make("assets", name="Lathe")
    for name in ("assets", "statuses", "asset-types", "users", "roles"):
        item = page_site.make(name, name="x") if name == "tags" else 1
        for page in ("", "/edit", "/history"):
            answer = admin.client.get(f"/{name}/{item}{page}")
            assert answer.status_code in (200, 404), (name, page, answer.text)
