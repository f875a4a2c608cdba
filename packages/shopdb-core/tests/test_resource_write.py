"""Creating, changing and deleting items through the one write path, on each engine."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from resource_site import ACTOR, SCALES, open_site
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from shopdb.core_plugin import shopdb_register_resources
from shopdb.db import Database
from shopdb.errors import InUseError, InvalidError, NotFoundError, StaleVersionError, TakenError
from shopdb.models import AssetType, ChangeRecord, Event
from shopdb.resources.bulk import BulkError, apply_bulk
from shopdb.resources.declare import Written
from shopdb.resources.history import list_history, revert_item
from shopdb.resources.registry import Registry
from shopdb.services import create_item, delete_item, get_item, update_item


@pytest.fixture
def site(database: Database) -> Database:
    """Core's and a plugin's resources on each engine."""
    return open_site(database)


@pytest.fixture
def make(site: Database) -> Callable[..., dict[str, Any]]:
    """Create an item in a transaction of its own."""

    def create(resource: str, **values: Any) -> dict[str, Any]:
        if resource == "assets":
            values.setdefault("asset_type", 1)
        with site.write() as session:
            return create_item(session, resource, values, actor=ACTOR)

    return create


@pytest.fixture
def change(site: Database) -> Callable[..., dict[str, Any]]:
    """Update an item in a transaction of its own."""

    def update(resource: str, id_: int, version: int | None = None, **values: Any) -> dict[str, Any]:
        with site.write() as session:
            return update_item(session, resource, id_, values, actor=ACTOR, version=version)

    return update


def test_an_asset_without_a_tag_gets_the_next_number(make: Any) -> None:
    assert [make("assets")["asset_tag"] for _ in range(2)] == ["A-00001", "A-00002"]


def test_the_counter_stays_clear_of_tags_typed_by_hand(make: Any, change: Any) -> None:
    make("assets", asset_tag="a-00007")
    assert make("assets")["asset_tag"] == "A-00008"
    change("assets", 1, asset_tag="A-00020")
    assert make("assets")["asset_tag"] == "A-00021"


def test_a_new_asset_has_the_default_status_and_shows_references_by_name(make: Any) -> None:
    vendor = make("vendors", name="Mitutoyo")
    item = make("assets", vendor=vendor["id"])
    assert item["status"] == {"id": 1, "name": "In use"}
    assert item["vendor"] == {"id": vendor["id"], "name": "Mitutoyo"}


@pytest.mark.parametrize(
    ("first", "second"),
    [("X-1", "x-1"), ("Stra\u00dfe", "STRASSE"), ("caf\u00e9", "cafe\u0301"), ("X-1", " X-1 ")],
)
def test_tags_that_differ_only_in_case_or_composition_are_the_same(
    make: Any, first: str, second: str
) -> None:
    make("assets", asset_tag=first)
    with pytest.raises(TakenError, match="belongs to item 1 already") as caught:
        make("assets", asset_tag=second)
    assert set(caught.value.errors or ()) == {"asset_tag"}


def test_many_assets_may_lack_a_serial_number(make: Any) -> None:
    assert make("assets", serial_number="")["serial_number"] is None
    assert make("assets", serial_number=None)["id"] == 2


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"colour": "red"}, "colour", "not a field of assets"),
        ({"id": 5}, "id", "can't be set"),
        ({"version": 5}, "version", "can't be set"),
        ({"created_at": "2026-01-01T00:00:00Z"}, "created_at", "can't be set"),
        ({"name": "x" * 161}, "name", "161 characters long; at most 160"),
        ({"name": "a\x00b"}, "name", "NUL"),
        ({"name": "a\ud800b"}, "name", "surrogate"),
        ({"name": "two\nlines"}, "name", "control character"),
        ({"name": 5}, "name", "Expected text, got 5"),
        ({"name": True}, "name", "got true"),
        ({"status": "In use"}, "status", "Expected the id"),
        ({"status": 99}, "status", "no item 99"),
        ({"status": True}, "status", "got true"),
        ({"location": 2**63}, "location", "no item"),
        ({"location": -1}, "location", "no item"),
        ({"purchase_date": "31.3.2026"}, "purchase_date", "not a date"),
        ({"purchase_date": "2026-02-30"}, "purchase_date", "not a date"),
        ({"tags": [99]}, "tags", "Not every one"),
        ({"tags": "audit"}, "tags", "Expected a list"),
        ({"asset_type": None}, "asset_type", "can't be empty"),
    ],
)
def test_a_wrong_value_is_refused_by_name(make: Any, values: Any, field: str, message: str) -> None:
    with pytest.raises(InvalidError, match=message) as caught:
        make("assets", **values)
    assert list(caught.value.errors or ()) == [field]


def test_a_missing_required_field_is_named(make: Any) -> None:
    with pytest.raises(InvalidError, match="name: Name is needed"):
        make("vendors")


def test_text_comes_back_as_it_went_in(make: Any) -> None:
    for text in (
        "naïve 日本語 🛠",
        "\u202eright to left",
        "<script>alert(1)</script>",
        "'; DROP TABLE assets; --",
        "%_/\\",
    ):
        assert make("assets", name=text, notes=f"{text}\n\ttab")["notes"] == f"{text}\n\ttab"


def test_a_plugins_item_is_an_asset_with_its_own_columns(site: Database, make: Any) -> None:
    item = make("scales", name="Bench scale", range_kg=30, host="10.0.0.7", pin="1234")
    assert item["asset_type"] == {"id": 2, "name": "Scale"}
    assert (item["range_kg"], item["pin_set"], "pin" in item) == (30, True, False)
    with site.read() as session:
        assert get_item(session, "assets", item["id"])["name"] == "Bench scale"


def test_the_plugins_resource_sets_the_asset_type(make: Any) -> None:
    with pytest.raises(InvalidError, match="asset_type can't be set"):
        make("scales", asset_type=1)


def test_an_asset_without_the_plugins_row_is_shown_and_its_first_change_makes_the_row(
    site: Database, make: Any, change: Any
) -> None:
    bare = make("assets", asset_type=2)
    with site.read() as session:
        assert get_item(session, "scales", bare["id"])["range_kg"] is None
    assert change("scales", bare["id"], range_kg=12)["range_kg"] == 12


def test_a_change_bumps_the_version_once_for_both_tables(make: Any, change: Any) -> None:
    item = make("scales", name="a", range_kg=1)
    changed = change("scales", item["id"], name="b", range_kg=2)
    assert (changed["version"], changed["name"], changed["range_kg"]) == (2, "b", 2)


def test_a_change_that_changes_nothing_is_no_change(site: Database, make: Any, change: Any) -> None:
    item = make("assets", name="same")
    assert change("assets", item["id"], name="same")["version"] == 1
    with site.read() as session:
        assert len(list_history(session, "assets", item["id"]).items) == 1


def test_an_old_version_changes_nothing(make: Any, change: Any) -> None:
    item = make("assets", name="a")
    change("assets", item["id"], version=1, name="b")
    with pytest.raises(StaleVersionError, match="You read version 1, and it is at 2 now"):
        change("assets", item["id"], version=1, name="c")


def test_what_is_in_use_is_not_deleted_and_the_users_are_counted(site: Database, make: Any) -> None:
    place = make("locations", name="Hall 1")
    make("assets", location=place["id"])
    with (
        pytest.raises(InUseError, match="Location 'Hall 1' is still used by 1 assets"),
        site.write() as session,
    ):
        delete_item(session, "locations", place["id"], actor=ACTOR)


def test_deleting_an_asset_takes_its_plugins_rows_along(site: Database, make: Any) -> None:
    item = make("scales", range_kg=1)
    make("scales/weighings", scale=item["id"], weight_g=5)
    with site.write() as session:
        delete_item(session, "assets", item["id"], actor=ACTOR)
    with site.read() as session, pytest.raises(NotFoundError, match="no weighing with id 1"):
        get_item(session, "scales/weighings", 1)


def test_a_reference_to_a_plugins_items_takes_only_assets_of_its_type(make: Any) -> None:
    gauge = make("assets", asset_type=1)
    with pytest.raises(InvalidError, match="no item 1 in scales"):
        make("scales/weighings", scale=gauge["id"], weight_g=5)


def test_the_record_holds_the_whole_item_before_and_after_and_no_secret(
    site: Database, make: Any, change: Any
) -> None:
    item = make("scales", name="a", pin="old-secret")
    change("scales", item["id"], name="b", pin="new-secret")
    with site.read() as session:
        first, second = session.execute(
            select(ChangeRecord.before, ChangeRecord.after, ChangeRecord.fields)
            .where(ChangeRecord.resource == "scales")
            .order_by(ChangeRecord.id)
        ).all()
        events = session.execute(select(Event.payload).order_by(Event.id.desc()).limit(1)).scalar_one()
    assert first.before is None
    assert (second.before["name"], second.after["name"]) == ("a", "b")
    assert second.fields == ["name", "pin"]
    assert "secret" not in str(second) and "secret" not in str(first)
    assert events["action"] == "update"


def test_an_item_goes_back_to_an_earlier_version(site: Database, make: Any, change: Any) -> None:
    item = make("assets", name="first", notes="n")
    change("assets", item["id"], name="second", notes=None)
    with site.write() as session:
        back = revert_item(session, "assets", item["id"], 1, actor=ACTOR)
    assert (back["name"], back["notes"], back["version"]) == ("first", "n", 3)


def test_a_places_path_follows_its_name_and_its_place_in_the_tree(
    site: Database, make: Any, change: Any
) -> None:
    hall = make("locations", name="Hall 1")
    cell = make("locations", name="Cell 4", parent=hall["id"])
    bench = make("locations", name="Bench 3", parent=cell["id"])
    change("locations", hall["id"], name="Hall 2")
    with site.read() as session:
        assert get_item(session, "locations", bench["id"])["path"] == "Hall 2 / Cell 4 / Bench 3"
    with pytest.raises(InvalidError, match="can't lie inside itself"):
        change("locations", hall["id"], parent=bench["id"])


def test_two_places_may_share_a_name_in_different_halls_only(make: Any) -> None:
    first, second = make("locations", name="Hall 1"), make("locations", name="Hall 2")
    make("locations", name="Cell 1", parent=first["id"])
    make("locations", name="Cell 1", parent=second["id"])
    with pytest.raises(TakenError, match="'cell 1' belongs to item 3"):
        make("locations", name="cell 1", parent=first["id"])
    with pytest.raises(TakenError, match="'HALL 1' belongs to item 1"):
        make("locations", name="HALL 1")


def test_bulk_does_all_or_nothing_and_tells_each_error_with_its_index(site: Database, make: Any) -> None:
    make("assets", asset_tag="T-1")
    body = {
        "create": [{"asset_type": 1, "asset_tag": "T-2"}, {"asset_type": 1, "asset_tag": "t-2"}, {"name": 5}]
    }
    with pytest.raises(BulkError, match="none was") as caught, site.write() as session:
        apply_bulk(session, "assets", body, actor=ACTOR)
    assert [(e["index"], e["field"]) for e in caught.value.errors or ()] == [
        (1, "asset_tag"),
        (2, "name"),
        (2, "asset_type"),
    ]
    assert caught.value.status == 409
    with site.read() as session, pytest.raises(NotFoundError, match="no asset with id 2"):
        get_item(session, "assets", 2)


def test_bulk_creates_changes_and_deletes_in_one_go(site: Database, make: Any) -> None:
    for tag in ("T-1", "T-2"):
        make("assets", asset_tag=tag)
    body = {
        "create": [{"asset_type": 1}],
        "update": [{"id": 1, "version": 1, "name": "new"}],
        "delete": [2],
    }
    with site.write() as session:
        done = apply_bulk(session, "assets", body, actor=ACTOR)
    assert ([i["id"] for i in done["created"]], done["updated"][0]["name"], done["deleted"]) == (
        [3],
        "new",
        [2],
    )


def test_writing_stays_within_its_budget_of_statements(site: Database, make: Any) -> None:
    seen: list[str] = []
    event.listen(site.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    place = make("locations", name="Hall 1")
    make("assets")  # the counter's row is made once
    seen.clear()
    item = make("scales", name="a", location=place["id"], serial_number="S", range_kg=1)
    assert len(seen) <= 9  # the tenth reads who asks
    seen.clear()
    with site.write() as session:
        update_item(session, "scales", item["id"], {"name": "b", "range_kg": 2}, actor=ACTOR, version=1)
    assert len(seen) <= 11  # the words of the entry that are no more, and those that are new


def test_custom_values_are_checked_by_their_definitions(make: Any, change: Any) -> None:
    make("custom-fields", name="cost_centre", title="Cost centre")
    make("custom-fields", name="grade", title="Grade", kind="choice", options="A\nB", asset_type=1)
    item = make("assets", custom_fields={"cost_centre": "4711", "grade": "A"})
    changed = change("assets", item["id"], custom_fields={"grade": None})
    assert changed["custom_fields"] == {"cost_centre": "4711"}
    for values, message in (
        ({"colour": "red"}, "'colour' is not a custom field"),
        ({"grade": "C"}, "not one of: A, B"),
        ({"cost_centre": 5}, "expected text"),
    ):
        with pytest.raises(InvalidError, match=message):
            make("assets", custom_fields=values)
    with pytest.raises(InvalidError, match="'grade' is not a custom field of this type"):
        make("scales", custom_fields={"grade": "A"})


def test_a_check_knows_whether_a_secret_is_set(site: Database, make: Any, change: Any) -> None:
    seen: list[bool] = []

    def check(session: Session, state: Mapping[str, Any], item_id: int | None) -> None:
        seen.append(state["pin_set"])

    scales = replace(SCALES[0], plugin="scales", check=check)
    site.info["registry"] = Registry([*shopdb_register_resources(), scales])
    make("scales")
    make("scales", pin="1234")
    change("scales", 2, range_kg=5)
    change("scales", 2, pin=None)
    change("scales", 1, pin="9")
    assert seen == [False, True, True, False, True]


def test_a_required_custom_field_is_asked_for(make: Any) -> None:
    make("custom-fields", name="owner_code", title="Owner code", required=True)
    with pytest.raises(InvalidError, match="owner_code is needed"):
        make("assets")
    assert make("assets", custom_fields={"owner_code": "x"})["id"] == 1


@pytest.mark.parametrize("resource", ["assets", "vendors", "locations", "scales/weighings"])
def test_an_id_is_never_given_twice(site: Database, make: Any, resource: str) -> None:
    values: dict[str, Any] = {"name": "One"}
    if resource == "scales/weighings":
        values = {"scale": make("scales")["id"], "weight_g": 5}
    first = make(resource, **values)
    with site.write() as session:
        delete_item(session, resource, first["id"], actor=ACTOR)
    assert make(resource, **values)["id"] > first["id"]


@pytest.mark.parametrize("resource", ["assets", "scales"])
def test_an_asset_is_part_of_none_of_its_parts(make: Any, change: Any, resource: str) -> None:
    whole = make(resource)
    part = make(resource, parent=whole["id"])
    for parent in (whole["id"], part["id"]):
        with pytest.raises(InvalidError, match="nor of its own parts"):
            change(resource, whole["id"], parent=parent)


def test_the_slug_of_a_plugins_type_stays(site: Database, make: Any, change: Any) -> None:
    with site.write() as session:
        session.execute(update(AssetType).where(AssetType.slug == "acme-scale").values(plugin="scales"))
    assert change("asset-types", 2, name="Balance")["name"] == "Balance"
    with pytest.raises(InvalidError, match="'scales' finds its assets by 'acme-scale'"):
        change("asset-types", 2, slug="balance")


def test_without_its_plugin_an_asset_keeps_its_history_and_takes_no_other_s(
    site: Database, make: Any
) -> None:
    scale = make("scales", name="Bench scale")
    weighing = make("scales/weighings", scale=scale["id"], weight_g=5)
    assert weighing["id"] == scale["id"]
    registry = site.info["registry"]
    site.info["registry"] = Registry([c.declared for c in registry if not c.name.startswith("scales")])
    with site.read() as session:
        told = list_history(session, "assets", scale["id"]).items
    assert [each["resource"] for each in told] == ["scales"]


@pytest.mark.parametrize("blank", [None, "", " \n"])
def test_a_required_custom_value_is_not_blank(make: Any, blank: str | None) -> None:
    make("custom-fields", name="cost_centre", title="Cost centre", required=True)
    with pytest.raises(InvalidError, match="cost_centre is needed"):
        make("assets", custom_fields={"cost_centre": blank})


def test_what_follows_from_others_is_written_and_recorded_with_them(
    site: Database, make: Any, change: Any
) -> None:
    seen: list[Any] = []

    def halve(state: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
        seen.append(None if before is None else before["range_kg"])
        return {"host": f"scale-{state['range_kg'] // 2}"}

    plugin = [replace(SCALES[0], plugin="scales", derive=halve), replace(SCALES[1], plugin="scales")]
    site.info["registry"] = Registry([*shopdb_register_resources(), *plugin])
    assert make("scales", range_kg=30)["host"] == "scale-15"
    assert change("scales", 1, range_kg=60)["host"] == "scale-30"
    change("scales", 1, range_kg=61)
    with site.read() as session:
        fields = session.execute(select(ChangeRecord.fields).order_by(ChangeRecord.id)).scalars().all()
    assert fields[-2:] == [["host", "range_kg"], ["range_kg"]]
    assert seen == [None, 30, 60]


def test_what_was_written_is_followed_up_in_its_transaction_by_the_same_actor(
    site: Database, make: Any, change: Any
) -> None:
    def grow(session: Session, written: Written) -> None:
        if written.before is not None and written.after["weight_g"] > 100_000:
            raise InvalidError("weight_g: too heavy.")
        heaviest = {"range_kg": written.after["weight_g"] // 1000}
        update_item(session, "scales", written.after["scale"], heaviest, actor=written.actor)

    plugin = [replace(SCALES[0], plugin="scales"), replace(SCALES[1], plugin="scales", follow_up=grow)]
    site.info["registry"] = Registry([*shopdb_register_resources(), *plugin])
    scale = make("scales", range_kg=1)
    weighing = make("scales/weighings", scale=scale["id"], weight_g=7000)
    with site.read() as session:
        assert get_item(session, "scales", scale["id"])["range_kg"] == 7
        assert set(session.execute(select(ChangeRecord.actor)).scalars()) == {"tester"}
    with pytest.raises(InvalidError, match="too heavy"):
        change("scales/weighings", weighing["id"], weight_g=200_000)
    with site.read() as session:
        assert get_item(session, "scales/weighings", weighing["id"])["weight_g"] == 7000


def test_values_that_are_unique_together_belong_to_one_item(make: Any, change: Any) -> None:
    for _ in range(3):
        make("assets")
    make("relationships", source=1, kind="controls", target=2)
    make("relationships", source=1, kind="controls", target=3)
    with pytest.raises(TakenError, match="Item 1 has the same from, kind and to already") as caught:
        make("relationships", source=1, kind="controls", target=2)
    assert caught.value.errors == {"target": ["Item 1 has the same from, kind and to already."]}
    with pytest.raises(TakenError, match="Item 2 has the same"):
        change("relationships", 1, target=3)
    assert change("relationships", 1, target=2, notes="By cable")["notes"] == "By cable"
