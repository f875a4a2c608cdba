"""The sample printers and what they answer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shopdb.testing import SiteUnderTest, SnmpAgent
from shopdb_printers import demo, mib
from shopdb_printers.poll import POLL
from shopdb_printers.sample import PRINTERS, address_of
from shopdb_printers.simulator import SimulatedPrinter


def test_supplies_go_down_as_it_prints_and_are_replaced_when_empty() -> None:
    printer = SimulatedPrinter(PRINTERS[0])
    seen = []
    for _ in range(200):
        printer.run(24 * 3600)
        row = printer.recording.find((*map(int, mib.SUPPLY_LEVEL.split(".")), 1, 4))
        assert row is not None
        seen.append(int.from_bytes(row.content, "big"))
    assert min(seen) >= 0
    assert max(seen) > 90
    assert seen[0] < PRINTERS[0].supplies[3].level


def test_the_demo_is_answered_by_its_simulator(
    shopdb_site: Callable[..., SiteUnderTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = shopdb_site("printers", environ=dict(demo.DEMO.environment))
    context = site.runtime.context_of("printers")
    devices = {each.community: SimulatedPrinter(each).recording for each in PRINTERS if not each.is_off}
    users = [user for each in PRINTERS if (user := each.user)]
    with SnmpAgent(devices, users=users, host=address_of(site.folder)) as agent:
        monkeypatch.setattr(demo, "PORT", agent.port)
        demo.seed(context)
        POLL.ask_due(context)
    items = {item["asset_tag"]: item for item in site.get("printers").json["items"]}
    assert len(items) == len(PRINTERS) == 14
    assert [tag for tag, item in items.items() if item["last_error"]] == ["P-0106"]
    shipping = items["P-0101"]
    assert [(row["color"], row["percent"]) for row in shipping["supplies"]][:2] == [
        ("black", 64),
        ("cyan", 41),
    ]
    assert shipping["alerts"] == ["Yellow toner low"]
    series = site.signed_in().get(f"/printers/{shipping['id']}/levels").json["series"]
    assert len(series[0]["points"]) > 50


def test_each_demo_has_an_address_of_its_own(tmp_path: Path) -> None:
    first, second = address_of(tmp_path / "a"), address_of(tmp_path / "b")
    assert first != second
    assert first == address_of(tmp_path / "x" / ".." / "a")
    with SnmpAgent(host=first) as one, SnmpAgent(host=second, port=one.port) as other:
        assert one.port == other.port
