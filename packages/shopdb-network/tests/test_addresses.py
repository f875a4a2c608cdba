"""The plan of addresses: what lies in what, what is free, through the API on each engine."""

import random
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from network_site import Add, load, names

from shopdb.testing import SiteUnderTest


def prefix_of(site: SiteUnderTest, item: Any) -> str | None:
    """What an address lies in, as it is now."""
    found = site.get(f"network/addresses/{item['id']}").json["prefix"]
    return found["name"] if found else None


def parent_of(site: SiteUnderTest, item: Any) -> str | None:
    found = site.get(f"network/prefixes/{item['id']}").json["parent"]
    return found["name"] if found else None


def test_an_address_lies_in_the_smallest_prefix_whichever_came_first(site: SiteUnderTest, add: Add) -> None:
    early = add("addresses", address="10.20.1.5")
    outside = add("addresses", address="192.168.1.1")
    wide = add("prefixes", prefix="10.0.0.0/8")
    narrow = add("prefixes", prefix="10.20.1.0/24")
    middle = add("prefixes", prefix="10.20.0.0/16")
    alone = add("prefixes", prefix="10.20.1.9/32")
    late = add("addresses", address="10.20.7.7")
    single = add("addresses", address="10.20.1.9")
    assert [prefix_of(site, each) for each in (early, outside, late, single)] == [
        *("10.20.1.0/24", None, "10.20.0.0/16", "10.20.1.9/32")
    ]
    assert [parent_of(site, each) for each in (wide, middle, narrow, alone)] == [
        *(None, "10.0.0.0/8", "10.20.0.0/16", "10.20.1.0/24")
    ]
    assert site.delete(f"network/prefixes/{narrow['id']}").status_code == 204
    assert (prefix_of(site, early), parent_of(site, alone)) == ("10.20.0.0/16", "10.20.0.0/16")
    assert site.patch(f"network/prefixes/{middle['id']}", {"prefix": "10.21.0.0/16"}).status_code == 200
    assert (prefix_of(site, early), parent_of(site, alone)) == ("10.0.0.0/8", "10.0.0.0/8")
    assert site.patch(f"network/addresses/{early['id']}", {"address": "10.21.0.5"}).status_code == 200
    assert prefix_of(site, early) == "10.21.0.0/16"


def test_what_lies_in_what_is_the_same_however_the_plan_was_written(site: SiteUnderTest, add: Add) -> None:
    rng = random.Random(7)
    networks = [ip_network(f"2001:db8:{n % 4:x}::/{32 + 4 * n}", strict=False) for n in range(8)]
    networks += [ip_network(f"10.{n % 3}.0.0/{8 + 3 * n}", strict=False) for n in range(7)]
    networks = list(dict.fromkeys(networks))
    hosts = [ip_address(f"10.{n % 3}.0.{n + 1}") for n in range(5)]
    hosts += [ip_address(f"2001:db8:{n}::{n + 1:x}") for n in range(5)]
    steps = [*networks, *hosts]
    rng.shuffle(steps)
    made = {}
    for step in steps:
        field = "prefix" if step in networks else "address"
        made[step] = add("prefixes" if field == "prefix" else "addresses", **{field: str(step)})
    gone = rng.sample(networks, 4)
    for network in gone:
        assert site.delete(f"network/prefixes/{made[network]['id']}").status_code == 204
    left = [n for n in networks if n not in gone]
    for host in hosts:
        around = [n for n in left if host in n]
        wanted = str(max(around, key=lambda n: n.prefixlen)) if around else None
        assert prefix_of(site, made[host]) == wanted, host


def test_addresses_are_unique_in_every_notation(site: SiteUnderTest, add: Add) -> None:
    first = add("addresses", address="2001:DB8:0:0::17")
    assert first["address"] == "2001:db8::17"
    for text in ("2001:db8::17", "[2001:0db8::0017]"):
        refused = site.post("network/addresses", {"address": text})
        assert (refused.status_code, list(refused.json["errors"])) == (409, ["address"])
        assert f"belongs to item {first['id']}" in refused.json["detail"]
    add("prefixes", prefix="10.0.0.0/255.0.0.0")
    assert site.post("network/prefixes", {"prefix": "10.0.0.0/8"}).status_code == 409


def test_an_address_is_taken_once_by_many_at_once(site: SiteUnderTest, add: Add) -> None:
    add("prefixes", prefix="10.0.0.0/24")

    def take(number: int) -> int:
        return int(
            site.post("network/addresses", {"address": "10.0.0.1", "description": str(number)}).status_code
        )

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(take, range(6))) == [201] + [409] * 5


def test_prefixes_and_addresses_written_at_once_find_each_other(site: SiteUnderTest, add: Add) -> None:
    add("prefixes", prefix="10.0.0.0/8")

    def write(number: int) -> int:
        if number % 4 == 0:
            return int(site.post("network/prefixes", {"prefix": f"10.0.{number // 4}.0/24"}).status_code)
        body = {"address": f"10.0.{number // 4}.{number % 4}"}
        return int(site.post("network/addresses", body).status_code)

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(write, range(24))) == {201}
    items = site.get("network/addresses?limit=100").json["items"]
    assert len(items) == 18
    assert all(ip_address(i["address"]) in ip_network(i["prefix"]["name"]) for i in items)
    assert {i["prefix"]["name"] for i in items} == {f"10.0.{n}.0/24" for n in range(6)}


