"""Network gear, its ports, links and MAC tables, through the API and in sheets."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from network_site import Add, load, names

from shopdb.testing import SiteUnderTest


def test_a_device_is_an_asset_that_can_be_asked(site: SiteUnderTest, add: Add) -> None:
    item = add(
        "devices", name="sw-hall-1", kind="switch", host="10.20.0.2", snmp_community="plant7", rack="CAB-A1"
    )
    assert (item["asset_type"]["name"], item["kind"], item["snmp_version"]) == (
        "Network device",
        "switch",
        "2c",
    )
    assert item["snmp_community_set"] is True and "plant7" not in str(item)
    assert site.get(f"assets/{item['id']}").json["name"] == "sw-hall-1"
    refused = site.post("network/devices", {"kind": "toaster", "host": "http://x", "snmp_version": "3"})
    assert (refused.status_code, sorted(refused.json["errors"])) == (422, ["host", "kind"])
    lacking = site.post("network/devices", {"snmp_version": "3"})
    assert lacking.status_code == 422 and "snmp_username" in lacking.json["errors"]


def test_a_port_is_kept_with_its_speed_and_its_mac(add: Add) -> None:
    device = add("devices", name="core")["id"]
    port = add(
        "interfaces",
        device=device,
        if_index=49,
        name="Hu1/0/49",
        speed_bps=100_000_000_000,
        mac="0090.E81A.2B3C",
    )
    assert (port["speed_bps"], port["mac"]) == (100_000_000_000, "00:90:e8:1a:2b:3c")
    assert (port["admin_status"], port["oper_status"]) == ("up", "unknown")
    assert port["device"] == {"id": device, "name": "core"}


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"if_index": 0}, "if_index"),
        ({"vlan": 4095}, "vlan"),
        ({"vlan": 0}, "vlan"),
        ({"speed_bps": -1}, "speed_bps"),
        ({"mac": "00:90:e8"}, "mac"),
        ({"oper_status": "sideways"}, "oper_status"),
        ({"device": 999}, "device"),
        ({"name": None}, "name"),
    ],
)
def test_a_wrong_port_is_refused_by_field(
    site: SiteUnderTest, add: Add, values: dict[str, Any], name: str
) -> None:
    device = add("devices", name="sw")["id"]
    refused = site.post("network/interfaces", {"device": device, "if_index": 1, "name": "1", **values})
    assert (refused.status_code, list(refused.json["errors"])) == (422, [name])


def test_a_port_of_a_device_is_there_once(site: SiteUnderTest, add: Add) -> None:
    one, two = (add("devices", name=name)["id"] for name in ("a", "b"))
    first = add("interfaces", device=one, if_index=5, name="5")
    refused = site.post("network/interfaces", {"device": one, "if_index": 5, "name": "five"})
    assert (refused.status_code, list(refused.json["errors"])) == (409, ["if_index"])
    assert str(first["id"]) in refused.json["detail"]
    add("interfaces", device=two, if_index=5, name="5")


def test_a_port_written_at_the_same_moment_is_there_once(site: SiteUnderTest, add: Add) -> None:
    device = add("devices", name="sw")["id"]
    body = {"device": device, "if_index": 7, "name": "7"}
    site.get("statuses")  # signs in once, before the threads
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: site.post("network/interfaces", body).status_code, range(6)))
    assert sorted(statuses) == [201] + [409] * 5


def test_a_mac_is_found_in_any_notation(site: SiteUnderTest, add: Add) -> None:
    device = add("devices", name="sw")["id"]
    add("macs", device=device, mac="00-90-E8-1A-2B-3C", vlan=20, if_index=3)
    add("macs", device=device, mac="00:90:e8:1a:2b:3d", if_index=4)
    for text in ("00:90:e8:1a:2b:3c", "0090.e81a.2b3c", "00-90-E8-1A-2B-3C", "0090E81A2B3C"):
        assert names(site, f"macs?mac={text}", "if_index") == [3]
    assert names(site, "macs?mac__in=0090E81A2B3C,0090E81A2B3D&sort=mac", "if_index") == [3, 4]
    assert names(site, f"macs?device={device}&vlan=20", "mac") == ["00:90:e8:1a:2b:3c"]
    refused = site.post("network/macs", {"device": device, "mac": "0090E81A2B3C", "vlan": 20, "if_index": 9})
    assert (refused.status_code, list(refused.json["errors"])) == (409, ["vlan"])


def test_a_link_says_what_hangs_there(site: SiteUnderTest, add: Add) -> None:
    one, two = (add("devices", name=name)["id"] for name in ("a", "b"))
    link = add("links", device=one, local_if_index=24, remote=two, remote_port="24", protocol="manual")
    assert link["remote"] == {"id": two, "name": "b"}
    for body, name in (
        ({"remote_port": "1"}, "remote_name"),
        ({"remote": one}, "remote"),
        ({"remote_name": "x", "protocol": "smoke"}, "protocol"),
    ):
        refused = site.post("network/links", {"device": one, "local_if_index": 1, **body})
        assert (refused.status_code, list(refused.json["errors"])) == (422, [name])
    again = {"device": one, "local_if_index": 24, "remote": two, "remote_port": "24"}
    assert site.post("network/links", again).status_code == 409


def test_a_deleted_device_takes_its_ports_links_and_macs_along(site: SiteUnderTest, add: Add) -> None:
    one, two = (add("devices", name=name)["id"] for name in ("a", "b"))
    add("interfaces", device=one, if_index=1, name="1")
    add("links", device=two, local_if_index=1, remote=one)
    add("macs", device=one, mac="0090E81A2B3C", if_index=1)
    address = add("addresses", address="10.0.0.1", asset=one)
    assert site.delete(f"network/devices/{one}").status_code == 204
    assert [names(site, kind, "id") for kind in ("interfaces", "links", "macs")] == [[], [], []]
    assert site.get(f"network/addresses/{address['id']}").json["asset"] is None


SHEET = """device,if_index,name,alias,oper_status,speed_bps,mac,mode,vlan
SW-1,1,Port 1,Robot cell 4,Up,1000000000,00-90-E8-1A-2B-01,access,20
SW-1,2,Port 2,,Down,,0090.e81a.2b02,,
SW-1,3,Port 3,Uplink,up,100000000000,,trunk,
SW-1,2,Port 2 again,,down,,,,
SW-9,1,Port 1,,,,,,
"""


def test_a_port_list_comes_in_from_a_sheet_and_goes_out_again(site: SiteUnderTest, add: Add) -> None:
    add("devices", name="switch one", asset_tag="SW-1")
    report = load(site, "network/interfaces", SHEET)
    assert (report["created"], report["rejected"]) == (3, 2)
    assert [(e["row"], e["column"]) for e in report["errors"]] == [(4, "if_index"), (5, "device")]
    assert names(site, "interfaces?sort=if_index", "speed_bps") == [10**9, None, 10**11]
    out = site.get("network/interfaces/export?format=csv").text
    again = load(site, "network/interfaces", out, "?update=true")
    assert (again["unchanged"], again["rejected"]) == (3, 0)
    moved = "device,if_index,vlan\nSW-1,2,30\n"
    assert load(site, "network/interfaces", moved, "?update=true")["updated"] == 1
    assert names(site, "interfaces?if_index=2", "vlan") == [30]


def test_a_mac_table_comes_in_from_a_sheet_twice_without_doubling(site: SiteUnderTest, add: Add) -> None:
    add("devices", name="switch one", asset_tag="SW-1")
    text = "device,mac,vlan,if_index,last_seen\n" + "".join(
        f"SW-1,0090.e81a.{n:04x},20,{n % 8 + 1},2026-03-31T14:00:00Z\n" for n in range(20)
    )
    assert load(site, "network/macs", text)["created"] == 20
    assert load(site, "network/macs", text, "?update=true")["unchanged"] == 20
    assert len(names(site, "macs?if_index=1", "mac")) == 3


def test_a_vlan_is_unique_where_it_is(site: SiteUnderTest, add: Add) -> None:
    hall = add("locations", name="Hall 1")["id"]
    add("vlans", vid=20, name="Machines", location=hall)
    add("vlans", vid=20, name="Machines")
    for body, name in (
        ({"vid": 20, "name": "Other", "location": hall}, "vid"),
        ({"vid": 21, "name": "MACHINES", "location": hall}, "name"),
        ({"vid": 20, "name": "Other"}, "vid"),
    ):
        refused = site.post("network/vlans", body)
        assert refused.status_code == 409 and name in refused.json["errors"]
    for vid in (0, 4095):
        assert site.post("network/vlans", {"vid": vid, "name": "x"}).status_code == 422
