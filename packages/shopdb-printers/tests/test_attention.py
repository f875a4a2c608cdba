"""What printers put on the start page and on other things' pages."""

from collections.abc import Callable
from typing import Any

import pytest

from shopdb.plugins import now
from shopdb.testing import SiteUnderTest
from shopdb_printers.attention import list_cards
from shopdb_printers.nearby import list_near, panels_near
from shopdb_printers.poll import POLL
from shopdb_printers.reading import DeviceReading, Level
from shopdb_printers.services import save_reading


@pytest.fixture
def site(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers")


def printer(site: SiteUnderTest, name: str, **values: Any) -> int:
    """A new printer; its id."""
    answer = site.post("printers", {"name": name, **values})
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


def read(site: SiteUnderTest, asset_id: int, *, state: str = "idle", percent: int | None = 50) -> None:
    """Keep what a poll would have found."""
    toner = Level(1, "toner", "Black toner", "black", 100, percent, percent, None if percent else "unknown")
    reading = DeviceReading("Acme", "S1", None, state, (), (), 7, (toner,), ())
    with site.runtime.database.write() as session:
        row = POLL.find_row(session, asset_id)
        assert row is not None
        row.note_answer(now(), interval_s=300)
        save_reading(session, row, reading)


def test_the_card_names_what_stopped_is_silent_or_runs_dry_the_worst_first(site: SiteUnderTest) -> None:
    fine, low, stopped, silent, unknown, never = (
        printer(site, name) for name in ("Fine", "Low", "Stopped", "Silent", "Unknown", "Never")
    )
    read(site, fine)
    read(site, low, percent=4)
    read(site, stopped, state="down")
    read(site, unknown, percent=None)
    with site.runtime.database.write() as session:
        row = POLL.find_row(session, silent)
        assert row is not None
        row.note_failure("It does not answer.", now(), interval_s=300)

    with site.runtime.database.read() as session:
        (card,) = list_cards(session)

    assert [(line.text, line.tone, line.note, line.url) for line in card.lines] == [
        ("Silent", "danger", "Not answering", f"/printers/{silent}"),
        ("Stopped", "danger", "Stopped", f"/printers/{stopped}"),
        ("Low", "warning", "Black toner 4 %", f"/printers/{low}"),
    ]
    assert never not in [line.url for line in card.lines]


def test_a_printer_that_is_gone_for_good_asks_nobody(site: SiteUnderTest) -> None:
    retired = next(s["id"] for s in site.get("statuses").json["items"] if s["kind"] == "archived")
    read(site, printer(site, "Old", status=retired), percent=0)
    with site.runtime.database.read() as session:
        assert list_cards(session)[0].lines == []


def test_the_nearest_printers_stand_in_the_same_place_then_around_it(site: SiteUnderTest) -> None:
    def place(name: str, parent: int | None = None) -> int:
        return int(site.post("locations", {"name": name, "parent": parent}).json["id"])

    hall, other = place("Hall"), place("Other hall")
    cell, next_cell = place("Cell 1", hall), place("Cell 2", hall)
    printer(site, "Far", location=other)
    neighbour = printer(site, "Neighbour", location=next_cell)
    same = printer(site, "Same", location=cell)
    read(site, same, percent=30)

    with site.runtime.database.read() as session:
        near = list_near(session, cell)
        assert [(each.name, each.place, each.lowest_supply) for each in near] == [
            ("Same", "Cell 1", "Black toner 30 %"),
            ("Neighbour", "Cell 2", None),
        ]
        assert near[1].asset_id == neighbour
        assert [each.name for each in list_near(session, other)] == ["Far"]
        assert panels_near({"asset_tag": "A-1", "location": None}, session) == []
        assert panels_near({"asset_tag": "A-1", "location": {"id": place("Empty")}}, session) == []


def test_an_assets_page_names_the_printers_near_by(site: SiteUnderTest) -> None:
    place = site.post("locations", {"name": "Cell 1"}).json["id"]
    printer(site, "Cell printer", location=place)
    asset = site.post("assets", {"name": "Drill", "location": place, "asset_type": 1}).json
    text = site.signed_in().get(f"/assets/{asset['id']}").text
    assert "Printers near by" in text and "Cell printer" in text


def test_a_printers_page_shows_only_the_secrets_that_go_with_its_snmp_version(site: SiteUnderTest) -> None:
    number = printer(site, "Old", snmp_version="2c")
    text = site.signed_in().get(f"/printers/{number}").text
    assert "SNMP community" in text and "SNMP v3" not in text
