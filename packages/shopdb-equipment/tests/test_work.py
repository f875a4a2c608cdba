"""Doing the work: buttons, two people at once, and orders that open by themselves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from workshop import ago, changed, day_ago, machine, order

from shopdb.plugins import now
from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_equipment.automatic import open_due
from shopdb_equipment.demo import DEMO

ORDERS = "equipment/work-orders"


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site with the plugin and a person, on each engine."""
    made = shopdb_site("equipment", engine=request.param)
    made.post("people", {"name": "Tom Okafor"})
    return made


def run(site: SiteUnderTest) -> int:
    """The daily job."""
    return open_due(site.runtime.context_of("equipment"))


def titles(site: SiteUnderTest, query: str = "") -> list[str]:
    """Titles of orders."""
    return [item["title"] for item in site.get(f"{ORDERS}?sort=id&{query}").json["items"]]


def test_a_problem_is_reported_on_the_machine_and_the_work_goes_its_way(site: SiteUnderTest) -> None:
    mill = machine(site)["id"]
    reported = site.post(
        f"equipment/{mill}/report", {"title": "Spindle howls", "stands_still": True, "priority": "urgent"}
    )
    assert (reported.status_code, reported.json["open_orders"]) == (200, 1)
    item = site.get(f"{ORDERS}/1").json
    assert (item["kind"], item["opened_by"], item["status"]) == ("breakdown", "admin", "open")
    assert item["downtime_from"] is not None
    steps = (
        ("start", {"assigned_to": 1}, "in_progress"),
        ("wait", {"waiting_for": "Bearing"}, "waiting"),
        ("start", {}, "in_progress"),
        ("finish", {"work_done": "New bearing", "cost": 1240.5, "parts_used": "7014 CD"}, "done"),
    )
    for verb, body, status in steps:
        answer = site.post(f"{ORDERS}/1/{verb}", body)
        assert (answer.status_code, answer.json["status"]) == (200, status), answer.text
    assert (answer.json["assigned_to"]["name"], answer.json["cost"]) == ("Tom Okafor", 1240.5)
    assert answer.json["downtime_minutes"] == 0
    again = site.post(f"{ORDERS}/1/finish", {})
    assert again.status_code == 409 and "It is done" in again.json["detail"]
    assert site.post(f"{ORDERS}/1/reopen").json["status"] == "open"
    assert site.post(f"{ORDERS}/1/cancel").status_code == 422
    assert site.post(f"{ORDERS}/1/cancel", {"cancelled_because": "Twice"}).json["status"] == "cancelled"


def test_a_calibration_is_not_finished_without_a_result(site: SiteUnderTest) -> None:
    gauge = machine(site, calibration_interval_months=12)["id"]
    order(site, gauge, kind="calibration")
    refused = site.post(f"{ORDERS}/1/finish", {"certificate_number": "K-7"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["result"])
    assert (
        site.post(f"{ORDERS}/1/finish", {"result": "passed", "certificate_number": "K-7"}).status_code == 200
    )
    item = site.get(f"equipment/{gauge}").json
    assert (item["calibration_state"], item["certificate_number"]) == ("in", "K-7")


def test_of_two_who_finish_an_order_at_once_one_is_told(site: SiteUnderTest) -> None:
    mill = machine(site, maintenance_interval_days=30)["id"]
    order(site, mill, kind="maintenance")
    version = site.get(f"equipment/{mill}").json["version"]

    def finish(number: int) -> int:
        return site.post(f"{ORDERS}/1/finish", {"work_done": f"by {number}", "hours": 100}).status_code

    site.get("assets")  # the token is there before the threads begin
    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(finish, range(6)))
    assert sorted(codes) == [200, 409, 409, 409, 409, 409]
    assert site.get(f"equipment/{mill}").json["version"] == version + 1
    assert len(site.get("equipment/meter-readings").json["items"]) == 1


def test_orders_open_by_themselves_once_for_what_falls_due(site: SiteUnderTest) -> None:
    machine(
        site, name="Over", maintenance_interval_days=30, maintained_on=day_ago(40), maintenance_plan="Oil"
    )
    machine(site, name="Soon", calibration_interval_months=1, calibrated_on=day_ago(25))
    machine(site, name="Fresh", maintenance_interval_days=90, maintained_on=day_ago(1))
    machine(site, name="Plain")
    assert (run(site), run(site)) == (2, 0)
    assert titles(site) == ["Maintenance of Over", "Calibration of Soon"]
    first = site.get(f"{ORDERS}/1").json
    assert (first["description"], first["opened_by"], first["timing"]) == ("Oil", "ShopDB", "late")
    assert first["due_at"] == f"{day_ago(10)}T23:59:59Z"
    changed(site, f"{ORDERS}/1", finished_at=ago(minutes=1))
    assert (run(site), site.get("equipment/1").json["maintenance_state"]) == (0, "in")


