"""The SNMP client, against devices that answer, and against those that don't, or lie."""

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

import pytest

from shopdb.errors import (
    OutboundError,
    OutboundProtocolError,
    OutboundRefusedError,
    OutboundReportedError,
    OutboundTimeoutError,
)
from shopdb.outbound import AddressGuard, SnmpSession, SnmpTarget, ber
from shopdb.testing import Lie, Manner, Recording, SnmpAgent

LOOPBACK = AddressGuard([ip_network("127.0.0.0/8")])
DATA = Path(os.environ.get("SHOPDB_TEST_DATA", Path(__file__).parents[3].parent / "shared" / "data")) / "snmp"
DESCR, UPTIME, MISSING = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.99.0"
TABLE = "1.3.6.1.2.1.2.2.1"
VERSIONS = ("1", "2c")
Version = Literal["1", "2c"]


@pytest.fixture
def agent() -> Iterator[SnmpAgent]:
    device = Recording({DESCR: "Scale 7", UPTIME: 4200})
    for row in range(1, 61):
        device.set(f"{TABLE}.2.{row}", f"port {row}")
    device.set("1.3.6.1.2.1.3.1.0", -7)
    with SnmpAgent({"scale": device}) as running:
        yield running


def run(agent: SnmpAgent, what: Callable[[SnmpSession], Any], version: Version = "2c", **options: Any) -> Any:
    options = {"guard": LOOPBACK, "timeout_s": 0.2, "deadline_s": 5, **options}

    async def converse() -> Any:
        async with SnmpSession(SnmpTarget("127.0.0.1", agent.port, version, "scale"), **options) as session:
            return await what(session)

    return asyncio.run(converse())


@pytest.mark.parametrize("version", VERSIONS)
def test_get_gives_what_is_there_and_leaves_out_what_is_not(agent: SnmpAgent, version: Version) -> None:
    found = run(agent, lambda session: session.get(DESCR, MISSING, UPTIME), version)
    assert found == {DESCR: b"Scale 7", UPTIME: 4200}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_walk_gives_every_row_below_and_none_behind(agent: SnmpAgent, version: Version) -> None:
    found = run(agent, lambda session: session.walk(TABLE), version)
    assert list(found) == [f"{TABLE}.2.{row}" for row in range(1, 61)]
    assert run(agent, lambda session: session.walk("1.3.6.1.2.1.3"), version) == {"1.3.6.1.2.1.3.1.0": -7}
    assert run(agent, lambda session: session.walk("1.3.6.1.2.1.99"), version) == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_columns_of_different_lengths_are_walked_together(agent: SnmpAgent, version: Version) -> None:
    roots = (TABLE, "1.3.6.1.2.1.99", "1.3.6.1.2.1.3", "1.3.6.1.2.1.1")
    found = run(agent, lambda session: session.walk(*roots), version)
    assert len(found) == 60 + 0 + 1 + 2
    assert [oid for oid in found if oid.startswith(TABLE)] == [f"{TABLE}.2.{row}" for row in range(1, 61)]


def test_bulk_walks_take_few_requests(agent: SnmpAgent) -> None:
    run(agent, lambda session: session.walk(TABLE))
    assert agent.requests["scale"] <= 4


def test_a_lost_datagram_is_sent_again(agent: SnmpAgent) -> None:
    agent.manners["scale"] = Manner(lost=1)
    assert run(agent, lambda session: session.get(DESCR)) == {DESCR: b"Scale 7"}


def test_an_answer_that_comes_after_the_second_try_still_counts(agent: SnmpAgent) -> None:
    agent.manners["scale"] = Manner(delay_s=0.3)
    assert run(agent, lambda session: session.get(DESCR)) == {DESCR: b"Scale 7"}


def test_datagrams_of_many_kilobytes_are_read(agent: SnmpAgent) -> None:
    agent.devices["scale"].set(DESCR, "x" * 7000)
    assert len(run(agent, lambda session: session.get(DESCR))[DESCR]) == 7000


LIES = {
    Lie.DEAD: (OutboundTimeoutError, "did not answer SNMP v"),
    Lie.GARBAGE: (OutboundProtocolError, "does not answer in SNMP"),
    Lie.TRUNCATED: (OutboundProtocolError, "does not answer in SNMP"),
    Lie.WRONG_ID: (OutboundTimeoutError, "did not answer"),
    Lie.FLOOD: (OutboundTimeoutError, "did not answer"),
    Lie.LOOP: (OutboundProtocolError, "goes round in circles"),
    Lie.ENDLESS: (OutboundProtocolError, "more than 200 rows"),
    Lie.GENERAL_ERROR: (OutboundReportedError, "reported the error genErr"),
}


