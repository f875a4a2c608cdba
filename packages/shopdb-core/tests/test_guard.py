"""The address guard."""

import asyncio
from ipaddress import ip_address, ip_network

import pytest

from shopdb.errors import OutboundError, OutboundRefusedError
from shopdb.outbound import AddressGuard

REFUSED = {
    "127.0.0.1": "loopback",
    "127.255.0.9": "loopback",
    "::1": "loopback",
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "::": "unspecified",
    "169.254.7.1": "link-local",
    "fe80::1": "link-local",
    "224.0.0.251": "multicast",
    "ff02::1": "multicast",
    "255.255.255.255": "reserved",
    "240.0.0.1": "reserved",
    "169.254.169.254": "metadata",
    "100.100.100.200": "metadata",
    "168.63.129.16": "metadata",
    "fd00:ec2::254": "metadata",
}
CARRIERS = {
    "mapped": "::ffff:7f00:1",
    "compatible": "::7f00:1",
    "NAT64": "64:ff9b::7f00:1",
    "local NAT64": "64:ff9b:1::7f00:1",
    "6to4": "2002:7f00:1::",
    "Teredo": "2001:0:c000:201::80ff:fffe",
    "ISATAP": "2001:db8::5efe:7f00:1",
}


@pytest.mark.parametrize("text", REFUSED)
def test_addresses_that_no_device_has_are_refused_with_their_kind(text: str) -> None:
    with pytest.raises(OutboundRefusedError, match=REFUSED[text]):
        AddressGuard().check(text)


@pytest.mark.parametrize("name", CARRIERS)
def test_loopback_inside_an_ipv6_address_is_refused(name: str) -> None:
    with pytest.raises(OutboundRefusedError, match="loopback"):
        AddressGuard().check(CARRIERS[name])


@pytest.mark.parametrize("text", ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"])
def test_metadata_inside_an_ipv6_address_is_refused(text: str) -> None:
    with pytest.raises(OutboundRefusedError, match="metadata"):
        AddressGuard().check(text)


@pytest.mark.parametrize(
    "text",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.9",
        "100.64.0.1",
        "8.8.8.8",
        "fd12::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
    ],
)
def test_a_sites_own_networks_and_public_ones_are_taken(text: str) -> None:
    assert AddressGuard().check(text) == ip_address(text)


def test_what_the_site_allows_is_taken_in_every_form_and_nothing_else() -> None:
    guard = AddressGuard([ip_network("127.0.0.0/8")])
    guard.check("127.0.0.1")
    guard.check("::ffff:127.0.0.1")
    with pytest.raises(OutboundRefusedError, match="loopback"):
        guard.check("::1")


def test_a_name_is_judged_by_what_it_resolves_to() -> None:
    with pytest.raises(OutboundRefusedError, match=r"'localhost' is .*SHOPDB_OUTBOUND_ALLOW="):
        asyncio.run(AddressGuard().resolve("localhost"))


def test_only_the_addresses_that_pass_are_given_back() -> None:
    found = asyncio.run(AddressGuard([ip_network("127.0.0.0/8")]).resolve("localhost"))
    assert found == [ip_address("127.0.0.1")]


@pytest.mark.parametrize("text", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
def test_loopback_written_as_a_number_is_refused(text: str) -> None:
    with pytest.raises(OutboundError, match="loopback|no host"):
        asyncio.run(AddressGuard().resolve(text))


@pytest.mark.parametrize("text", ["no-such-host.invalid", "a b", "x" * 300, "nul\0byte", "", "..", "ä" * 90])
def test_what_is_no_host_is_told_so(text: str) -> None:
    with pytest.raises(OutboundError, match="no host"):
        asyncio.run(AddressGuard().resolve(text))


def test_a_bracketed_ipv6_address_needs_no_look_up() -> None:
    assert asyncio.run(AddressGuard().resolve("[2001:db8::7]")) == [ip_address("2001:db8::7")]
