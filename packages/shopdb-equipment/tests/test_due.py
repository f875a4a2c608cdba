"""When machines are due: the rules on days and hours, and how they are shown and filtered."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import changed, day_ago, day_ahead, machine

from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_equipment.days import find_zone
from shopdb_equipment.due import add_days, add_months, calibration_state, derive_due, maintenance_state

DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))
NOTHING = dict.fromkeys(
    (
        *("maintenance_interval_days", "maintenance_interval_h", "maintained_on", "maintained_at_h"),
        *(
            "commissioned_on",
            "installed_on",
            "calibration_interval_months",
            "calibrated_on",
            "calibration_result",
        ),
        *("maintenance_due_on", "maintenance_due_h", "calibration_due_on"),
    )
)


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site with the plugin, on each engine."""
    return shopdb_site("equipment", engine=request.param)


@given(DAYS, st.integers(1, 600))
def test_months_later_is_the_same_day_or_the_months_last(start: date, months: int) -> None:
    later = add_months(start, months)
    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == months
    assert later.day == start.day or (later.day < start.day and (later + timedelta(days=1)).day == 1)


@given(DAYS, st.integers(1, 600), st.integers(0, 200))
def test_who_calibrates_later_is_due_no_earlier(start: date, months: int, days: int) -> None:
    assert add_months(start, months) <= add_months(start + timedelta(days=days), months)


@given(st.dates(), st.integers(1, 36_500))
def test_a_due_date_never_leaves_the_calendar(start: date, days: int) -> None:
    assert start <= add_days(start, days) <= date.max
    assert start < add_months(start, 600) or add_months(start, 600) == date.max


@given(DAYS, st.integers(1, 60), st.integers(0, 90), st.integers(-2000, 2000))
def test_a_gauge_is_out_after_its_due_day_soon_within_the_lead_else_in(
    last: date, months: int, lead: int, offset: int
) -> None:
    gauge = {**NOTHING, "calibration_interval_months": months, "calibrated_on": last}
    gauge |= derive_due(gauge, None)
    due = gauge["calibration_due_on"]
    today = due + timedelta(days=offset)
    state = calibration_state(gauge, today=today, lead_days=lead)
    assert state == ("out" if offset > 0 else "due_soon" if -offset <= lead else "in")
    failed = {**gauge, "calibration_result": "failed"}
    assert calibration_state(failed, today=today, lead_days=lead) == "out"


@given(st.floats(0, 1e6), st.floats(1, 1e5), st.floats(0, 2e6))
def test_maintenance_by_hours_is_overdue_at_the_hour_and_soon_in_the_last_tenth(
    last: float, every: float, hours: float
) -> None:
    mill = {**NOTHING, "maintenance_interval_h": every, "maintained_at_h": last}
    mill |= derive_due(mill, None)
    left = last + every - hours
    state = maintenance_state(mill, hours=hours, today=date(2026, 1, 1), lead_days=0)
    assert state == ("overdue" if left <= 0 else "due_soon" if left <= every * 0.1 else "in")


def test_maintenance_counts_from_when_the_machine_came_where_nothing_was_done_yet() -> None:
    mill = {**NOTHING, "maintenance_interval_days": 30, "installed_on": date(2026, 1, 1)}
    assert derive_due(mill, None)["maintenance_due_on"] == date(2026, 1, 31)
    mill["commissioned_on"] = date(2026, 2, 1)
    assert derive_due(mill, None)["maintenance_due_on"] == date(2026, 3, 3)


def test_what_nobody_knows_is_due_on_the_day_that_the_interval_was_given_and_stays_so() -> None:
    mill = {**NOTHING, "maintenance_interval_days": 30, "calibration_interval_months": 1}
    first = derive_due(mill, None)
    then = {**mill, "maintenance_due_on": date(2026, 1, 5), "calibration_due_on": date(2026, 1, 6)}
    assert first["maintenance_due_on"] == first["calibration_due_on"]
    assert derive_due(then, then)["maintenance_due_on"] == date(2026, 1, 5)
    assert derive_due(then, then)["calibration_due_on"] == date(2026, 1, 6)


def test_states_are_shown_and_filter_the_list(site: SiteUnderTest) -> None:
    soon = {"calibration_interval_months": 12, "calibrated_on": day_ago(360)}
    gauges: dict[str, dict[str, Any]] = {
        "never": {"calibration_interval_months": 12},
        "old": {"calibration_interval_months": 1, "calibrated_on": day_ago(90)},
        "failed": {"calibrated_on": day_ago(1), "calibration_result": "failed"},
        "soon": soon,
        "fresh": {"calibration_interval_months": 12, "calibrated_on": day_ago(1)},
        "plain": {},
    }
    for name, values in gauges.items():
        machine(site, name=name, kind="gauge", **values)

    def names(query: str) -> list[str]:
        return [item["name"] for item in site.get(f"equipment?{query}&sort=id").json["items"]]

    assert names("calibration_state=out") == ["never", "old", "failed"]
    assert names("calibration_state=due_soon") == ["soon"]
    assert names("calibration_state=in") == ["fresh"]
    shown = {item["name"]: item["calibration_state"] for item in site.get("equipment").json["items"]}
    for state in ("in", "due_soon", "out"):
        assert names(f"calibration_state={state}") == [name for name in gauges if shown[name] == state]
    assert shown["plain"] is None
    assert site.get("equipment?calibration_state__in=out,due_soon&total=true").json["total"] == 4


