"""Every recorded printer, replayed on loopback and asked over both versions."""

import asyncio
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Literal

import pytest
from recorded import CODES, load_expected, load_recordings, needs_recordings

from shopdb.outbound import AddressGuard, PollSettings, SnmpTarget
from shopdb.testing import SnmpAgent
from shopdb_printers import mib
from shopdb_printers.device import ask
from shopdb_printers.reading import DeviceReading, Level, read_values

pytestmark = needs_recordings

GUARD = AddressGuard([ip_network("127.0.0.0/8")])
EXPECTED = load_expected()
WITH_ROWS = [name for name, each in EXPECTED.items() if each.get("supplies_poller")]


@pytest.fixture(scope="module")
def agent() -> Iterator[SnmpAgent]:
    with SnmpAgent(load_recordings()) as running:
        yield running


def read(agent: SnmpAgent, name: str, version: Literal["1", "2c"] = "2c") -> DeviceReading:
    target = SnmpTarget("127.0.0.1", agent.port, version, EXPECTED[name]["community"])
    return read_values(asyncio.run(ask(target, None, PollSettings(guard=GUARD))))


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("name", WITH_ROWS)
def test_every_row_is_told_with_its_percentage_or_its_code(
    agent: SnmpAgent, name: str, version: Literal["1", "2c"]
) -> None:
    reading = read(agent, name, version)
    for row in EXPECTED[name]["supplies_poller"]:
        rows = reading.trays if row["type"] == "input" else reading.supplies
        (level,) = (each for each in rows if each.index == row["index"])
        assert level.description == row["descr"]
        if row["score"] == "numeric":
            assert level.percent == pytest.approx(row["current"], abs=1)
        elif row["score"] == "coded":
            assert (level.percent, level.coded) == (None, CODES[row["raw"]])


@pytest.mark.parametrize("name", EXPECTED)
def test_no_row_is_invented(agent: SnmpAgent, name: str) -> None:
    reading = read(agent, name)
    assert _indexes(reading.supplies) <= _recorded(agent, name, mib.SUPPLY_LEVEL)
    assert _indexes(reading.trays) <= _recorded(agent, name, mib.INPUT_LEVEL)


def _indexes(levels: tuple[Level, ...]) -> set[int]:
    assert len({level.index for level in levels}) == len(levels)
    return {level.index for level in levels}


def _recorded(agent: SnmpAgent, name: str, column: str) -> set[int]:
    community = EXPECTED[name]["community"]
    prefix = tuple(int(part) for part in column.split("."))
    devices = [agent.devices[each] for each in (community, f"{community}@Jetdirect") if each in agent.devices]
    return {row.oid[-1] for device in devices for row in device if row.oid[: len(prefix)] == prefix}


@pytest.mark.parametrize("name", EXPECTED)
def test_model_serial_number_and_pages_are_read_where_they_are_given(agent: SnmpAgent, name: str) -> None:
    reading = read(agent, name)
    device, raw = EXPECTED[name].get("device") or {}, EXPECTED[name]["raw"]
    if device.get("hardware"):
        assert reading.model == device["hardware"]
    if device.get("serial"):
        assert reading.serial == device["serial"]
    if raw["prtMarkerLifeCount"]:
        assert reading.page_count == int(raw["prtMarkerLifeCount"])


def test_supplies_in_a_context_that_is_given_are_read(agent: SnmpAgent) -> None:
    target = SnmpTarget("127.0.0.1", agent.port, community="jetdirect_supplies_context")
    values = asyncio.run(ask(target, "Jetdirect", PollSettings(guard=GUARD)))
    assert [level.percent for level in read_values(values).supplies] == [61, 47, 72, 55]
