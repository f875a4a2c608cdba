"""Lists: filters, sorts, cursors, totals, on each engine."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from resource_site import ACTOR, open_site
from sqlalchemy import event

from shopdb.db import Database
from shopdb.errors import InvalidError
from shopdb.resources.query import list_page, reader_of
from shopdb.services import create_item, delete_item, get_item, list_items

NAMES = ["Caliper", "calibrator", None, "Müller gauge", "100% sure", "a_b", "Caliper"]


@pytest.fixture
def site(database: Database) -> Database:
    """Seven assets, two of them scales."""
    open_site(database)
    with database.write() as session:
        for number, name in enumerate(NAMES):
            scale = number % 3 == 1
            values: dict[str, Any] = {"name": name, "asset_tag": f"T-{number}"}
            if scale:
                create_item(session, "scales", {**values, "range_kg": number}, actor=ACTOR)
            else:
                create_item(session, "assets", {**values, "asset_type": 1}, actor=ACTOR)
    return database


def tags(site: Database, resource: str = "assets", **parameters: str) -> list[str]:
    """The tags of a first page."""
    reader = reader_of(site.info["registry"], resource)
    with site.read() as session:
        page = list_page(session, resource, reader.parameters.parse(parameters.items()))
    return [item["asset_tag"] for item in page.items]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"name": "Caliper"}, ["T-0", "T-6"]),
        ({"name": "caliper"}, []),
        ({"name__in": "Caliper,a_b"}, ["T-0", "T-5", "T-6"]),
        ({"name__contains": "CALI"}, ["T-0", "T-1", "T-6"]),
        ({"name__contains": "%"}, ["T-4"]),
        ({"name__contains": "_"}, ["T-5"]),
        ({"name__startswith": "müller"}, ["T-3"]),
        ({"name__contains": "MÜLLER"}, ["T-3"]),
        ({"name__isnull": "true"}, ["T-2"]),
        ({"asset_tag__gt": "T-4"}, ["T-5", "T-6"]),
        ({"asset_tag__gte": "T-5", "asset_tag__lt": "T-6"}, ["T-5"]),
        ({"id__lte": "2"}, ["T-0", "T-1"]),
        ({"asset_type": "2"}, ["T-1", "T-4"]),
        ({"q": "cali per"}, ["T-0", "T-6"]),
        ({"q": "t-3"}, ["T-3"]),
        ({"created_at__lt": "2000-01-01T00:00:00Z"}, []),
        ({"sort": "name,-id"}, ["T-4", "T-6", "T-0", "T-3", "T-5", "T-1", "T-2"]),
        ({"sort": "-name"}, ["T-1", "T-5", "T-3", "T-6", "T-0", "T-4", "T-2"]),
        ({"sort": "status,-asset_tag", "limit": "2"}, ["T-6", "T-5"]),
    ],
)
def test_filters_and_sorts_give_the_same_on_every_engine(
    site: Database, parameters: dict[str, str], expected: list[str]
) -> None:
    assert tags(site, **parameters) == expected


def test_a_plugins_list_holds_its_assets_alone_and_filters_by_its_columns(site: Database) -> None:
    assert tags(site, "scales") == ["T-1", "T-4"]
    assert tags(site, "scales", range_kg__gte="2") == ["T-4"]


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"colour": "red"}, "colour is not a parameter of assets"),
        ({"nam": "x"}, "Did you mean 'name'"),
        ({"limit": "0"}, "out of range: 1 to 1000"),
        ({"limit": "1001"}, "out of range"),
        ({"limit": "ten"}, "not a whole number"),
        ({"limit": "1e9"}, "not a whole number"),
        ({"id": "9223372036854775808"}, "not a whole number|out of range"),
        ({"cursor": "nonsense"}, "not a cursor"),
        ({"cursor": "e30"}, "not a cursor"),
        ({"sort": "pin"}, "can't be sorted by"),
        ({"sort": "owner.password_hash"}, "can't be sorted by"),
        ({"sort": "name;DROP TABLE assets"}, "can't be sorted by"),
        ({"sort": "name,name"}, "named twice"),
        ({"name": "a\x00"}, "NUL"),
        ({"purchase_date": "yesterday"}, "not a date"),
        ({"created_at__gt": "2026-01-01"}, "not a time with a zone"),
        ({"name__isnull": "perhaps"}, "neither true nor false"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(site: Database, parameters: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidError, match=named):
        tags(site, **parameters)


def test_secrets_can_be_neither_filtered_nor_sorted_by(site: Database) -> None:
    for parameters in ({"pin": "1"}, {"pin__startswith": "1"}, {"sort": "pin"}):
        with pytest.raises(InvalidError, match="pin"):
            tags(site, "scales", **parameters)


@pytest.mark.parametrize(
    "sort", ["id", "-id", "name", "-name", "status,name", "-updated_at", "location,-name"]
)
def test_pages_put_together_are_the_whole_list(site: Database, sort: str) -> None:
    reader = reader_of(site.info["registry"], "assets")
    whole = tags(site, sort=sort)
    walked: list[str] = []
    parameters = {"sort": sort, "limit": "2"}
    with site.read() as session:
        while True:
            page = list_page(session, "assets", reader.parameters.parse(parameters.items()))
            walked += [item["asset_tag"] for item in page.items]
            if page.next is None:
                break
            parameters = {"limit": "2", "cursor": page.next}
    assert walked == whole


def test_a_cursor_of_another_sort_is_refused(site: Database) -> None:
    reader = reader_of(site.info["registry"], "assets")
    with site.read() as session:
        page = list_page(session, "assets", reader.parameters.parse([("limit", "1")]))
    with pytest.raises(InvalidError, match="belongs to another sort"):
        tags(site, cursor=str(page.next), sort="name")


def test_rows_that_go_between_pages_shift_nothing(site: Database) -> None:
    reader = reader_of(site.info["registry"], "assets")
    with site.read() as session:
        page = list_page(session, "assets", reader.parameters.parse([("limit", "3")]))
    with site.write() as session:
        delete_item(session, "assets", 1, actor=ACTOR)
    assert tags(site, cursor=str(page.next)) == ["T-3", "T-4", "T-5", "T-6"]


def test_a_list_is_one_statement_and_its_total_another(site: Database) -> None:
    seen: list[str] = []
    event.listen(site.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    assert len(tags(site, "scales", sort="name", total="true", q="cal")) == 1
    assert len(seen) == 2


def test_the_total_counts_past_the_page(site: Database) -> None:
    reader = reader_of(site.info["registry"], "assets")
    with site.read() as session:
        page = list_page(session, "assets", reader.parameters.parse([("limit", "1"), ("total", "true")]))
    assert (len(page.items), page.total) == (1, 7)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["q", "name", "sort", "cursor", "limit", "id__in", "x"]), st.text(max_size=30)
    )
)
def test_any_parameters_give_a_page_or_a_named_refusal(site: Database, parameters: dict[str, str]) -> None:
    try:
        tags(site, **parameters)
    except InvalidError as error:
        assert error.errors


@pytest.mark.parametrize(
    ("resource", "sort"),
    [
        ("assets", "location"),
        ("assets", "-location"),
        ("scales", "range_kg"),
        ("scales", "-range_kg"),
        ("scales", "is_legal"),
        ("scales", "-is_legal"),
    ],
)
def test_a_walk_sees_items_with_and_without_what_it_is_sorted_by(
    site: Database, resource: str, sort: str
) -> None:
    with site.write() as session:
        place = create_item(session, "locations", {"name": "Hall 3"}, actor=ACTOR)["id"]
        kind = get_item(session, "assets", 2)["asset_type"]["id"]
        for number in range(3):
            create_item(session, "assets", {"asset_type": kind, "location": place}, actor=ACTOR)
            create_item(session, "scales", {"range_kg": number, "location": place}, actor=ACTOR)
    reader = reader_of(site.info["registry"], resource)
    seen: list[int] = []
    cursor = None
    with site.read() as session:
        everything = {item["id"] for item in list_items(session, resource, {"limit": "1000"})}
        while cursor is not None or not seen:
            given = {"sort": sort, "limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = list_page(session, resource, reader.parameters.parse(given.items()))
            seen += [item["id"] for item in page.items]
            cursor = page.next
            if cursor is None:
                break
    assert len(seen) == len(set(seen))
    assert set(seen) == everything