def test_maintenance_is_due_by_days_or_by_hours_and_filters_the_list(site: SiteUnderTest) -> None:
    by_days = {"maintenance_interval_days": 90}
    by_hours = {"maintenance_interval_h": 500, "maintained_at_h": 1000}
    mills: dict[str, tuple[dict[str, Any], float | None]] = {
        "days over": ({**by_days, "maintained_on": day_ago(91)}, None),
        "days soon": ({**by_days, "maintained_on": day_ago(80)}, None),
        "days in": ({**by_days, "maintained_on": day_ago(5)}, None),
        "hours over": ({**by_days, **by_hours, "maintained_on": day_ago(5)}, 1500),
        "hours soon": (by_hours, 1460),
        "hours in": (by_hours, 1100),
        "hours unknown": (by_hours, None),
        "none": ({}, 1e6),
    }
    for name, (values, hours) in mills.items():
        made = machine(site, name=name, **values)
        if hours is not None:
            assert site.post(f"equipment/{made['id']}/read-meter", {"hours": hours}).status_code == 200
    shown = {item["name"]: item["maintenance_state"] for item in site.get("equipment").json["items"]}
    assert shown == {
        "days over": "overdue",
        "days soon": "due_soon",
        "days in": "in",
        "hours over": "overdue",
        "hours soon": "due_soon",
        "hours in": "in",
        "hours unknown": "in",
        "none": None,
    }
    for state in ("in", "due_soon", "overdue"):
        found = [item["name"] for item in site.get(f"equipment?maintenance_state={state}").json["items"]]
        assert found == [name for name in mills if shown[name] == state]


def test_what_is_gone_for_good_is_due_for_nothing(site: SiteUnderTest) -> None:
    old = machine(site, calibration_interval_months=1, calibrated_on=day_ago(90), maintenance_interval_days=1)
    retired = next(s["id"] for s in site.get("statuses").json["items"] if s["kind"] == "archived")
    item = changed(site, f"equipment/{old['id']}", status=retired)
    item = site.get(f"equipment/{old['id']}").json
    assert (item["calibration_state"], item["maintenance_state"]) == (None, None)
    assert site.get("equipment?calibration_state=out").json["items"] == []
    assert site.get("equipment?maintenance_state=overdue").json["items"] == []


def test_an_asset_without_the_plugin_s_row_is_shown(site: SiteUnderTest) -> None:
    type_ = next(t["id"] for t in site.get("asset-types").json["items"] if t["slug"] == "equipment")
    made = site.post("assets", {"name": "Imported", "asset_type": type_})
    item = site.get(f"equipment/{made.json['id']}").json
    assert (item["calibration_state"], item["kind"], item["open_orders"]) == (None, None, 0)
    assert changed(site, f"equipment/{item['id']}", kind="cmm")["kind"] == "cmm"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"axes": "horizontal"}, "axes"),
        ({"maintained_on": day_ahead(3)}, "maintained_on"),
        ({"calibrated_on": "31.3.2026"}, "calibrated_on"),
        ({"maintenance_interval_days": 0}, "maintenance_interval_days"),
        ({"calibration_due_on": day_ahead(3)}, "calibration_due_on"),
        ({"kind": "mill"}, "kind"),
    ],
)
def test_a_wrong_value_is_refused_by_field(site: SiteUnderTest, values: dict[str, Any], field: str) -> None:
    refused = site.post("equipment", {"name": "x", **values})
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_axes_are_kept_in_one_notation(site: SiteUnderTest) -> None:
    assert machine(site, axes="x,y z/a")["axes"] == "X Y Z A"


def test_a_zone_that_nobody_knows_counts_as_utc_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    find_zone.cache_clear()
    assert str(find_zone("Mars/Olympus")) == "UTC"
    assert "Europe/Stockholm" in caplog.text


def test_days_are_those_of_the_site_s_zone(shopdb_site: Callable[..., SiteUnderTest]) -> None:
    """At half past ten in the evening in New York it is the next day in UTC."""
    site = shopdb_site("equipment", environ={"SHOPDB_EQUIPMENT_TIME_ZONE": "America/New_York"})
    mill = machine(site, maintenance_interval_days=30)
    body = {
        "equipment": mill["id"],
        "title": "Service",
        "kind": "maintenance",
        "finished_at": "2026-03-11T02:30:00Z",
    }
    assert site.post("equipment/work-orders", body).status_code == 201
    assert site.get(f"equipment/{mill['id']}").json["maintained_on"] == "2026-03-10"
    other = machine(site)["id"]
    first = {**body, "equipment": other, "finished_at": "0001-01-01T00:00:00Z"}
    assert site.post("equipment/work-orders", first).status_code == 201
    assert site.get(f"equipment/{other}").json["maintained_on"] == "0001-01-01"
