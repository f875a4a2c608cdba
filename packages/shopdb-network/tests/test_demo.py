"""The sample network of the demo, with and without what it builds on."""

import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from shopdb.services import create_item, list_items
from shopdb.testing import SiteUnderTest
from shopdb_network import attention, demo, sample


def seed(site: SiteUnderTest) -> dict[str, list[dict[str, Any]]]:
    """Write the sample; what is there afterwards, by resource."""
    demo.seed(site.runtime.context_of("network"))
    kinds = ("devices", "interfaces", "links", "macs", "vlans", "prefixes", "addresses")
    with site.runtime.database.read() as session:
        return {kind: list_items(session, f"network/{kind}", {"limit": "1000"}) for kind in kinds}


def test_the_sample_stands_alone_and_is_written_in_a_moment(
    shopdb_site: Callable[..., SiteUnderTest],
) -> None:
    site = shopdb_site("network")
    began = time.process_time()
    made = seed(site)
    assert time.process_time() - began < 10
    assert len(made["devices"]) == len(sample.GEAR) and len(made["vlans"]) == len(sample.NETS)
    assert all(
        ip_address(each["address"]) in ip_network(each["prefix"]["name"]) for each in made["addresses"]
    )
    with site.runtime.database.read() as session:
        conflicts = attention.list_conflicts(session)
    assert [line.text for line in conflicts] == ["nport-lathes and nport-mills are asked at one address"]


def test_the_sample_plugs_in_what_stands_near_a_switch(shopdb_site: Callable[..., SiteUnderTest]) -> None:
    site = shopdb_site("network")
    with site.runtime.database.write() as session:
        hall = create_item(session, "locations", {"name": "Building A"}, actor=demo.ACTOR)["id"]
        cell = create_item(
            session, "locations", {"name": "Cell 2 – milling", "parent": hall}, actor=demo.ACTOR
        )
        types = {"name": "CNC machine", "slug": "cnc-machine"}
        kind = create_item(session, "asset-types", types, actor=demo.ACTOR)["id"]
        for number in range(12):
            values = {"name": f"Mill {number}", "asset_type": kind, "location": cell["id"]}
            create_item(session, "assets", values, actor=demo.ACTOR)
    made = seed(site)
    mills = [each for each in made["addresses"] if each["asset"] and each["asset"]["name"].startswith("Mill")]
    assert len(mills) == 5, "eight ports: one leads up, one stays free, a serial server has one"
    assert {each["prefix"]["name"] for each in mills} == {"10.20.20.0/24"}
    assert all(sum(entry["mac"] == each["mac"] for entry in made["macs"]) == 2 for each in mills)
    page = site.signed_in().get(f"/assets/{mills[0]['asset']['id']}").get_data(as_text=True)
    assert "sw-cell-2" in page and "Port 2" in page
