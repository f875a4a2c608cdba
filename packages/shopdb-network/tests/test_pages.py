"""What pages, the start page and the search box tell of the network."""

from typing import Any

import pytest
from network_site import Add

from shopdb.plugins import SearchTerm
from shopdb.testing import SiteUnderTest
from shopdb_network import attention, search
from shopdb_network.plug import find_by_macs, list_plugs

PC_MAC = "00:01:05:48:15:16"


@pytest.fixture
def network(site: SiteUnderTest, add: Add) -> dict[str, Any]:
    """A core switch, a cell switch that hangs on it, and a PC that hangs on the cell switch by its MAC."""
    ids: dict[str, Any] = {
        "core": add("devices", name="sw-core")["id"],
        "cell": add("devices", name="sw-cell")["id"],
    }
    ids["pc"] = add("assets", name="PC Mill 1", asset_type=1)["id"]
    add("interfaces", device=ids["core"], if_index=24, name="Gi1/0/24", oper_status="up", speed_bps=10**10)
    add("interfaces", device=ids["cell"], if_index=9, name="G1", oper_status="up", speed_bps=10**10)
    ids["port"] = add(
        "interfaces", device=ids["cell"], if_index=3, name="Port 3", oper_status="up", vlan=20, alias="Mill 1"
    )["id"]
    add("links", device=ids["core"], local_if_index=24, remote=ids["cell"], remote_port="G1", protocol="lldp")
    add("macs", device=ids["core"], mac=PC_MAC, vlan=20, if_index=24, last_seen="2026-03-31T14:00:00Z")
    add("macs", device=ids["cell"], mac=PC_MAC, vlan=20, if_index=3, last_seen="2026-03-31T13:00:00Z")
    add("prefixes", prefix="10.20.0.0/24", description="Machines hall A", gateway="10.20.0.1")
    ids["address"] = add(
        "addresses", address="10.20.0.17", asset=ids["pc"], mac=PC_MAC, dns_name="pc-mill-1.plant"
    )["id"]
    return ids


