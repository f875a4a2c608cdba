"""The kiosk: a badge, a stick, done, by what a wedge scanner types."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from shopdb.testing import ENGINES, SiteUnderTest


class Kiosk:
    """Someone who scans; each answer is read for the next scan as a browser would."""

    def __init__(self, site: SiteUnderTest):
        self.client: FlaskClient = site.signed_in()
        self.page = self.client.get("/usb/kiosk").get_data(as_text=True)

    def scan(self, code: str) -> str:
        """What the heading says afterwards."""
        return self._send(code=code)

    def press(self, result: str) -> str:
        """One of the buttons for the malware scan."""
        return self._send(scan_result=result)

    def _send(self, **values: Any) -> str:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page))
        if "code" in values:
            hidden.pop("returned", None)
        answer = self.client.post("/usb/kiosk", data={**hidden, **values})
        assert answer.status_code == 200
        self.page = answer.get_data(as_text=True)
        return self.heading

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page)
        assert found is not None
        return found[1]


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    made = shopdb_site("usb", engine=request.param)
    made.post("people", {"name": "Ada Lovelace", "employee_number": "1042-A"})
    made.post("usb/devices", {"name": "IronKey", "asset_tag": "U-1", "serial_number": "9C2A71"})
    return made


@pytest.fixture
def lite(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    made = shopdb_site("usb", environ={"SHOPDB_USB_KIOSK_HOURS": "3"})
    made.post("people", {"name": "Ada Lovelace", "employee_number": "1042-A"})
    made.post("usb/devices", {"name": "IronKey", "asset_tag": "U-1", "serial_number": "9C2A71"})
    return made


def checkout(site: SiteUnderTest) -> Any:
    return site.get("usb/devices/1").json["checkout"]


def test_a_badge_and_a_stick_check_it_out_and_the_stick_alone_brings_it_back(site: SiteUnderTest) -> None:
    kiosk = Kiosk(site)
    assert kiosk.heading == "Scan your badge"
    assert kiosk.scan(" 1042-a ") == "Ada Lovelace"
    assert kiosk.scan("9c2a71") == "Ada Lovelace has it"
    assert checkout(site)["person"]["name"] == "Ada Lovelace"
    assert 'name="person"' not in kiosk.page  # the next one is someone else
    assert kiosk.scan("U-1") == "IronKey U-1 is back"
    assert checkout(site) is None
    assert kiosk.press("clean") == "Clean: noted"
    assert site.get("usb/checkouts").json["items"][0]["scan_result"] == "clean"


def test_the_stick_may_come_first(lite: SiteUnderTest) -> None:
    kiosk = Kiosk(lite)
    assert kiosk.scan("U-1") == "IronKey U-1"
    assert kiosk.scan("1042-A") == "Ada Lovelace has it"
    assert "within 3 hours" in kiosk.page
    out = checkout(lite)
    assert (out["due_at"] > out["checked_out_at"], out["overdue"]) == (True, False)


def test_what_is_not_known_changes_nothing_and_keeps_the_badge(lite: SiteUnderTest) -> None:
    kiosk = Kiosk(lite)
    kiosk.scan("1042-A")
    assert kiosk.scan("<b>4711") == "Not known"
    assert "&lt;b&gt;4711" in kiosk.page and 'role="alert"' in kiosk.page
    assert kiosk.scan("U-1") == "Ada Lovelace has it"


def test_a_lost_or_infected_device_stays_and_the_kiosk_says_why(lite: SiteUnderTest) -> None:
    kiosk = Kiosk(lite)
    for code in ("1042-A", "U-1", "U-1"):
        kiosk.scan(code)
    assert kiosk.press("infected") == "Infected: noted"
    assert kiosk.press("clean") != "Clean: noted"
    kiosk.scan("1042-A")
    assert kiosk.scan("U-1") == "IronKey U-1 stays here"
    assert "sanitise it first" in kiosk.page
    assert checkout(lite) is None


def test_a_scan_is_told_of_a_return_once(lite: SiteUnderTest) -> None:
    kiosk = Kiosk(lite)
    for code in ("1042-A", "U-1", "U-1"):
        kiosk.scan(code)
    asked = kiosk.page
    assert kiosk.press("clean") == "Clean: noted"
    kiosk.page = asked
    assert kiosk.press("infected") == "Not noted"
    assert lite.get("usb/checkouts").json["items"][0]["scan_result"] == "clean"


@pytest.mark.parametrize(
    "form",
    [
        {"code": "U-1", "person": "999999999"},
        {"code": "U-1", "person": "99999999999999999999"},
        {"code": "U-1", "person": "x"},
        {"code": "x\0y"},
        {"code": ""},
        {"scan_result": "clean", "returned": "77"},
        {"code": "x" * 5000},
    ],
)
def test_whatever_is_sent_is_answered_with_a_page(lite: SiteUnderTest, form: dict[str, str]) -> None:
    kiosk = Kiosk(lite)
    token = re.search(r'name="csrf_token" value="([^"]+)"', kiosk.page)
    assert token is not None
    answer = kiosk.client.post("/usb/kiosk", data={**form, "csrf_token": token[1]})
    assert answer.status_code in (200, 404)
    assert checkout(lite) is None


def test_the_kiosk_is_for_those_who_may_check_out_and_stands_in_their_navigation(
    lite: SiteUnderTest,
) -> None:
    assert 'href="/usb/kiosk"' in lite.signed_in().get("/").get_data(as_text=True)
    assert lite.client().get("/usb/kiosk").status_code in (302, 303)
    role = lite.post("roles", {"name": "Reader", "permissions": ["usb.devices.view"]}).json["id"]
    lite.post("users", {"username": "reader", "password": "a long enough password", "roles": [role]})
    client = lite.client()
    found = client.get("/sign-in").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    form = {"username": "reader", "password": "a long enough password", "csrf_token": found}
    assert client.post("/sign-in", data=form).status_code in (302, 303)
    assert client.get("/usb/kiosk").status_code == 403
    assert 'href="/usb/kiosk"' not in client.get("/").get_data(as_text=True)


def test_the_kiosks_own_style_is_served(lite: SiteUnderTest) -> None:
    client = lite.signed_in()
    found = re.search(r'href="(/usb/static/[^"]+)"', client.get("/usb/kiosk").get_data(as_text=True))
    assert found is not None
    with client.get(found[1]) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/css")
