"""The register of media and its custody, through the API and the pages."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from shopdb.errors import ConflictError
from shopdb.plugins import Actor, now
from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_usb import services
from shopdb_usb.models import Checkout
from shopdb_usb.services import Handover, Return, check_in, check_out

ACTOR = Actor(name="tester", source="cli")


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site with the plugin and two people, on each engine."""
    made = shopdb_site("usb", engine=request.param)
    for name in ("Ada Lovelace", "Grace Hopper"):
        made.post("people", {"name": name})
    return made


def stick(site: SiteUnderTest, **values: Any) -> Any:
    """A new device."""
    answer = site.post("usb/devices", {"name": "IronKey", **values})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_device_is_an_asset_with_ids_in_any_notation(site: SiteUnderTest) -> None:
    item = stick(site, vid="0X0951", pid="1666", capacity_gb=32, encryption="hardware")
    assert (item["vid"], item["asset_type"]["name"], item["checkout"]) == ("0951", "USB device", None)
    assert site.get(f"assets/{item['id']}").json["name"] == "IronKey"
    refused = site.post("usb/devices", {"vid": "95x1"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["vid"])


def test_a_device_goes_out_and_comes_back(site: SiteUnderTest) -> None:
    path = f"usb/devices/{stick(site)['id']}"
    due = (now() + timedelta(hours=4)).isoformat()
    out = site.post(f"{path}/check-out", {"person": 1, "due_at": due, "purpose": "NC programs"})
    assert (out.status_code, out.json["checkout"]["person"]["name"]) == (200, "Ada Lovelace")
    assert out.json["checkout"]["overdue"] is False
    again = site.post(f"{path}/check-out", {"person": 2})
    assert again.status_code == 409 and "It is with Ada Lovelace" in again.json["detail"]
    back = site.post(f"{path}/check-in", {"scan_result": "clean"})
    assert (back.status_code, back.json["checkout"]) == (200, None)
    assert site.post(f"{path}/check-in").status_code == 409
    log = site.get("usb/checkouts").json["items"]
    assert [(e["person"]["name"], e["scan_result"], e["returned_by"]) for e in log] == [
        ("Ada Lovelace", "clean", "admin")
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "person"),
        ({"person": 99}, "person"),
        ({"person": "Ada"}, "person"),
        ({"person": 1, "due_at": "tomorrow"}, "due_at"),
        ({"person": 1, "due_at": "2020-01-01T00:00:00Z"}, "due_at"),
        ({"person": 1, "purpose": "x" * 300}, "purpose"),
        ({"person": 1, "colour": "red"}, "colour"),
    ],
)
def test_a_wrong_check_out_is_refused_by_field_and_nothing_is_out(
    site: SiteUnderTest, body: dict[str, Any], field: str
) -> None:
    path = f"usb/devices/{stick(site)['id']}"
    refused = site.post(f"{path}/check-out", body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])
    assert site.get(path).json["checkout"] is None


def test_late_ones_are_listed(site: SiteUnderTest) -> None:
    path = f"usb/devices/{stick(site)['id']}"
    site.post(f"{path}/check-out", {"person": 1, "due_at": (now() + timedelta(hours=1)).isoformat()})
    with site.runtime.database.write() as session:
        session.execute(update(Checkout).values(due_at=now() - timedelta(hours=1)))
    item = site.get(path).json
    assert (item["checkout"]["overdue"], item["custody"], item["held_by"]) == (True, "late", "Ada Lovelace")
    moment = now().isoformat().replace("+00:00", "Z")
    late = site.get(f"usb/checkouts?returned_at__isnull=true&due_at__lt={moment}").json["items"]
    assert [entry["device"]["name"] for entry in late] == ["IronKey"]


def test_custody_is_written_by_check_out_alone(site: SiteUnderTest) -> None:
    assert site.post("usb/checkouts", {"person": 1}).status_code == 405


def test_a_deleted_device_takes_its_log_along(site: SiteUnderTest) -> None:
    path = f"usb/devices/{stick(site)['id']}"
    site.post(f"{path}/check-out", {"person": 1})
    assert site.delete(path).status_code == 204
    assert site.get("usb/checkouts").json["items"] == []