def test_addresses_and_prefixes_are_sorted_as_numbers_and_filtered_by_what_they_lie_in(
    site: SiteUnderTest, add: Add
) -> None:
    for text in ("10.0.0.10", "10.0.0.9", "9.255.0.1", "2001:db8::a", "2001:db8::9", "10.0.1.1"):
        add("addresses", address=text)
    for text in ("10.0.0.0/24", "10.0.0.0/8", "9.0.0.0/8", "2001:db8::/32"):
        add("prefixes", prefix=text)
    by_number = ["9.255.0.1", "10.0.0.9", "10.0.0.10", "10.0.1.1", "2001:db8::9", "2001:db8::a"]
    assert names(site, "addresses", "address") == by_number
    assert names(site, "addresses?sort=-address", "address") == by_number[::-1]
    assert names(site, "prefixes", "prefix") == ["9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/24", "2001:db8::/32"]
    assert names(site, "addresses?address__within=10.0.0.0/24", "address") == by_number[1:3]
    assert names(site, "addresses?address__within=2001:db8::/32", "address") == by_number[4:]
    assert names(site, "addresses?address__gt=10.0.0.9&address__lte=10.0.1.1", "address") == by_number[2:4]
    assert names(site, "prefixes?prefix__within=10.0.0.0/8", "prefix") == ["10.0.0.0/8", "10.0.0.0/24"]
    assert names(site, "addresses?address=2001:DB8:0::9", "address") == ["2001:db8::9"]
    narrow = site.get("network/prefixes?prefix=10.0.0.0/24").json["items"][0]["id"]
    assert names(site, f"addresses?prefix={narrow}", "address") == by_number[1:3]
    refused = site.get("network/addresses?address__within=10.0.0.5/24")
    assert refused.status_code == 422 and "the network is 10.0.0.0/24" in refused.json["detail"]


@pytest.mark.parametrize(
    ("resource", "body", "name", "told"),
    [
        ("prefixes", {"prefix": "10.0.0.5/24"}, "prefix", "the network is 10.0.0.0/24"),
        ("prefixes", {"prefix": "10.0.0.0"}, "prefix", "has no length"),
        ("prefixes", {"prefix": "10.0.0.0/24", "gateway": "10.0.1.1"}, "gateway", "10.0.1.1 is not in"),
        ("prefixes", {"prefix": "10.0.0.0/24", "gateway": "10.0.0.255"}, "gateway", "no router has it"),
        ("prefixes", {"prefix": "10.0.0.0/24", "gateway": "2001:db8::1"}, "gateway", "is not in"),
        ("prefixes", {"prefix": "10.0.0.0/24", "parent": 1}, "parent", "can't be set"),
        ("addresses", {"address": "10.0.0.5/24"}, "address", "give the address alone"),
        ("addresses", {"address": "10.0.0.5", "mac": "xyz"}, "mac", "'xyz' is not a MAC"),
        ("addresses", {"address": "10.0.0.5", "dns_name": "a b"}, "dns_name", "'a b' is not a DNS name"),
        ("addresses", {"address": "10.0.0.5", "asset": 999}, "asset", "no item 999"),
        ("addresses", {"address": "10.0.0.5", "status": "eaten"}, "status", "'eaten' is not one of"),
    ],
)
def test_a_wrong_value_is_refused_by_field_with_what_would_be_right(
    shopdb_site: Any, resource: str, body: dict[str, Any], name: str, told: str
) -> None:
    refused = shopdb_site("network").post(f"network/{resource}", body)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [name])
    assert told in refused.json["errors"][name][0]


def test_a_port_has_an_address_only_of_its_own_device(site: SiteUnderTest, add: Add) -> None:
    one, two = (add("devices", name=name)["id"] for name in ("a", "b"))
    port = add("interfaces", device=one, if_index=1, name="Vl20")["id"]
    refused = site.post("network/addresses", {"address": "10.0.0.1", "asset": two, "interface": port})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["interface"])
    kept = add("addresses", address="10.0.0.1", asset=one, interface=port)
    assert kept["interface"] == {"id": port, "name": "Vl20"}


