"""What computers put on pages: their own, those of the machines that they drive, and the start page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shopdb.plugins import SearchHit, SearchTerm, now
from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_computers.cards import list_cards
from shopdb_computers.search import find_by_mac, find_by_software


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("computers", engine=request.param)


@pytest.fixture
def lite(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("computers")


def add(site: SiteUnderTest, resource: str = "computers", **values: Any) -> int:
    answer = site.post(resource, values)
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


def type_of(site: SiteUnderTest, slug: str) -> int:
    types = {each["slug"]: each["id"] for each in site.get("asset-types?limit=100").json["items"]}
    return int(types[slug])


def drive(site: SiteUnderTest, computer: int, name: str) -> int:
    """A machine that the computer drives."""
    made = add(site, "assets", name=name, asset_type=type_of(site, "tool"))
    add(site, "relationships", source=computer, kind="controls", target=made)
    return made


def page(site: SiteUnderTest, path: str) -> str:
    answer = site.signed_in().get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def ago(days: int) -> str:
    return (now() - timedelta(days=days)).isoformat()


def cards(site: SiteUnderTest) -> dict[str, Any]:
    with site.runtime.database.read() as session:
        return {card.title: card for card in list_cards(session) if card.lines}


def test_a_computers_page_tells_what_it_drives_how_it_stands_and_what_is_on_it(lite: SiteUnderTest) -> None:
    computer = add(
        lite,
        name="PC",
        os_name="Windows XP",
        last_image_at=ago(400),
        nc_share="\\\\FILE1\\nc",
        last_seen_at=ago(91),
    )
    drive(lite, computer, "Mill <1>")
    for number in range(9):
        add(lite, "computers/applications", computer=computer, name=f"App {number}", app_version="1.2")
    until = str(now().date() + timedelta(days=9))
    add(
        lite,
        "computers/exceptions",
        computer=computer,
        kind="no_updates",
        reason="No route",
        allowed_until=until,
    )
    text = page(lite, f"/computers/{computer}")
    for told in (
        "Mill &lt;1&gt;",
        "Out of support",
        "ended <time",
        "as the makers&#39; table says",
        "Too old",
        "\\\\FILE1\\nc",
        "Not seen for 90 days",
        "App 0",
        "All 9",
        f"Until {until}",
        "/relationships/new?source=",
    ):
        assert told in text, told
    assert "App 8" not in text
    assert "<dt>Support ends</dt>" not in text  # its panel tells it
    assert "<dt>Hostname</dt>" in text


def test_the_list_shows_first_what_the_machine_needs_to_know_of_its_computer(lite: SiteUnderTest) -> None:
    drive(lite, add(lite, name="PC", os_name="Windows XP", serial_number="SN-17"), "Mill 1")
    text = page(lite, "/computers")
    headings = [
        "Asset tag",
        "Drives",
        "Operating system",
        "Support",
        "Image",
        "Location",
        "Hostname",
        "Last seen",
    ]
    places = [text.index(f'data-label="{each}"') for each in headings]
    assert places == sorted(places)
    assert "Mill 1" in text and "SN-17" not in text


def test_a_machines_page_names_the_computer_that_drives_it(site: SiteUnderTest) -> None:
    computer = add(site, name="PC Mill", os_name="Windows 7", hostname="MILL1", nc_share="//file1/nc")
    machine = drive(site, computer, "Mill")
    text = page(site, f"/assets/{machine}")
    for told in (
        "Controlled by",
        f"/computers/{computer}",
        "MILL1",
        "Out of support",
        "Never made",
        "//file1/nc",
    ):
        assert told in text, told
    alone = add(site, "assets", name="Alone", asset_type=type_of(site, "tool"))
    assert "Controlled by" not in page(site, f"/assets/{alone}")


def test_who_may_not_see_computers_is_told_nothing_of_them_on_a_machines_page(lite: SiteUnderTest) -> None:
    machine = drive(lite, add(lite, name="PC", hostname="MILL1"), "Mill")
    role = lite.post("roles", {"name": "Fitter", "permissions": ["core.assets.view"]}).json["id"]
    made = lite.post("users", {"username": "fitter", "password": "a long enough password", "roles": [role]})
    assert made.status_code == 201, made.text
    client = lite.client()
    found = client.get("/sign-in").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    form = {"username": "fitter", "password": "a long enough password", "csrf_token": found}
    assert client.post("/sign-in", data=form).status_code in (302, 303)
    answer = client.get(f"/assets/{machine}")
    assert answer.status_code == 200
    assert "MILL1" not in answer.get_data(as_text=True)


def test_a_bare_asset_of_the_type_bears_every_page_and_card(site: SiteUnderTest) -> None:
    bare = add(site, "assets", name="Imported", asset_type=type_of(site, "computer"))
    machine = drive(site, bare, "Lathe")
    assert "Imported" in page(site, "/computers")
    assert "Never made" in page(site, f"/computers/{bare}")
    assert "Imported" in page(site, f"/assets/{machine}")
    assert [line.text for line in cards(site)["Images missing or too old"].lines] == ["Imported"]


def test_the_start_page_tells_which_systems_that_drive_a_machine_are_out_of_support(
    site: SiteUnderTest,
) -> None:
    driving = add(site, name="PC Mill", os_name="Windows XP")
    excused = add(site, name="PC Lathe", os_name="Windows 7")
    add(site, name="PC office", os_name="Windows 7")
    for computer in (driving, excused):
        drive(site, computer, f"Machine {computer}")
    excuse = {"computer": excused, "kind": "old_os", "reason": "x"}
    made = add(site, "computers/exceptions", **excuse, allowed_until=str(now().date()))
    title = "Out of support on machines"
    assert [line.text for line in cards(site)[title].lines] == ["PC Mill: Windows XP"]
    assert "Exceptions that have run out" not in cards(site)
    yesterday = str(now().date() - timedelta(days=1))
    site.patch(f"computers/exceptions/{made}", {"allowed_until": yesterday})
    assert [line.text for line in cards(site)[title].lines] == ["PC Mill: Windows XP", "PC Lathe: Windows 7"]
    assert [line.text for line in cards(site)["Exceptions that have run out"].lines] == [
        "PC Lathe: Operating system out of support"
    ]
    listed = site.get(cards(site)[title].url.removeprefix("/")).json["items"]
    assert [each["name"] for each in listed] == ["PC Mill", "PC Lathe"]
    add(site, "computers/exceptions", **{**excuse, "reason": "y"}, allowed_until=str(now().date()))
    assert "Exceptions that have run out" not in cards(site)


def test_the_start_page_tells_which_images_are_missing_or_old_and_who_was_not_seen(
    site: SiteUnderTest,
) -> None:
    never = add(site, name="Never")
    drive(site, never, "Mill")
    drive(site, add(site, name="Old", last_image_at=ago(366)), "Lathe")
    drive(site, add(site, name="Slow", last_image_at=ago(366), backup_interval_days=730), "Saw")
    add(site, name="Late", last_image_at=ago(31), backup_interval_days=30)
    add(site, name="Office", last_seen_at=ago(91))
    add(site, name="Busy", last_seen_at=ago(89))
    retired = {each["name"]: each["id"] for each in site.get("statuses").json["items"]}["Retired"]
    drive(site, add(site, name="Gone", status=retired, last_seen_at=ago(400)), "Press")
    found = cards(site)
    images = found["Images missing or too old"]
    assert [(line.text, line.note) for line in images.lines] == [
        ("Never", "never imaged"),
        ("Old", ""),
        ("Late", ""),
    ]
    assert images.count == 3
    assert [line.text for line in found["Computers not seen for 90 days"].lines] == ["Office"]
    add(
        site,
        "computers/exceptions",
        computer=never,
        kind="no_image",
        reason="Firmware only",
        allowed_until=str(now().date()),
    )
    assert [line.text for line in cards(site)["Images missing or too old"].lines] == ["Old", "Late"]
    assert "Never" not in page(site, "/").split("Images missing or too old")[1].split("</section>")[0]


def test_the_sites_settings_say_what_is_stale_and_old(shopdb_site: Callable[..., SiteUnderTest]) -> None:
    site = shopdb_site(
        "computers", environ={"SHOPDB_COMPUTERS_STALE_DAYS": "7", "SHOPDB_COMPUTERS_IMAGE_DAYS": "30"}
    )
    drive(site, add(site, name="PC", last_seen_at=ago(8), last_image_at=ago(31)), "Mill")
    assert set(cards(site)) == {"Computers not seen for 7 days", "Images missing or too old"}


def find(site: SiteUnderTest, source: Callable[..., list[SearchHit]], text: str) -> list[SearchHit]:
    with site.runtime.database.read() as session:
        return source(session, SearchTerm.read(text), 5)


def test_the_search_finds_computers_by_their_software_and_by_any_notation_of_a_mac(
    site: SiteUnderTest,
) -> None:
    computer = add(site, name="PC Mill", macs="00:1b:1c:2a:3b:4c")
    add(site, name="Other", macs="aa:bb:cc:dd:ee:ff")
    add(site, "computers/applications", computer=computer, name="Mastercam 100%", app_version="2026")
    (hit,) = find(site, find_by_software, "2026 mastercam")
    assert (hit.title, hit.item_id, hit.detail) == ("PC Mill", computer, "Has Mastercam 100% 2026")
    assert find(site, find_by_software, "mastercam_") == []
    for typed in ("001b.1c2a.3b4c", "00-1B-1C-2A-3B-4C", "2a3b4c"):
        (hit,) = find(site, find_by_mac, typed)
        assert (hit.item_id, hit.is_exact) == (computer, typed != "2a3b4c")
    assert find(site, find_by_mac, "mill") == []