def page(site: SiteUnderTest, path: str) -> str:
    answer = site.signed_in().get(path, follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_mac_is_plugged_in_where_no_other_gear_hangs(site: SiteUnderTest, network: dict[str, Any]) -> None:
    with site.runtime.database.read() as session:
        plug = find_by_macs(session, [PC_MAC])[PC_MAC]
        plugs = list_plugs(session, network["pc"], [PC_MAC])
    assert (plug.device, plug.port, plug.vlan, plug.interface_id) == (
        "sw-cell",
        "Port 3",
        20,
        network["port"],
    )
    assert [(each.device, each.port) for each in plugs] == [("sw-cell", "Port 3")]


def test_a_link_comes_before_what_a_mac_says(site: SiteUnderTest, add: Add, network: dict[str, Any]) -> None:
    add("links", device=network["cell"], local_if_index=3, remote=network["pc"])
    add("links", device=network["core"], local_if_index=7, remote=network["pc"], remote_port="eth1")
    with site.runtime.database.read() as session:
        plugs = list_plugs(session, network["pc"], [PC_MAC])
    assert [(each.device, each.port, each.protocol) for each in plugs] == [
        ("sw-core", "port 7", "manual"),
        ("sw-cell", "Port 3", "manual"),
    ]


def test_a_list_of_ports_tells_state_speed_and_what_hangs_there(
    site: SiteUnderTest, add: Add, network: dict[str, Any]
) -> None:
    add(
        "interfaces",
        device=network["cell"],
        if_index=4,
        name="Port 4",
        admin_status="down",
        oper_status="down",
    )
    add("interfaces", device=network["cell"], if_index=5, name="Port 5", oper_status="down")
    add("interfaces", device=network["cell"], if_index=6, name="Port 6", oper_status="lower_layer_down")
    add("links", device=network["cell"], local_if_index=6, remote_name="plc-4", remote_port="X1")
    items = site.get("network/interfaces?sort=device,if_index").json["items"]
    assert [(i["name"], i["state"], i["speed"], i["attached"]) for i in items] == [
        ("Port 3", "up", None, f"PC Mill 1 {PC_MAC}"),
        ("Port 4", "disabled", None, None),
        ("Port 5", "down", None, None),
        ("Port 6", "lost", None, "plc-4 X1"),
        ("G1", "up", "10 Gbit/s", "sw-core Gi1/0/24"),
        ("Gi1/0/24", "up", "10 Gbit/s", "sw-cell G1"),
    ]
    for state in ("up", "lost", "down", "disabled", "waiting", "testing", "unknown"):
        found = site.get(f"network/interfaces?state={state}&sort=device,if_index").json["items"]
        assert [i["name"] for i in found] == [i["name"] for i in items if i["state"] == state], state


def test_links_and_mac_tables_name_the_port_and_whose_the_mac_is(
    site: SiteUnderTest, add: Add, network: dict[str, Any]
) -> None:
    add("macs", device=network["cell"], mac="00:01:05:00:00:99", if_index=77)
    seen = site.get("network/macs?sort=mac,-if_index").json["items"]
    owner = {"id": network["pc"], "name": "PC Mill 1"}
    assert [(each["port"], each["asset"]) for each in seen] == [
        *((None, None), ("Gi1/0/24", owner), ("Port 3", owner))
    ]
    assert [each["local_port"] for each in site.get("network/links").json["items"]] == ["Gi1/0/24"]


def test_the_pages_of_gear_prefixes_and_assets_show_the_network(
    site: SiteUnderTest, add: Add, network: dict[str, Any]
) -> None:
    add("vlans", vid=20, name="Shop floor <20>")
    device = page(site, f"/network/devices/{network['cell']}")
    assert "PC Mill 1" in device and "Shop floor &lt;20&gt;" in device and "10 Gbit/s" in device
    assert "sw-core" in device
    asset = page(site, f"/assets/{network['pc']}")
    assert "Plugged into" in asset and "Port 3" in asset and "10.20.0.17" in asset
    prefix = page(site, "/network/prefixes/1")
    assert "10.20.0.2" in prefix and "252 of 254 free" in prefix
    lonely = add("assets", name="Vice", asset_type=1)["id"]
    assert "Plugged into" not in page(site, f"/assets/{lonely}")


@pytest.mark.parametrize("kind", ["devices", "interfaces", "links", "macs", "vlans", "prefixes", "addresses"])
def test_every_list_and_form_opens_empty(shopdb_site: Any, kind: str) -> None:
    browser = shopdb_site("network").signed_in()
    for path in (f"/network/{kind}", f"/network/{kind}/new"):
        assert browser.get(path).status_code == 200


def test_the_start_page_names_what_is_lost_in_conflict_and_full(
    site: SiteUnderTest, add: Add, network: dict[str, Any]
) -> None:
    with site.runtime.database.read() as session:
        assert (attention.list_lost_links(session), attention.list_conflicts(session)) == (([], 0), [])
    other = add("assets", name="PC Mill 2", asset_type=1)["id"]
    add("addresses", address="10.20.0.18", asset=other, mac=PC_MAC)
    for name in ("nport-1", "nport-2"):
        add("devices", name=name, host="10.20.0.30")
    add("devices", name="nport-3", host="10.20.0.17")
    uplink = site.get("network/interfaces?name=G1").json["items"][0]["id"]
    site.patch(f"network/interfaces/{uplink}", {"oper_status": "down"})
    add("prefixes", prefix="10.30.0.0/29", description="Cameras")
    for last in range(1, 7):
        add("addresses", address=f"10.30.0.{last}")
    start = page(site, "/")
    for text in (
        "PC Mill 1 and PC Mill 2 have one MAC",
        "nport-1 and nport-2 are asked at one address",
        "nport-3 is asked at the address of PC Mill 1",
        "sw-cell, G1",
        "10.30.0.0/29: Cameras",
        "0 of 6 free",
    ):
        assert text in start, text


def found(site: SiteUnderTest, text: str) -> list[tuple[str, str, bool]]:
    with site.runtime.database.read() as session:
        hits = [hit for source in search.SOURCES for hit in source.find(session, SearchTerm.read(text), 5)]
    return [(hit.title, hit.detail, hit.is_exact) for hit in hits]


def test_the_search_box_finds_ports_addresses_and_prefixes(
    site: SiteUnderTest, network: dict[str, Any]
) -> None:
    seen = (PC_MAC, "Seen on sw-cell, Port 3")
    assert found(site, "0001.0548.1516") == [(*seen, True)]
    assert found(site, "48:15") == [(*seen, False)]
    address = ("10.20.0.17", "PC Mill 1, pc-mill-1.plant", True)
    holder = ("10.20.0.0/24", "Machines hall A, next free: 10.20.0.2", False)
    assert found(site, "010.020.000.017") == [address, holder]
    assert found(site, "10.20.0.0/16") == [(*address[:2], False)]
    assert found(site, "10.99.0.1") == []
    assert found(site, "gearbox") == []


def test_cards_and_panels_are_not_for_everybody(shopdb_site: Any) -> None:
    from shopdb.plugins import Viewer

    site = shopdb_site("network")
    viewer = Viewer(user_id=1, name="guest", may=lambda permission: False)
    with site.runtime.database.read() as session:
        assert attention.list_cards(viewer, session) == []
