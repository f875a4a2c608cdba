"""What becomes of media, and the log as evidence of its own, on each engine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from shopdb.plugins import Actor
from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_usb import certificate

ACTOR = Actor(name="tester", source="cli")


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    made = shopdb_site("usb", engine=request.param)
    made.post("people", {"name": "Ada Lovelace", "employee_number": "1042"})
    made.post("usb/devices", {"name": "IronKey", "serial_number": "9C2A", "label_text": "P7-0042"})
    return made


def do(site: SiteUnderTest, action: str, **values: Any) -> Any:
    return site.post(f"usb/devices/1/{action}", values)


def events(site: SiteUnderTest) -> list[str]:
    return [each["event"] for each in site.get("usb/certificates?sort=id").json["items"]]


def test_the_log_says_what_was_used_where_and_keeps_its_numbers(site: SiteUnderTest) -> None:
    lathe = site.post("assets", {"name": "Lathe 2", "asset_type": 1}).json["id"]
    out = do(site, "check-out", person=1, used_on=lathe)
    assert out.json["checkout"]["used_on"] == {"id": lathe, "name": "Lathe 2"}
    do(site, "check-in", scan_result="clean", wipe="purge", notes="Seal broken")
    site.patch("usb/devices/1", {"serial_number": "CHANGED"})
    (entry,) = site.get("usb/checkouts").json["items"]
    told = {key: entry[key] for key in ("device_serial", "employee_number", "wipe", "outcome", "scan_result")}
    assert told == {
        "device_serial": "9C2A",
        "employee_number": "1042",
        "wipe": "purge",
        "outcome": "returned",
        "scan_result": "clean",
    }
    sheet = site.get("usb/checkouts/export?format=csv").text
    header, row = sheet.splitlines()
    assert {"device", "device_tag", "device_serial", "person", "employee_number", "purpose"} < {
        *header.split(",")
    }
    assert {"used_on", "checked_out_by", "returned_by", "due_at", "notes", "wipe"} < {*header.split(",")}
    assert "9C2A" in row and "1042" in row and "Seal broken" in row
    assert site.delete(f"assets/{lathe}").status_code == 204
    assert site.get("usb/checkouts").json["items"][0]["used_on"] is None


def test_a_machine_that_is_not_there_is_refused(site: SiteUnderTest) -> None:
    refused = do(site, "check-out", person=1, used_on=999)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["used_on"])


def test_an_infected_device_is_quarantined_until_it_is_sanitised(site: SiteUnderTest) -> None:
    do(site, "check-out", person=1)
    assert do(site, "check-in", scan_result="infected").json["custody"] == "quarantined"
    refused = do(site, "check-out", person=1)
    assert refused.status_code == 409 and "sanitise it first" in refused.json["detail"]
    assert do(site, "sanitise", method="purge").status_code == 422
    done = do(site, "sanitise", method="purge", certificate="ATA secure erase, verified", witness=1)
    assert (done.status_code, done.json["custody"]) == (200, "in")
    assert events(site) == ["quarantined", "sanitised"]
    assert do(site, "check-out", person=1).status_code == 200


def test_a_lost_device_is_nobodys_and_goes_out_only_when_it_is_found(site: SiteUnderTest) -> None:
    do(site, "check-out", person=1)
    assert do(site, "report-lost", certificate="Left at the customer's").json["custody"] == "lost"
    assert site.get("usb/checkouts").json["items"][0]["outcome"] == "lost"
    assert site.get("usb/devices?custody=lost&total=true").json["total"] == 1
    assert site.get("usb/devices?custody=in").json["items"] == []
    for action, values in (
        ("check-out", {"person": 1}),
        ("destroy", {"certificate": "x"}),
        ("report-lost", {"certificate": "x"}),
    ):
        refused = do(site, action, **values)
        assert refused.status_code == 409 and "recorded as lost" in refused.json["detail"]
    assert do(site, "found", certificate="In the car").json["custody"] == "in"
    assert do(site, "found", certificate="Again").status_code == 409
    assert events(site) == ["lost", "found"]


def test_a_destroyed_or_retired_device_is_not_handed_out(site: SiteUnderTest) -> None:
    retired = next(each["id"] for each in site.get("statuses").json["items"] if each["kind"] == "archived")
    site.patch("usb/devices/1", {"status": retired})
    refused = do(site, "check-out", person=1)
    assert refused.status_code == 409 and "Retired" in refused.json["detail"]
    assert do(site, "destroy", certificate="Shredded, no. 7").json["custody"] == "destroyed"
    assert "destroyed" in do(site, "check-out", person=1).json["detail"]
    (told,) = site.get("usb/certificates").json["items"]
    assert [told[key] for key in ("device_serial", "certificate", "recorded_by", "method")] == [
        "9C2A",
        "Shredded, no. 7",
        "admin",
        "destroy",
    ]
    assert site.post("usb/certificates", {"event": "found"}).status_code == 405


def test_what_is_out_is_neither_sanitised_nor_destroyed(site: SiteUnderTest) -> None:
    do(site, "check-out", person=1)
    for action in ("sanitise", "destroy"):
        refused = do(site, action, certificate="x", **({"method": "clear"} if action == "sanitise" else {}))
        assert refused.status_code == 409 and "check it in first" in refused.json["detail"]
    assert events(site) == []


def test_the_devices_page_tells_custody_and_certificates(site: SiteUnderTest) -> None:
    do(site, "check-out", person=1)
    do(site, "report-lost", certificate="Left <there>")
    page = site.signed_in().get("/usb/devices/1").get_data(as_text=True)
    for told in ("Left &lt;there&gt;", "Found again", "Lost", "P7-0042", "/usb/checkouts?device__in=1"):
        assert told in page, told
    assert "do/check-out" not in page


def test_who_records_while_somebody_else_does_hears_how_it_stands_afterwards(site: SiteUnderTest) -> None:
    do(site, "report-lost", certificate="Left at the customer's")
    with ThreadPoolExecutor(1) as pool:
        with site.runtime.database.write() as session:
            certificate.hold(session, 1)
            certificate.record(session, 1, "found", actor=ACTOR, certificate="In the car")
            second = pool.submit(do, site, "found", certificate="On the desk")
            wait([second], timeout=0.5)
        refused = second.result()
    assert refused.status_code == 409 and "recorded as in" in refused.json["detail"]
    assert events(site) == ["lost", "found"]
