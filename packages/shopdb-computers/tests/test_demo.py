"""The sample computers, on a site with machines and on one without."""

from collections.abc import Callable

import pytest

from shopdb.demo_data import seed_core
from shopdb.testing import SiteUnderTest
from shopdb_computers.cards import list_cards
from shopdb_computers.demo import DEMO
from shopdb_computers.sample import ELSEWHERE


@pytest.fixture
def site(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("computers")


def seed(site: SiteUnderTest) -> None:
    assert DEMO.seed is not None
    DEMO.seed(site.runtime.context_of("computers"))


def test_each_machine_of_the_factory_gets_a_computer_and_one_that_is_there_its_data(
    site: SiteUnderTest,
) -> None:
    with site.runtime.database.write() as session:
        seed_core(session)
    types = {each["slug"]: each["id"] for each in site.get("asset-types?limit=100").json["items"]}
    for number in range(2, 10):
        site.post("assets", {"name": f"Lathe {number:02}", "asset_type": types["cnc-machine"]})
    site.post("assets", {"name": "Compressor", "asset_type": types["cnc-machine"]})
    site.post("computers", {"name": "Mill's own"})
    mill = site.get("assets?name=Mill%201").json["items"][0]["id"]
    own = site.get("computers").json["items"][0]["id"]
    site.post("relationships", {"source": own, "kind": "controls", "target": mill})
    seed(site)
    items = site.get("computers?limit=1000").json["items"]
    driving = {each["name"]: each["drives"][0]["name"] for each in items if each["drives"]}
    assert driving["PC Lathe 1"] == "Lathe 1" and "PC Compressor" not in driving
    assert driving["Mill's own"] == "Mill 1" and len(driving) == 12
    assert len({each["name"] for each in items}) == len(items) == 12 + len(ELSEWHERE)
    assert all(each["os_name"] and each["hostname"] for each in items)
    told = {each["os_support"] for each in items}
    assert told >= {"supported", "ended", "allowed"}
    with site.runtime.database.read() as session:
        assert all(card.lines for card in list_cards(session))


def test_the_sample_stands_without_any_machine(site: SiteUnderTest) -> None:
    seed(site)
    items = site.get("computers?limit=1000").json["items"]
    assert len(items) == len(ELSEWHERE)
    assert not any(each["drives"] for each in items)
