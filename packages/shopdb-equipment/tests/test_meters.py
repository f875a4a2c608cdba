"""Counters: what goes up, what was replaced, and what they make together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from workshop import ACTOR, ago, changed, machine, order

from shopdb.errors import InvalidError
from shopdb.plugins import now
from shopdb.services import create_item
from shopdb.testing import ENGINES, SiteUnderTest


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site with the plugin and a machine, on each engine."""
    made = shopdb_site("equipment", engine=request.param)
    machine(made)
    return made


def read(site: SiteUnderTest, value: float, *, days_ago: float = 0, **values: Any) -> Any:
    """Keep a reading of machine 1."""
    body = {"equipment": 1, "meter": "hours", "value": value, "read_at": ago(days=days_ago), **values}
    return site.post("equipment/meter-readings", body)


def test_a_reading_changes_no_version(site: SiteUnderTest) -> None:
    before = site.get("equipment/1").headers["ETag"]
    done = site.post("equipment/1/read-meter", {"hours": 812.5, "parts": 40_000})
    assert (done.json["operating_hours"], done.json["parts_made"]) == (812.5, 40_000)
    assert site.get("equipment/1").headers["ETag"] == before
    readings = site.get("equipment/meter-readings?sort=meter").json["items"]
    assert [(r["meter"], r["read_by"]) for r in readings] == [("hours", "admin"), ("parts", "admin")]


def test_a_counter_that_goes_down_is_refused_unless_it_was_replaced(site: SiteUnderTest) -> None:
    assert read(site, 1000, days_ago=30).status_code == 201
    assert read(site, 1000, days_ago=20).status_code == 201
    refused = read(site, 999)
    assert refused.status_code == 422 and "less than the 1000" in refused.json["errors"]["value"][0]
    by_button = site.post("equipment/1/read-meter", {"hours": 999})
    assert (by_button.status_code, list(by_button.json["errors"])) == (422, ["hours"])
    assert read(site, 5, days_ago=10, replaced=True).status_code == 201
    assert read(site, 105, days_ago=5).status_code == 201
    assert site.get("equipment/1").json["operating_hours"] == 1100


def test_a_reading_fits_between_its_neighbours(site: SiteUnderTest) -> None:
    read(site, 100, days_ago=10)
    late = read(site, 200, days_ago=2).json
    assert read(site, 250, days_ago=5).status_code == 422
    assert read(site, 150, days_ago=5).status_code == 201
    refused = site.patch(f"equipment/meter-readings/{late['id']}", {"value": 140})
    assert refused.status_code == 422
    assert changed(site, f"equipment/meter-readings/{late['id']}", value=180)["value"] == 180
    assert read(site, 190, days_ago=-1).status_code == 422


def test_a_reading_that_is_deleted_counts_no_more(site: SiteUnderTest) -> None:
    read(site, 100, days_ago=10)
    wrong = read(site, 99_999, days_ago=2).json["id"]
    assert site.delete(f"equipment/meter-readings/{wrong}").status_code == 204
    assert site.get("equipment/1").json["operating_hours"] == 100


def test_maintenance_is_due_by_the_hours_of_all_counters(site: SiteUnderTest) -> None:
    changed(site, "equipment/1", maintenance_interval_h=500, maintained_at_h=4800)
    read(site, 5000, days_ago=30)
    read(site, 0, days_ago=20, replaced=True)
    read(site, 310, days_ago=1)
    item = site.get("equipment/1").json
    assert (item["operating_hours"], item["maintenance_state"]) == (5310, "overdue")
    path = f"equipment/work-orders/{order(site, 1, kind='maintenance')['id']}"
    done = site.post(f"{path}/finish", {"work_done": "Oil and filters", "hours": 312})
    assert done.status_code == 200, done.text
    item = site.get("equipment/1").json
    assert (item["maintained_at_h"], item["maintenance_due_h"], item["maintenance_state"]) == (
        5312,
        5812,
        "in",
    )


def test_of_two_readings_at_once_the_counter_still_only_goes_up(site: SiteUnderTest) -> None:
    read(site, 10, days_ago=1)

    def write(value: int) -> bool:
        values = {"equipment": 1, "meter": "hours", "value": value, "read_at": now()}
        try:
            with site.runtime.database.write() as session:
                create_item(session, "equipment/meter-readings", values, actor=ACTOR)
        except InvalidError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, (90, 20, 70, 40, 60, 30)))
    readings = site.get("equipment/meter-readings?sort=read_at").json["items"]
    values = [reading["value"] for reading in readings]
    assert values == sorted(values) and len(values) > 1


def test_nothing_typed_is_told_where_it_is_asked(site: SiteUnderTest) -> None:
    refused = site.post("equipment/1/read-meter", {})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["hours"])
