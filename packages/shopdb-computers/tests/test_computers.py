"""Computers, their software and their exceptions, through the API, on each engine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from shopdb.plugins import now
from shopdb.testing import ENGINES, SiteUnderTest


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("computers", engine=request.param)


@pytest.fixture
def lite(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("computers")


def add(site: SiteUnderTest, resource: str = "computers", **values: Any) -> Any:
    answer = site.post(resource, values)
    assert answer.status_code == 201, answer.text
    return answer.json


def machine(site: SiteUnderTest, name: str, *computers: int) -> int:
    """A machine that the computers drive."""
    types = {each["slug"]: each["id"] for each in site.get("asset-types?limit=100").json["items"]}
    made = int(add(site, "assets", name=name, asset_type=types["tool"])["id"])
    for computer in computers:
        add(site, "relationships", source=computer, kind="controls", target=made)
    return made


def days(number: int) -> str:
    return str(now().date() + timedelta(days=number))


def test_a_computer_is_an_asset_with_normal_values(site: SiteUnderTest) -> None:
    item = add(
        site,
        name="PC Mill 1",
        kind="industrial_pc",
        hostname="CELL2-PC01",
        macs="00-1B-1C-2A-3B-4C; 001b.1c2a.3b4d",
        hardware_uuid="4C4C4544-0051-3810-8032-B7C04F4D5832",
        last_seen_at="2026-03-01T10:00:00+02:00",
    )
    assert (item["asset_type"]["name"], item["macs"]) == ("Computer", "00:1b:1c:2a:3b:4c, 00:1b:1c:2a:3b:4d")
    assert item["last_seen_at"] == "2026-03-01T08:00:00Z"
    assert site.get("computers?q=cell2-pc&kind=industrial_pc").json["items"][0]["id"] == item["id"]
    refused = site.post("computers", {"macs": "x", "hostname": "a b", "kind": "toaster", "ram_mb": -1})
    assert (refused.status_code, set(refused.json["errors"])) == (422, {"macs", "hostname", "kind", "ram_mb"})


def test_the_end_of_support_follows_the_operating_system_until_it_is_typed(site: SiteUnderTest) -> None:
    made = add(site, name="PC", os_name="Windows 7")
    path = f"computers/{made['id']}"

    def told(**changes: Any) -> tuple[str | None, str | None, str]:
        item = site.patch(path, changes).json
        return item["os_support_ends"], item["os_support_source"], item["os_support"]

    assert (made["os_support_ends"], made["os_support_source"]) == ("2020-01-14", "table")
    assert told(os_name="Windows 10", os_edition="IoT Enterprise LTSC 2021") == (
        "2032-01-13",
        "table",
        "supported",
    )
    assert told(os_support_ends=days(30)) == (days(30), "typed", "ends_soon")
    assert told(os_name="Windows XP") == (days(30), "typed", "ends_soon")
    assert told(os_support_ends=None) == ("2014-04-08", "table", "ended")
    assert told(os_name="Debian") == (None, None, "unknown")
    assert site.patch(path, {"os_support_source": "typed"}).status_code == 422


def test_an_allowed_exception_holds_until_its_day(site: SiteUnderTest) -> None:
    path = f"computers/{add(site, name='PC', os_name='Windows XP')['id']}"
    excuse = {"computer": site.get(path).json["id"], "kind": "old_os", "reason": "The controller needs it"}
    made = add(site, "computers/exceptions", **excuse, allowed_until=days(0))
    assert site.get(path).json["os_support"] == "allowed"
    site.patch(f"computers/exceptions/{made['id']}", {"allowed_until": days(-1)})
    assert site.get(path).json["os_support"] == "ended"
    assert site.post("computers/exceptions", {**excuse, "allowed_until": days(9)}).status_code == 409


@pytest.mark.parametrize(
    ("values", "drives", "state"),
    [
        ({}, False, None),
        ({}, True, "never"),
        ({"backup_interval_days": 30}, False, "never"),
        ({"last_image_at": "2020-01-01T00:00:00Z"}, False, "fresh"),
        ({"last_image_at": "2020-01-01T00:00:00Z"}, True, "late"),
        ({"last_image_at": "2020-01-01T00:00:00Z", "backup_interval_days": 3650}, True, "fresh"),
        ({"last_image_at": "2020-01-01T00:00:00Z", "backup_interval_days": 30}, False, "late"),
    ],
)
def test_an_image_is_judged_by_its_age_and_by_what_the_computer_drives(
    lite: SiteUnderTest, values: dict[str, Any], drives: bool, state: str | None
) -> None:
    made = add(lite, name="PC", **values)
    if drives:
        machine(lite, "Lathe", made["id"])
    assert lite.get(f"computers/{made['id']}").json["image"] == state


def test_lists_are_filtered_by_what_each_computers_page_says(site: SiteUnderTest) -> None:
    old, now_due = (
        "2020-01-01T00:00:00Z",
        {"last_image_at": "2026-01-01T00:00:00Z", "backup_interval_days": 1},
    )
    kinds: list[dict[str, Any]] = [
        {},
        {"os_name": "Windows XP", "last_image_at": old},
        {"os_name": "Windows 11", "os_version": "25H2", **now_due},
        {"os_support_ends": days(10), "backup_interval_days": 30},
        {"os_support_ends": days(0), "last_image_at": old, "backup_interval_days": 3650},
    ]
    for number, values in enumerate([*kinds, *kinds, *kinds]):
        made = add(site, name=f"PC {number:02}", **values)["id"]
        if number >= len(kinds):
            machine(site, f"Machine {number}", made)
        for kind in ("old_os", "no_image") if number >= 2 * len(kinds) else ():
            excuse = {"kind": kind, "reason": "x", "allowed_until": days(0)}
            add(site, "computers/exceptions", computer=made, **excuse)
    everything = site.get("computers?limit=100").json["items"]
    states = {
        "os_support": ("supported", "ends_soon", "ended", "allowed", "unknown"),
        "image": ("fresh", "late", "never", "allowed"),
        "duty": ("machine", "none"),
    }
    for key, values in states.items():
        for value in values:
            found = {each["name"] for each in site.get(f"computers?{key}={value}&limit=100").json["items"]}
            assert found == {each["name"] for each in everything if each[key] == value} != set(), (key, value)


def test_when_the_next_image_is_due_can_be_filtered(site: SiteUnderTest) -> None:
    late = add(site, name="Late", last_image_at="2026-01-01T00:00:00Z", backup_interval_days=30)
    add(site, name="Never")
    add(site, name="Far", last_image_at="9999-01-01T00:00:00Z", backup_interval_days=3650)
    assert late["image_due_at"] == "2026-01-31T00:00:00Z"
    found = site.get("computers?image_due_at__lt=2026-02-01T00:00:00Z").json["items"]
    assert [each["name"] for each in found] == ["Late"]


def test_a_computer_names_the_machines_that_its_relationships_say_it_drives(site: SiteUnderTest) -> None:
    made = add(site, name="PC")
    ids = [machine(site, name, made["id"]) for name in ("Mill 2", "Mill 1")]
    assert site.get(f"computers/{made['id']}").json["drives"] == [
        {"id": ids[1], "name": "Mill 1"},
        {"id": ids[0], "name": "Mill 2"},
    ]
    (listed,) = site.get("computers").json["items"]
    assert [each["name"] for each in listed["drives"]] == ["Mill 1", "Mill 2"]


def test_an_application_is_on_a_computer_once_in_each_version(site: SiteUnderTest) -> None:
    computer = add(site, name="PC")["id"]
    values = {"computer": computer, "name": "Mastercam", "licence_key": "ABCD-EFGH"}
    made = add(site, "computers/applications", **values)
    assert (made["licence_key_set"], "ABCD" in str(made)) == (True, False)
    add(site, "computers/applications", **values, app_version="2026")
    for version in (None, "2026"):
        refused = site.post("computers/applications", {**values, "app_version": version})
        assert refused.status_code == 409 and list(refused.json["errors"]) == ["app_version"]


def test_an_application_without_a_version_is_added_once_by_whoever_comes_at_once(site: SiteUnderTest) -> None:
    values = {"computer": add(site, name="PC")["id"], "name": "Mastercam"}
    site.get("computers")
    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda _: site.post("computers/applications", values).status_code, range(6)))
    assert sorted(codes) == [201, *[409] * 5]


def test_a_deleted_computer_takes_its_software_and_exceptions_along(site: SiteUnderTest) -> None:
    computer = add(site, name="PC")["id"]
    add(site, "computers/applications", computer=computer, name="Office")
    add(site, "computers/exceptions", computer=computer, kind="other", reason="x", allowed_until="2027-01-01")
    assert site.delete(f"computers/{computer}").status_code == 204
    assert site.get("computers/applications").json["items"] == []
    assert site.get("computers/exceptions").json["items"] == []


def test_an_asset_without_the_plugins_row_is_listed_and_its_first_change_makes_one(
    site: SiteUnderTest,
) -> None:
    types = {each["slug"]: each["id"] for each in site.get("asset-types?limit=100").json["items"]}
    bare = add(site, "assets", name="Imported", asset_type=types["computer"])
    path = f"computers/{bare['id']}"
    machine(site, "Lathe", bare["id"])
    assert (site.get(path).json["os_support"], site.get(path).json["image"]) == ("unknown", "never")
    changed = site.patch(path, {"os_name": "Windows 7", "hostname": "PC1"}).json
    assert (changed["os_support_ends"], changed["hostname"]) == ("2020-01-14", "PC1")


def test_an_image_that_was_made_is_noted_with_its_place(site: SiteUnderTest) -> None:
    path = f"computers/{add(site, name='PC', image_location='Shelf 2')['id']}"
    made = site.post(f"{path}/image-made", {"at": "2026-02-03T04:05:00Z"}).json
    assert (made["last_image_at"], made["image_location"]) == ("2026-02-03T04:05:00Z", "Shelf 2")
    made = site.post(f"{path}/image-made", {"location": "NAS2"}).json
    assert made["image_location"] == "NAS2" and made["last_image_at"] > "2026-02-03T04:05:00Z"
    ahead = (now() + timedelta(hours=1)).isoformat()
    refused = site.post(f"{path}/image-made", {"at": ahead})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["at"])
    assert site.post(f"{path}/seen").json["last_seen_at"][:10] == str(now().date())


def test_a_sheet_of_computers_and_one_of_software_are_taken(site: SiteUnderTest) -> None:
    sheet = "asset_tag,name,hostname,os_name,macs\nPC-1,PC Mill,mill1,Windows 7,001B1C2A3B4C\n"
    taken = site.call("POST", "computers/import", data=sheet, headers={"Content-Type": "text/csv"})
    assert (taken.status_code, taken.json["created"]) == (200, 1), taken.text
    software = "computer,name,app_version\nPC Mill,Mastercam,2026\nPC Mill,Office,2021\n"
    for expected in ("created", "unchanged"):
        taken = site.call(
            "POST",
            "computers/applications/import?update=true",
            data=software,
            headers={"Content-Type": "text/csv"},
        )
        assert (taken.status_code, taken.json[expected]) == (200, 2), taken.text


@pytest.mark.parametrize("resource", ["computers", "computers/applications"])
def test_an_export_is_taken_back_without_a_change(lite: SiteUnderTest, resource: str) -> None:
    pc = add(lite, name="PC Mill", os_name="Windows 10", os_version="22H2")
    add(lite, "computers/applications", computer=pc["id"], name="Mastercam", app_version="2026")
    sheet = lite.get(f"{resource}/export?format=csv").get_data()
    path = f"{resource}/import?update=true"
    taken = lite.call("POST", path, data=sheet, headers={"Content-Type": "text/csv"}).json
    assert (taken["unchanged"], "version" in taken["ignored_columns"]) == (1, True), taken


def test_a_column_may_bear_a_fields_label_where_none_bears_its_name(lite: SiteUnderTest) -> None:
    sheet = "Name,Version\nPC Mill,22H2\n"
    lite.call("POST", "computers/import", data=sheet, headers={"Content-Type": "text/csv"})
    assert lite.get("computers").json["items"][0]["os_version"] == "22H2"


def test_a_list_costs_one_statement_for_the_standing_of_all(site: SiteUnderTest) -> None:
    from sqlalchemy import event

    for number in range(3):
        machine(site, f"Mill {number}", add(site, name=f"PC {number}", os_name="Windows XP")["id"])
    seen: list[str] = []
    event.listen(site.runtime.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    assert len(site.get("computers").json["items"]) == 3
    assert len(seen) <= 3, seen
    assert date.fromisoformat(site.get("computers").json["items"][0]["os_support_ends"])
