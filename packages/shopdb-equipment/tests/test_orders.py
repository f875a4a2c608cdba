"""Work orders: their status, their times, and what they do to the machine."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from workshop import ago, changed, day_ago, machine, order, told

from shopdb.plugins import now
from shopdb.testing import ENGINES, SiteUnderTest


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site with the plugin, on each engine."""
    return shopdb_site("equipment", engine=request.param)


def test_an_order_gets_a_number_that_nobody_has_taken(site: SiteUnderTest) -> None:
    mill = machine(site)["id"]
    assert order(site, mill)["number"] == "WO-00001"
    assert order(site, mill, number="wo-00003")["number"] == "wo-00003"
    assert order(site, mill)["number"] == "WO-00003b"
    taken = site.post(
        "equipment/work-orders", {"equipment": mill, "title": "x", "kind": "breakdown", "number": "WO-00001"}
    )
    assert (taken.status_code, list(taken.json["errors"])) == (409, ["number"])


def test_the_status_follows_from_what_is_written(site: SiteUnderTest) -> None:
    path = f"equipment/work-orders/{order(site, machine(site)['id'])['id']}"
    assert site.get(path).json["status"] == "open"
    assert changed(site, path, started_at=ago(hours=3))["status"] == "in_progress"
    assert changed(site, path, waiting_for="Seal kit")["status"] == "waiting"
    assert changed(site, path, waiting_for=None)["status"] == "in_progress"
    assert changed(site, path, finished_at=ago(hours=1))["status"] == "done"
    assert changed(site, path, finished_at=None)["status"] == "in_progress"
    assert changed(site, path, cancelled_because="False alarm")["status"] == "cancelled"
    refused = site.patch(path, {"status": "done"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["status"])


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"started_at": ago(hours=1), "finished_at": ago(hours=2)}, "finished_at"),
        ({"finished_at": told(now() + timedelta(hours=1))}, "finished_at"),
        ({"downtime_until": ago(hours=1)}, "downtime_from"),
        ({"downtime_from": ago(hours=1), "downtime_until": ago(hours=2)}, "downtime_until"),
        (
            {"downtime_from": "0001-01-01T00:00:00Z", "downtime_until": "9999-12-31T00:00:00Z"},
            "downtime_from",
        ),
        ({"kind": "calibration", "finished_at": ago(hours=1)}, "result"),
        ({"equipment": 999}, "equipment"),
        ({"kind": "repair"}, "kind"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_by_field(
    site: SiteUnderTest, values: dict[str, Any], field: str
) -> None:
    body = {"equipment": machine(site)["id"], "title": "x", "kind": "breakdown", **values}
    refused = site.post("equipment/work-orders", body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field]), refused.text


def test_a_machine_is_down_until_the_work_is_done(site: SiteUnderTest) -> None:
    mill = machine(site)["id"]
    begun = now() - timedelta(hours=5)
    path = f"equipment/work-orders/{order(site, mill, downtime_from=told(begun))['id']}"
    assert site.get(path).json["downtime_minutes"] is None
    assert changed(site, path, finished_at=told(begun + timedelta(minutes=95)))["downtime_minutes"] == 95
    assert changed(site, path, downtime_until=told(begun + timedelta(minutes=30)))["downtime_minutes"] == 30


def test_a_maintenance_that_is_done_moves_the_due_date_and_one_reopened_moves_it_back(
    site: SiteUnderTest,
) -> None:
    mill = machine(site, maintenance_interval_days=90, maintained_on=day_ago(100))
    path = f"equipment/work-orders/{order(site, mill['id'], kind='maintenance')['id']}"
    changed(site, path, finished_at=ago(days=2))
    after = site.get(f"equipment/{mill['id']}").json
    assert (after["maintained_on"], after["maintenance_due_on"]) == (day_ago(2), day_ago(-88))
    history = site.get(f"equipment/{mill['id']}/history").json["items"]
    assert history[0]["actor"] == "admin" and "maintenance_due_on" in history[0]["fields"]
    changed(site, path, finished_at=ago(days=4))
    assert site.get(f"equipment/{mill['id']}").json["maintained_on"] == day_ago(4)
    changed(site, path, finished_at=None)
    assert site.get(f"equipment/{mill['id']}").json["maintained_on"] == day_ago(100)


def test_an_old_order_from_a_sheet_moves_nothing_that_is_newer(site: SiteUnderTest) -> None:
    mill = machine(site, maintenance_interval_days=90, maintained_on=day_ago(10))
    old = order(site, mill["id"], kind="maintenance", finished_at=ago(days=300), opened_at=ago(days=301))
    assert (old["status"], site.get(f"equipment/{mill['id']}").json["maintained_on"]) == ("done", day_ago(10))
    changed(site, f"equipment/work-orders/{old['id']}", finished_at=None)
    assert site.get(f"equipment/{mill['id']}").json["maintained_on"] == day_ago(10)


def test_a_calibration_hands_its_result_and_certificate_to_the_gauge(site: SiteUnderTest) -> None:
    gauge = machine(
        site,
        name="Caliper",
        calibration_interval_months=12,
        calibrated_on=day_ago(400),
        certificate_number="K-1",
    )
    path = f"equipment/work-orders/{order(site, gauge['id'], kind='calibration')['id']}"
    changed(site, path, finished_at=ago(days=1), result="adjusted", certificate_number="K-2")
    after = site.get(f"equipment/{gauge['id']}").json
    assert (after["calibrated_on"], after["calibration_result"], after["certificate_number"]) == (
        day_ago(1),
        "adjusted",
        "K-2",
    )
    changed(site, path, result="failed")
    after = site.get(f"equipment/{gauge['id']}").json
    assert (after["calibration_result"], after["calibration_due_on"]) == ("failed", day_ago(1))
    changed(site, path, finished_at=None)
    after = site.get(f"equipment/{gauge['id']}").json
    assert (after["calibrated_on"], after["calibration_result"], after["certificate_number"]) == (
        day_ago(400),
        None,
        "K-1",
    )


def test_a_deleted_machine_takes_its_orders_along(site: SiteUnderTest) -> None:
    mill = machine(site)["id"]
    order(site, mill)
    assert site.delete(f"equipment/{mill}").status_code == 204
    assert site.get("equipment/work-orders").json["items"] == []