def test_every_lie_of_the_agent_is_tried() -> None:
    assert set(LIES) == set(Lie)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("lie", LIES)
def test_a_device_that_lies_is_told_as_such_and_in_time(agent: SnmpAgent, lie: Lie, version: Version) -> None:
    agent.manners["scale"] = Manner(lie=lie)
    error, words = LIES[lie]
    started = time.monotonic()
    with pytest.raises(error, match=words):
        run(agent, lambda session: session.walk(TABLE), version, max_rows=200)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        (Manner(delay_s=20), "did not answer"),
        (Manner(lie=Lie.ENDLESS), "was not done after 1 s"),
        (Manner(delay_s=0.15), "was not done after 1 s"),
    ],
    ids=["twenty seconds late", "endless", "slow all along"],
)
def test_the_deadline_holds_for_the_whole_conversation(agent: SnmpAgent, manner: Manner, words: str) -> None:
    agent.manners["scale"] = manner
    started = time.monotonic()
    with pytest.raises(OutboundTimeoutError, match=words):
        run(agent, lambda session: session.walk(TABLE), "1", deadline_s=1, timeout_s=5, max_rows=10**9)
    assert time.monotonic() - started < 1.5


def test_a_port_where_nobody_listens_is_told_at_once() -> None:
    agent = SnmpAgent().start()
    agent.stop()
    started = time.monotonic()
    with pytest.raises(OutboundError, match="Nothing listens at 127.0.0.1"):
        run(agent, lambda session: session.get(DESCR))
    assert time.monotonic() - started < 1


def test_the_guard_is_asked_before_anything_is_sent(agent: SnmpAgent) -> None:
    with pytest.raises(OutboundRefusedError, match="loopback"):
        run(agent, lambda session: session.get(DESCR), guard=AddressGuard())
    assert not agent.requests


def test_the_community_shows_in_no_message_and_no_repr(agent: SnmpAgent) -> None:
    agent.manners["scale"] = Manner(lie=Lie.DEAD)
    target = SnmpTarget("127.0.0.1", agent.port, community="s3cret-community")
    assert "s3cret" not in repr(target)
    with pytest.raises(OutboundTimeoutError, match="did not answer") as caught:
        run(agent, lambda session: session.get(DESCR))
    assert "scale" not in str(caught.value)


def test_a_device_that_can_not_do_bulk_is_walked_step_by_step(agent: SnmpAgent) -> None:
    answers = agent.answers
    agent.answers = lambda data: [] if ber.decode_message(data).pdu.kind == ber.GET_BULK else answers(data)  # type: ignore[method-assign]

    async def get_then_walk(session: SnmpSession) -> dict[str, Any]:
        await session.get(DESCR)
        return await session.walk(TABLE)

    assert len(run(agent, get_then_walk)) == 60


def test_no_mutated_answer_does_more_than_fail(agent: SnmpAgent) -> None:
    chance = random.Random(20)
    answers = agent.answers
    agent.answers = lambda data: [_mutate(one, chance) for one in answers(data)]  # type: ignore[method-assign]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(300):
        version: Version = chance.choice(("1", "2c"))
        try:
            run(agent, lambda session: session.walk(TABLE), version, timeout_s=0.01, deadline_s=2)
            outcomes["read"] += 1
        except OutboundError:
            outcomes["refused"] += 1
    assert outcomes["refused"] > 100


def _mutate(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        changed[chance.randrange(len(changed))] = chance.choice((0, 1, 0x7F, 0x80, 0x84, 0xFF))
    return bytes(changed[: chance.randrange(1, len(changed))] if chance.random() < 0.2 else changed)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the recordings are not at {DATA}: set SHOPDB_TEST_DATA")
@pytest.mark.parametrize("version", VERSIONS)
def test_recorded_devices_are_walked_row_for_row(version: Version) -> None:
    most = 15_000 if version == "1" else 70_000  # v1 takes one row at a time
    names = [path.stem for path in sorted(DATA.glob("*.snmprec")) if path.stat().st_size < most]
    with SnmpAgent(folder=DATA) as agent:
        for name in names:
            recording = agent.find_device(name)
            assert recording is not None
            target = SnmpTarget("127.0.0.1", agent.port, version, name)

            async def walk(target: SnmpTarget = target) -> dict[str, Any]:
                async with SnmpSession(target, guard=LOOPBACK, deadline_s=60) as session:
                    return await session.walk("1.3.6")

            rows = [row for row in recording if row.oid[:3] == (1, 3, 6) and row.tag != ber.NULL]
            assert list(asyncio.run(walk())) == [".".join(map(str, row.oid)) for row in rows], name
