"""Values in the notations that people type."""

import pytest

from shopdb_computers.checks import hardware_uuid, hostname, mac_list


@pytest.mark.parametrize(
    "typed",
    [
        "00-1B-1C-2A-3B-4C",
        "001b.1c2a.3b4c",
        "001B1C2A3B4C",
        "00:1b:1c:2a:3b:4c, 00-1B-1C-2A-3B-4C",
        " 00 1b 1c 2a 3b 4c ;",
    ],
)
def test_a_mac_is_kept_in_one_notation(typed: str) -> None:
    assert mac_list(typed) == "00:1b:1c:2a:3b:4c"


def test_several_macs_are_kept_in_their_order() -> None:
    assert mac_list("aabb.ccdd.eeff 001b1c2a3b4c") == "aa:bb:cc:dd:ee:ff, 00:1b:1c:2a:3b:4c"


@pytest.mark.parametrize("typed", ["00:1b:1c:2a:3b", "none", "00:1b:1c:2a:3b:4c:5d", "00:1b:1c:2a:3b:4g"])
def test_what_is_no_mac_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a list of MAC addresses"):
        mac_list(typed)


def test_a_hostname_is_kept_as_typed() -> None:
    assert hostname(" CELL2-PC_01.plant.example. ") == "CELL2-PC_01.plant.example"


@pytest.mark.parametrize("typed", ["PC 1", "-pc", "pc-", "a..b", "x" * 64, "pc/1"])
def test_what_is_no_hostname_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a hostname"):
        hostname(typed)


def test_a_uuid_is_kept_in_one_notation() -> None:
    assert hardware_uuid("4C4C454400513810 8032B7C04F4D5832".replace(" ", "")) == (
        "4c4c4544-0051-3810-8032-b7c04f4d5832"
    )
    with pytest.raises(ValueError, match="is not a UUID"):
        hardware_uuid("not set")