def test_no_second_order_opens_beside_one_that_somebody_made(site: SiteUnderTest) -> None:
    mill = machine(site, maintenance_interval_days=30, maintained_on=day_ago(40))["id"]
    made = order(site, mill, kind="maintenance")["id"]
    assert run(site) == 0
    changed(site, f"{ORDERS}/{made}", cancelled_because="A mistake")
    assert run(site) == 1


def test_a_cancelled_order_is_not_made_again_until_the_due_date_moves(site: SiteUnderTest) -> None:
    mill = machine(site, maintenance_interval_days=30, maintained_on=day_ago(40))["id"]
    assert run(site) == 1
    changed(site, f"{ORDERS}/1", cancelled_because="Not this time")
    assert run(site) == 0
    changed(site, f"equipment/{mill}", maintained_on=day_ago(35))
    assert run(site) == 1


def test_a_failed_calibration_calls_for_the_next(site: SiteUnderTest) -> None:
    machine(site, calibration_interval_months=12, calibrated_on=day_ago(360))
    assert run(site) == 1
    site.post(f"{ORDERS}/1/finish", {"result": "failed"})
    assert (run(site), titles(site, "status=open")) == (1, ["Calibration of Mill 1"])


def test_of_jobs_at_once_each_order_is_made_by_one(site: SiteUnderTest) -> None:
    for number in range(4):
        machine(site, name=f"Mill {number}", maintenance_interval_days=30, maintained_on=day_ago(40))
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: run(site), range(4)))
    assert sum(opened) == len(titles(site)) == 4


def test_late_orders_are_listed(site: SiteUnderTest) -> None:
    mill = machine(site)["id"]
    for title, due in (
        ("late", ago(hours=1)),
        ("soon", ago(hours=-5)),
        ("far", ago(days=-9)),
        ("none", None),
    ):
        order(site, mill, title=title, due_at=due)
    order(site, mill, title="done", due_at=ago(hours=1), finished_at=ago(minutes=1))
    assert (titles(site, "timing=late"), titles(site, "timing=due_soon")) == (["late"], ["soon"])
    shown = {item["title"]: item["timing"] for item in site.get(ORDERS).json["items"]}
    assert shown == {"late": "late", "soon": "due_soon", "far": None, "none": None, "done": None}


def test_a_sheet_brings_the_history_and_goes_round(site: SiteUnderTest) -> None:
    machine(site, name="Mill 1", asset_tag="M-1", maintenance_interval_days=365)
    sheet = (
        "number,title,equipment,kind,opened_at,finished_at,work_done\n"
        "CMMS-77,Yearly service,M-1,maintenance,2026-01-10T08:00:00Z,2026-01-12T10:00:00Z,Oil\n"
        "CMMS-78,Door switch,M-1,breakdown,2026-02-10T08:00:00Z,,\n"
    )
    report = site.call("POST", f"{ORDERS}/import", data=sheet, content_type="text/csv").json
    assert (report["created"], report["rejected"]) == (2, 0), report
    assert site.get("equipment/1").json["maintained_on"] == "2026-01-12"
    for resource in (ORDERS, "equipment", "equipment/meter-readings"):
        before: Any = site.get(f"{resource}/export?format=csv").text
        report = site.call(
            "POST", f"{resource}/import?update=true", data=before, content_type="text/csv"
        ).json
        assert (report["updated"], report["created"], report["rejected"]) == (0, 0, 0), report


def test_the_time_of_a_moment_is_kept_whole(site: SiteUnderTest) -> None:
    at = now().replace(microsecond=123456)
    made = order(site, machine(site)["id"], opened_at=at.isoformat())
    assert site.get(f"{ORDERS}/{made['id']}").json["opened_at"].startswith(f"{at:%Y-%m-%dT%H:%M:%S}.123456")


def test_the_demo_s_machines_are_there_once_with_orders_open_late_and_done(
    shopdb_site: Callable[..., SiteUnderTest],
) -> None:
    site = shopdb_site("equipment")
    machine(site, name="Mill 1", asset_tag="M-1")
    DEMO.seed(site.runtime.context_of("equipment"))  # type: ignore[misc]  # it has one
    names = [item["name"] for item in site.get("equipment?limit=100").json["items"]]
    assert len(names) == len(set(names)) >= 35 and {"Mill 1", "Lathe 3", "CMM 1"} <= set(names)
    assert site.get("equipment/1").json["asset_tag"] == "M-1"
    totals = {
        query: site.get(f"{path}?{query}&total=true&limit=1").json["total"]
        for path, query in (
            (ORDERS, "status=done"),
            (ORDERS, "timing=late"),
            (ORDERS, "kind=breakdown&status__in=open,waiting,in_progress"),
            ("equipment", "calibration_state=out"),
            ("equipment", "maintenance_state=overdue"),
        )
    }
    assert min(totals.values()) >= 2 and totals["status=done"] > 60, totals
    assert run(site) == 0