def test_a_person_with_a_stick_is_not_deleted(site: SiteUnderTest) -> None:
    site.post(f"usb/devices/{stick(site)['id']}/check-out", {"person": 1})
    refused = site.delete("people/1")
    assert refused.status_code == 409 and "usb check-outs" in refused.json["detail"]


def test_the_page_tells_who_has_it(site: SiteUnderTest) -> None:
    item = stick(site)
    site.post(f"usb/devices/{item['id']}/check-out", {"person": 1, "purpose": "<script>alert(1)</script>"})
    page = site.signed_in().get(f"/usb/devices/{item['id']}").get_data(as_text=True)
    assert "Ada Lovelace" in page and "Check in" in page
    assert "<script>alert(1)" not in page


def test_a_list_of_devices_costs_the_same_however_many_are_out(site: SiteUnderTest) -> None:
    from sqlalchemy import event

    for _ in range(3):
        site.post(f"usb/devices/{stick(site)['id']}/check-out", {"person": 1})
    seen: list[str] = []
    event.listen(site.runtime.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    assert len(site.get("usb/devices?total=true").json["items"]) == 3
    assert len(seen) <= 4


def test_a_device_comes_back_once_whoever_takes_it_at_once(site: SiteUnderTest) -> None:
    device = stick(site)["id"]
    with site.runtime.database.write() as session:
        check_out(session, device, Handover(person_id=1), actor=ACTOR)

    def take_back(number: int) -> str | None:
        try:
            with site.runtime.database.write() as session:
                check_in(session, device, Return(notes=f"n{number}"), actor=ACTOR)
        except ConflictError:
            return None
        return f"n{number}"

    with ThreadPoolExecutor(8) as pool:
        taken = [notes for notes in pool.map(take_back, range(8)) if notes]
    assert taken == [item["notes"] for item in site.get("usb/checkouts").json["items"]]


def test_a_late_device_stands_on_the_start_page_and_in_its_list(
    site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, hours in (("Late", 1), ("Later", 9)):
        due = (now() + timedelta(hours=hours)).isoformat()
        site.post(f"usb/devices/{stick(site, name=name)['id']}/check-out", {"person": 1, "due_at": due})
    with site.runtime.database.read() as session:
        assert services.list_late(session)[:2] == ([], 0)
        monkeypatch.setattr(services, "now", lambda: now() + timedelta(hours=2))
        lines, count, url = services.list_late(session)
    assert ([line.text for line in lines], count) == (["Late: Ada Lovelace"], 1)
    listed = site.get(url.removeprefix("/")).json["items"]
    assert [entry["device"]["name"] for entry in listed] == ["Late"]


def test_devices_are_listed_by_their_custody(site: SiteUnderTest) -> None:
    for name in ("In", "Out", "Late"):
        stick(site, name=name)
    soon = (now() + timedelta(hours=1)).isoformat()
    site.post("usb/devices/2/check-out", {"person": 1})
    site.post("usb/devices/3/check-out", {"person": 1, "due_at": soon})
    with site.runtime.database.write() as session:
        session.execute(update(Checkout).where(Checkout.device_id == 3).values(due_at=now()))

    def names(query: str) -> list[str]:
        return [item["name"] for item in site.get(f"usb/devices?{query}").json["items"]]

    assert (names("custody=in"), names("custody=out"), names("custody=late")) == (["In"], ["Out"], ["Late"])
    assert names("custody__in=late,in&sort=-name") == ["Late", "In"]
    answer = site.get("usb/devices?custody=late&total=true&limit=1").json
    assert (answer["total"], answer["next"]) == (1, None)
    assert "Late" in site.get("usb/devices/export?custody=late").text
    refused = site.get("usb/devices?custody=sold")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["custody"])
    page = site.signed_in().get("/usb/devices?custody__in=late").get_data(as_text=True)
    assert "Custody: Late" in page and "/usb/devices/3" in page and '/usb/devices/2"' not in page