def test_a_prefix_knows_its_free_addresses(site: SiteUnderTest, add: Add) -> None:
    item = add("prefixes", prefix="10.0.0.0/29", gateway="10.0.0.1")
    path = f"network/prefixes/{item['id']}"
    for last in (2, 4):
        add("addresses", address=f"10.0.0.{last}")
    known = site.get(path).json
    assert [known[key] for key in ("size", "used", "free", "percent_used", "next_free", "fullness")] == [
        *(6, 3, 3, 50, "10.0.0.3", "room")
    ]
    free = site.get(f"{path}/free?limit=2").json
    assert (free["items"], free["free"], free["prefix"]) == (["10.0.0.3", "10.0.0.5"], 3, "10.0.0.0/29")
    assert site.get(f"{path}/free").json["items"] == ["10.0.0.3", "10.0.0.5", "10.0.0.6"]
    add("prefixes", prefix="10.0.0.4/30")
    assert site.get(f"{path}/free").json["items"] == ["10.0.0.3"]
    for last in (3,):
        add("addresses", address=f"10.0.0.{last}")
    full = site.get(path).json
    assert (full["free"], full["next_free"], full["fullness"]) == (0, None, "taken")
    assert names(site, "prefixes?fullness=taken", "prefix") == ["10.0.0.0/29"]
    assert names(site, "prefixes?fullness__in=room,divided", "prefix") == ["10.0.0.4/30"]


def test_a_prefix_that_only_holds_others_hands_nothing_out(site: SiteUnderTest, add: Add) -> None:
    item = add("prefixes", prefix="10.0.0.0/8", status="container")
    add("prefixes", prefix="10.1.0.0/16")
    assert (item["status"], site.get(f"network/prefixes/{item['id']}").json["fullness"]) == (
        "container",
        "divided",
    )
    free = site.get(f"network/prefixes/{item['id']}/free").json
    assert (free["items"], free["size"], free["free"]) == ([], 0, 0)
    assert [(i["prefix"], i["size"]) for i in site.get("network/prefixes").json["items"]] == [
        ("10.0.0.0/8", 0),
        ("10.1.0.0/16", 65_534),
    ]


def test_a_link_of_two_ends_is_no_worse_for_being_all_taken(site: SiteUnderTest, add: Add) -> None:
    add("prefixes", prefix="10.255.0.0/31")
    for last in (0, 1):
        add("addresses", address=f"10.255.0.{last}")
    assert names(site, "prefixes", "fullness") == ["taken"]


def test_a_large_prefix_counts_what_it_can(site: SiteUnderTest, add: Add) -> None:
    item = add("prefixes", prefix="2001:db8::/64", gateway="2001:db8::1")
    known = site.get(f"network/prefixes/{item['id']}").json
    assert (known["size"], known["free"], known["used"], known["next_free"]) == (None, None, 1, "2001:db8::2")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("network/prefixes/999/free", 404),
        ("network/prefixes/99999999999999999999/free", 404),
        ("network/prefixes/1/free?limit=0", 422),
        ("network/prefixes/1/free?limit=1001", 422),
        ("network/prefixes/1/free?limit=many", 422),
        ("network/prefixes/1/free?limit=1&limit=2", 422),
        ("network/prefixes/1/free?colour=red", 422),
    ],
)
def test_a_wrong_question_for_free_addresses_is_answered_in_kind(
    shopdb_site: Any, path: str, status: int
) -> None:
    site = shopdb_site("network")
    site.post("network/prefixes", {"prefix": "10.0.0.0/29"})
    answer = site.get(path)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_free_addresses_are_told_to_those_who_may_see_prefixes(shopdb_site: Any) -> None:
    site = shopdb_site("network")
    assert site.client().get("/api/v1/network/prefixes/1/free").status_code == 401


def test_the_document_of_the_api_tells_how_free_addresses_are_asked_for(shopdb_site: Any) -> None:
    paths = shopdb_site("network").client().get("/api/openapi.json").json["paths"]
    told = paths["/api/v1/network/prefixes/{id}/free"]["get"]
    assert sorted(told["responses"]) == ["200", "401", "403", "404", "422"]
    assert [(each["name"], each["in"]) for each in told["parameters"]] == [("id", "path"), ("limit", "query")]


def test_a_plan_comes_in_from_sheets_and_goes_out_again(site: SiteUnderTest, add: Add) -> None:
    add("assets", name="Lathe 1", asset_tag="L-1", asset_type=1)
    add("vlans", vid=20, name="Machines")
    prefixes = (
        "prefix,vlan,gateway,description\n10.0.0.0/255.255.255.0,Machines,10.0.0.1,Hall A\n10.0.0.5/24,,,\n"
    )
    report = load(site, "network/prefixes", prefixes)
    assert (report["created"], [e["column"] for e in report["errors"]]) == (1, ["prefix"])
    sheet = "address,asset,dns_name,mac\n10.0.0.7,L-1,LATHE-1.plant.example,0090.e81a.2b3c\n10.0.0.7,,,\n"
    report = load(site, "network/addresses", sheet)
    assert (report["created"], [e["column"] for e in report["errors"]]) == (1, ["address"])
    item = site.get("network/addresses").json["items"][0]
    assert (item["prefix"]["name"], item["mac"]) == ("10.0.0.0/24", "00:90:e8:1a:2b:3c")
    for resource in ("network/prefixes", "network/addresses"):
        out = site.get(f"{resource}/export?format=csv").text
        again = load(site, resource, out, "?update=true")
        assert (again["unchanged"], again["rejected"]) == (1, 0)
