"""MACs, addresses and prefixes in any notation, and the keys that put them in order."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdb_network.notation import (
    ADDRESS_FORM,
    PREFIX_FORM,
    IpPrefix,
    check_address,
    check_dns_name,
    check_mac,
    check_prefix,
    key_of_prefix,
    keys_of_containers,
    read_address,
    speed_text,
)

macs = st.binary(min_size=6, max_size=6)
addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@st.composite
def prefixes(draw: st.DrawFn) -> IpPrefix:
    """Any prefix of either version."""
    address = draw(addresses)
    return (
        ip_network((int(address), draw(st.integers(0, address.max_prefixlen))), strict=False)
        if (address.version == 4)
        else IPv6Network((int(address), draw(st.integers(0, 128))), strict=False)
    )


@given(macs)
def test_a_mac_is_the_same_in_every_notation(raw: bytes) -> None:
    digits = raw.hex()
    kept = ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    quads = [digits[at : at + 4] for at in range(0, 12, 4)]
    for text in (
        kept,
        kept.upper(),
        kept.replace(":", "-"),
        kept.replace(":", " "),
        ".".join(quads),
        "-".join(quads).upper(),
        f"{digits[:6]}-{digits[6:]}",
        digits,
        ":".join(f"{byte:x}" for byte in raw),
        f"  {kept}\n",
    ):
        assert check_mac(text) == kept


@pytest.mark.parametrize(
    "text",
    ["", "00:90:e8:1a:2b", "00:90:e8:1a:2b:3c:4d", "00:90-e8:1a:2b:3c", "0090.e81a.2b3", "gg:90:e8:1a:2b:3c"]
    + ["::::::", "00::e8:1a:2b:3c", "0090e81a2b3c0", "00:90:e8:1a:2b:3cc", "10.20.0.17", "٠٠:90:e8:1a:2b:3c"],
)
def test_what_is_no_mac_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="twelve hexadecimal digits, as in 00:90:e8:1a:2b:3c"):
        check_mac(text)


@given(
    st.sampled_from([check_mac, check_address, check_prefix, check_dns_name]),
    st.one_of(st.text(max_size=40), st.text("0123456789abcdef:./-% []", max_size=40)),
)
def test_whatever_is_typed_is_read_or_refused_and_then_stays(check: Callable[[str], str], text: str) -> None:
    try:
        kept = check(text)
    except ValueError as refusal:
        assert str(refusal).endswith(".")
        return
    assert check(kept) == kept


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("10.20.0.17", "10.20.0.17"),
        (" 10.20.0.17 ", "10.20.0.17"),
        ("2001:DB8:0:0:0:0:0:17", "2001:db8::17"),
        ("[2001:db8::17]", "2001:db8::17"),
        ("::ffff:10.20.0.17", "10.20.0.17"),
    ],
)
def test_an_address_is_kept_in_its_canonical_form(given_text: str, kept: str) -> None:
    assert check_address(given_text) == kept


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10.20.0.256", "not an IP address"),
        ("10.20.0.017", "not an IP address"),
        ("press-7", "not an IP address"),
        ("10.20.0.17/24", "has a prefix length: give the address alone, 10.20.0.17"),
        ("fe80::1%eth0", "has a zone: give the address alone, fe80::1"),
        ("0.0.0.0", "no single device"),
        ("255.255.255.255", "no single device"),
        ("239.1.2.3", "no single device"),
        ("ff02::1", "no single device"),
        ("9" * 500, "not an IP address"),
    ],
)
def test_what_is_no_devices_address_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        check_address(text)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("10.20.0.0/24", "10.20.0.0/24"),
        ("10.20.0.0/255.255.255.0", "10.20.0.0/24"),
        ("2001:DB8:20:0::/64", "2001:db8:20::/64"),
        ("10.20.0.17/32", "10.20.0.17/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_a_prefix_is_kept_in_its_canonical_form(given_text: str, kept: str) -> None:
    assert check_prefix(given_text) == kept


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10.20.0.5/24", "bits set behind its length: the network is 10.20.0.0/24"),
        ("2001:db8::5/64", "the network is 2001:db8::/64"),
        ("10.20.0.0", "has no length: write 10.20.0.0/24, or 10.20.0.0/32 for it alone"),
        ("fe80::%eth0/64", "has a zone, which only one device knows: give it alone, fe80::/64"),
        ("10.20.0.0/33", "not a prefix"),
        ("office", "not a prefix"),
        ("", "not a prefix"),
    ],
)
def test_what_is_no_prefix_is_refused_with_what_was_meant(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        check_prefix(text)


@given(addresses, addresses)
def test_keys_of_addresses_are_in_the_order_of_the_addresses(
    one: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address
) -> None:
    try:
        pair = [read_address(str(one)), read_address(str(other))]
    except ValueError:
        return
    keys = [ADDRESS_FORM.write(str(each)) for each in pair]
    assert {len(key) for key in keys} == {ADDRESS_FORM.width}
    as_numbers = [(each.version, int(each)) for each in pair]
    assert (keys[0] < keys[1]) == (as_numbers[0] < as_numbers[1])


@given(prefixes(), prefixes())
def test_the_keys_of_what_lies_within_a_prefix_lie_in_its_span(one: IpPrefix, other: IpPrefix) -> None:
    assert PREFIX_FORM.span is not None
    first, last = PREFIX_FORM.span(str(one))
    is_within = one.version == other.version and other.subnet_of(one)  # type: ignore[arg-type]  # of one version
    assert (first <= key_of_prefix(other) <= last) == is_within


@given(prefixes(), st.integers(1, 40))
def test_the_containers_of_a_prefix_are_its_supernets_smallest_last(network: IpPrefix, up: int) -> None:
    keys = keys_of_containers(network)
    assert keys == sorted(keys) and key_of_prefix(network) not in keys
    if network.prefixlen >= up:
        assert key_of_prefix(network.supernet(up)) == keys[-up]
    assert len(keys) == network.prefixlen


def test_within_takes_an_address_for_itself() -> None:
    assert ADDRESS_FORM.span is not None
    assert ADDRESS_FORM.span("10.20.0.17") == (ADDRESS_FORM.write("10.20.0.17"),) * 2
    with pytest.raises(ValueError, match=r"the network is 10\.20\.0\.0/24"):
        ADDRESS_FORM.span("10.20.0.17/24")


@pytest.mark.parametrize(
    ("text", "kept"),
    [("PLC-7.Plant.Example.", "plc-7.plant.example"), ("_ldap._tcp.example", "_ldap._tcp.example")],
)
def test_a_dns_name_is_kept_in_lower_case_without_its_point(text: str, kept: str) -> None:
    assert check_dns_name(text) == kept


@pytest.mark.parametrize("text", ["-a.example", "a b", "a..b", "http://a", "a" * 64, "a." * 130])
def test_what_is_no_dns_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a DNS name"):
        check_dns_name(text)


@pytest.mark.parametrize(
    ("speed", "told"),
    [
        (None, None),
        (0, "0 bit/s"),
        (9600, "9.6 kbit/s"),
        (100_000_000, "100 Mbit/s"),
        (1_000_000_000, "1 Gbit/s"),
        (2_500_000_000, "2.5 Gbit/s"),
        (100_000_000_000, "100 Gbit/s"),
        (1_600_000_000_000, "1.6 Tbit/s"),
    ],
)
def test_a_speed_is_told_as_on_the_box(speed: int | None, told: str | None) -> None:
    assert speed_text(speed) == told


def test_networks_of_both_versions_have_keys_of_one_width() -> None:
    for network in (IPv4Network("10.0.0.0/8"), IPv6Network("2001:db8::/32")):
        assert len(key_of_prefix(network)) == PREFIX_FORM.width
