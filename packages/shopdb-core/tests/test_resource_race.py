"""Several writers at once, on each engine: what a rule forbids no race brings about."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from resource_site import ACTOR, open_site

from shopdb.db import Database
from shopdb.errors import RequestError
from shopdb.resources.bulk import apply_bulk
from shopdb.resources.exchange import import_sheet
from shopdb.resources.sheet import read_sheet
from shopdb.services import create_item, get_item, list_items, update_item

WRITERS = 8


@pytest.fixture
def site(database: Database) -> Database:
    """Core's and a plugin's resources on each engine."""
    return open_site(database)


def at_once(write: Callable[[int], Any], count: int = WRITERS) -> list[Any]:
    """What each writer got: its answer, or the request's error; anything else fails the test."""

    def one(number: int) -> Any:
        try:
            return write(number)
        except RequestError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def create(site: Database, resource: str, **values: Any) -> dict[str, Any]:
    with site.write() as session:
        return create_item(session, resource, values, actor=ACTOR)


def change(site: Database, resource: str, id_: int, **values: Any) -> dict[str, Any]:
    with site.write() as session:
        return update_item(session, resource, id_, values, actor=ACTOR)


def listed(site: Database, resource: str, **filters: str) -> list[dict[str, Any]]:
    with site.read() as session:
        return list_items(session, resource, filters)


@pytest.mark.parametrize("resource", ["locations", "models"])
def test_a_name_is_taken_once_where_nothing_stands_above_it(site: Database, resource: str) -> None:
    answers = at_once(lambda number: create(site, resource, name="Hall 3"))
    assert [a.status for a in answers if isinstance(a, RequestError)] == [409] * (WRITERS - 1)
    assert len(listed(site, resource)) == 1


def test_one_status_is_the_default_whoever_says_so_at_once(site: Database) -> None:
    at_once(lambda number: create(site, "statuses", name=f"S{number}", is_default=True))
    assert len(listed(site, "statuses", is_default="true")) == 1


@pytest.mark.parametrize("resource", ["locations", "assets"])
def test_moves_at_once_make_no_ring(site: Database, resource: str) -> None:
    more = {"asset_type": 1} if resource == "assets" else {}
    ids = [create(site, resource, name=f"R{n}", **more)["id"] for n in range(4)]
    answers = at_once(lambda n: change(site, resource, ids[n], parent=ids[(n + 1) % 4]), 4)
    assert [a.status for a in answers if isinstance(a, RequestError)] == [422]


def test_changes_of_any_version_at_once_are_all_made(site: Database) -> None:
    id_ = create(site, "assets", asset_type=1)["id"]
    answers = at_once(lambda number: change(site, "assets", id_, name=f"n{number}"))
    assert [a for a in answers if isinstance(a, RequestError)] == []
    with site.read() as session:
        assert get_item(session, "assets", id_)["version"] == WRITERS + 1


def test_bulk_changes_and_imports_in_opposite_order_wait_for_each_other(site: Database) -> None:
    items = [create(site, "assets", asset_type=1) for _ in range(30)]

    def write(number: int) -> Any:
        order = items if number % 2 else items[::-1]
        with site.write() as session:
            if number % 4 < 2:
                sheet = "asset_tag,name\n" + "".join(f"{i['asset_tag']},n{number}\n" for i in order)
                return import_sheet(session, "assets", read_sheet(sheet.encode()), actor=ACTOR, update=True)
            body = {"update": [{"id": i["id"], "version": 1, "name": f"n{number}"} for i in order]}
            return apply_bulk(session, "assets", body, actor=ACTOR)

    answers = at_once(write)
    assert {a.status for a in answers if isinstance(a, RequestError)} <= {412}
    assert len({item["name"] for item in listed(site, "assets")}) == 1
