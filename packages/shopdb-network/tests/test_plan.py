"""Which addresses are free, against counting them one by one."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdb_network.plan import Plan, usable_span


@pytest.mark.parametrize(
    ("text", "first", "last", "size"),
    [
        ("10.0.0.0/24", "10.0.0.1", "10.0.0.254", 254),
        ("10.0.0.0/30", "10.0.0.1", "10.0.0.2", 2),
        ("10.0.0.4/31", "10.0.0.4", "10.0.0.5", 2),
        ("10.0.0.4/32", "10.0.0.4", "10.0.0.4", 1),
        ("2001:db8::/126", "2001:db8::1", "2001:db8::3", 3),
        ("2001:db8::/127", "2001:db8::", "2001:db8::1", 2),
        ("2001:db8::7/128", "2001:db8::7", "2001:db8::7", 1),
        ("2001:db8::/64", "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", 2**64 - 1),
    ],
)
def test_the_usable_addresses_follow_the_rules_of_short_and_long_prefixes(
    text: str, first: str, last: str, size: int
) -> None:
    network = ip_network(text)
    span = usable_span(network)
    kind = type(network.network_address)
    assert (str(kind(span.first)), str(kind(span.last)), span.size) == (first, last, size)
    assert str(Plan(network).find_free(1)[0]) == first


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A prefix of up to 64 addresses of either version, divided and taken in part."""
    version = draw(st.sampled_from(["10.0.0.64", "2001:db8::40"]))
    longest = 32 if "." in version else 128
    network = ip_network(f"{version}/{draw(st.integers(longest - 6, longest))}", strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    inside = []
    at = first
    while at <= last:
        size = draw(st.sampled_from([1, 2, 4, 8]))
        at += -at % size
        if at + size - 1 <= last and size < last - first + 1 and draw(st.booleans()):
            inside.append(ip_network((at, longest - size.bit_length() + 1)))
        at += size
    taken = draw(st.frozensets(st.integers(first - 2, last + 2), max_size=40))
    return Plan(network, tuple(inside), taken)


@given(plans(), st.integers(0, 80))
def test_free_addresses_are_those_that_remain_when_all_others_are_struck_off(plan: Plan, limit: int) -> None:
    first, last = int(plan.network.network_address), int(plan.network.broadcast_address)
    usable = set(range(first, last + 1))
    if last - first >= 2:
        usable -= {first} if plan.network.version == 6 else {first, last}
    own = {n for n in usable if not any(n in range(_first(i), _last(i) + 1) for i in plan.inside)}
    free = sorted(own - plan.taken)

    assert (plan.size, plan.used, plan.free) == (len(own), len(own & plan.taken), len(free))
    assert [int(address) for address in plan.find_free(limit)] == free[:limit]


def _first(network: object) -> int:
    return int(network.network_address)  # type: ignore[attr-defined]  # of either version


def _last(network: object) -> int:
    return int(network.broadcast_address)  # type: ignore[attr-defined]  # of either version


def test_a_prefix_that_is_divided_up_has_nothing_to_hand_out() -> None:
    network = ip_network("10.0.0.0/30")
    plan = Plan(network, tuple(network.subnets(1)), frozenset({int(network[1])}))
    assert (plan.size, plan.used, plan.free, plan.percent_used, plan.find_free(9)) == (0, 0, 0, None, [])


def test_a_large_prefix_finds_its_next_address_without_counting() -> None:
    network = ip_network("2001:db8::/32")
    plan = Plan(network, (ip_network("2001:db8::/33"),), frozenset({2**96 * 0x20010DB8 + 2**95}))
    assert [str(each) for each in plan.find_free(2)] == ["2001:db8:8000::1", "2001:db8:8000::2"]
    assert plan.free == 2**95 - 1
