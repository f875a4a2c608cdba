"""SNMPv3 with devices that answer, that refuse, and that lie."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from shopdb.errors import OutboundError, OutboundProtocolError, OutboundSecurityError, OutboundTimeoutError
from shopdb.outbound import (
    AddressGuard,
    AuthProtocol,
    PrivProtocol,
    SecurityLevel,
    SnmpSession,
    SnmpTarget,
    SnmpUser,
)
from shopdb.outbound.ber import Binding
from shopdb.outbound.v3_message import ScopedPdu, V3Message
from shopdb.testing import Lie, Manner, Recording, SnmpAgent, V3Lie

LOOPBACK = AddressGuard([ip_network("127.0.0.0/8")])
DESCR, TABLE = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.2.2.1"
UNKNOWN_USER_NAMES = (1, 3, 6, 1, 6, 3, 15, 1, 1, 3)
SECRETS = ("maplesyrup", "pancakes-with")
SEALED = SnmpUser(
    "sealed", SecurityLevel.PRIV, AuthProtocol.SHA256, SECRETS[0], PrivProtocol.AES128, SECRETS[1]
)
SIGNED = SnmpUser("signed", SecurityLevel.AUTH, AuthProtocol.SHA1, SECRETS[0])
OPEN = SnmpUser("open")
USERS = (SEALED, SIGNED, OPEN)


@pytest.fixture
def agent() -> Iterator[SnmpAgent]:
    device = Recording({DESCR: "Scale 7"})
    for row in range(1, 61):
        device.set(f"{TABLE}.2.{row}", f"port {row}")
    devices = {user.name: device for user in USERS} | {"sealed@Other": Recording({DESCR: "Scale 8"})}
    with SnmpAgent(devices, users=USERS) as running:
        yield running


def run(
    agent: SnmpAgent,
    user: SnmpUser | None,
    what: Callable[[SnmpSession], Any],
    context: str = "",
    **options: Any,
) -> Any:
    options = {"guard": LOOPBACK, "timeout_s": 0.2, "deadline_s": 5, **options}

    async def converse() -> Any:
        target = SnmpTarget("127.0.0.1", agent.port, "3", user=user).in_context(context)
        async with SnmpSession(target, **options) as session:
            return await what(session)

    return asyncio.run(converse())


def descr(session: SnmpSession) -> Any:
    return session.get(DESCR)


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.level)
def test_every_level_is_asked_and_walked(agent: SnmpAgent, user: SnmpUser) -> None:
    assert run(agent, user, descr) == {DESCR: b"Scale 7"}
    assert len(run(agent, user, lambda session: session.walk(TABLE))) == 60


def test_a_context_is_another_view(agent: SnmpAgent) -> None:
    assert run(agent, SEALED, descr, "Other") == {DESCR: b"Scale 8"}


def test_the_engine_is_found_once_in_a_conversation(agent: SnmpAgent) -> None:
    seen: list[bytes] = []
    answers = agent.answers
    agent.answers = lambda data: seen.append(data) or answers(data)  # type: ignore[method-assign,func-returns-value]

    async def thrice(session: SnmpSession) -> None:
        for _ in range(3):
            await session.get(DESCR)

    run(agent, SEALED, thrice)
    assert [bool(V3Message.decode(data)[0].engine_id) for data in seen] == [False, True, True, True]


def test_nothing_of_a_sealed_conversation_can_be_read(agent: SnmpAgent) -> None:
    wire: list[bytes] = []
    answers = agent.answers

    def listen(data: bytes) -> list[bytes]:
        told = answers(data)
        wire.extend([data, *told])
        return told

    agent.answers = listen  # type: ignore[method-assign]
    assert run(agent, SEALED, descr) == {DESCR: b"Scale 7"}
    assert b"Scale 7" not in b"".join(wire)


def test_a_device_that_has_restarted_meanwhile_is_asked_by_its_new_time(agent: SnmpAgent) -> None:
    async def converse(session: SnmpSession) -> Any:
        await session.get(DESCR)
        agent.engine.boots += 1
        agent.engine.started_at = time.monotonic()
        return await session.get(DESCR)

    assert run(agent, SEALED, converse) == {DESCR: b"Scale 7"}


def test_a_forged_time_while_it_is_being_found_does_no_more_than_cost_a_request(agent: SnmpAgent) -> None:
    answers = agent.answers

    def forge(data: bytes) -> list[bytes]:
        is_first = not V3Message.decode(data)[0].engine_id
        told = answers(data)
        if is_first:
            found = V3Message.decode(told[0])[0]
            told = [replace(found, boots=2_000_000_000, time_s=5).encode()]
        return told

    agent.answers = forge  # type: ignore[method-assign]
    assert run(agent, SEALED, descr) == {DESCR: b"Scale 7"}


def test_a_device_that_is_found_by_another_report_is_asked_all_the_same(agent: SnmpAgent) -> None:
    answers = agent.answers

    def answer_oddly(data: bytes) -> list[bytes]:
        told = answers(data)
        if V3Message.decode(data)[0].engine_id:
            return told
        found = V3Message.decode(told[0])[0]
        scoped = ScopedPdu.decode(found.data)
        counter = Binding((*UNKNOWN_USER_NAMES, 0), scoped.pdu.bindings[0].tag, b"\x01")
        odd = replace(scoped, pdu=replace(scoped.pdu, bindings=(counter,)))
        return [replace(found, data=odd.encode()).encode()]

    agent.answers = answer_oddly  # type: ignore[method-assign]
    assert run(agent, SEALED, descr) == {DESCR: b"Scale 7"}


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.level)
def test_a_lost_datagram_is_sent_again(agent: SnmpAgent, user: SnmpUser) -> None:
    agent.manners[user.name] = Manner(lost=1)
    assert run(agent, user, descr) == {DESCR: b"Scale 7"}


REFUSED = {
    "unknownUserNames": (replace(SEALED, name="nobody"), "has no SNMP v3 user 'nobody'"),
    "wrongDigests": (replace(SEALED, auth_password="something else"), "by SHA-256. Check the authentication"),
    "decryptionErrors": (replace(SEALED, priv_password="something else"), "by AES-128. Check the encryption"),
    "unsupportedSecLevels": (
        replace(SEALED, level=SecurityLevel.AUTH),
        "does not take user 'sealed' at authNoPriv",
    ),
}


@pytest.mark.parametrize("report", REFUSED)
def test_a_refusal_names_host_and_remedy_and_no_secret(agent: SnmpAgent, report: str) -> None:
    user, words = REFUSED[report]
    started = time.monotonic()
    with pytest.raises(OutboundSecurityError, match=words) as told:
        run(agent, user, descr)
    assert time.monotonic() - started < 1
    assert told.value.report == report
    assert str(told.value).startswith(f"127.0.0.1:{agent.port} ")
    for secret in (*SECRETS, "something else"):
        assert secret not in str(told.value)


def test_a_user_without_what_its_level_needs_is_told_before_anything_is_sent(agent: SnmpAgent) -> None:
    with pytest.raises(OutboundSecurityError, match="its user lacks: auth password, priv, priv password"):
        run(agent, SnmpUser("sealed", SecurityLevel.PRIV, AuthProtocol.MD5), descr)
    with pytest.raises(OutboundSecurityError, match="its user lacks: name"):
        run(agent, None, descr)
    assert not agent.requests


V3_LIES = {
    V3Lie.WRONG_DIGEST: (OutboundSecurityError, "not believed, as it is with a wrong signature"),
    V3Lie.UNSIGNED: (OutboundSecurityError, "without the protection of authPriv"),
    V3Lie.UNSEALED: (OutboundSecurityError, "without the protection of authPriv"),
    V3Lie.STALE_TIME: (OutboundSecurityError, "of an earlier time"),
    V3Lie.WRONG_ENGINE: (OutboundSecurityError, "from another engine"),
    V3Lie.WRONG_MESSAGE_ID: (OutboundTimeoutError, "speaks SNMP v3, but did not answer"),
    V3Lie.OTHER_CONTEXT: (OutboundSecurityError, "about another context"),
    V3Lie.ALWAYS_LATE: (OutboundSecurityError, "keeps saying that the request is not of its time"),
    V3Lie.UNSIGNED_LATE: (OutboundSecurityError, "not of its time"),
    V3Lie.MANY_ENGINES: (OutboundSecurityError, "changes its engine id"),
}


def test_every_lie_of_the_agent_is_tried() -> None:
    assert set(V3_LIES) == set(V3Lie)


@pytest.mark.parametrize("lie", V3_LIES)
def test_no_lie_yields_a_value(agent: SnmpAgent, lie: V3Lie) -> None:
    async def twice(session: SnmpSession) -> Any:
        await session.get(DESCR)
        agent.manners["sealed"] = Manner(lie=lie)
        return await session.get(DESCR)

    error, words = V3_LIES[lie]
    started = time.monotonic()
    with pytest.raises(error, match=words if error is OutboundSecurityError else "stopped answering"):
        run(agent, SEALED, twice)
    if lie is not V3Lie.STALE_TIME:  # before anything was proved there is no time to be earlier than
        with pytest.raises(error, match=words):
            run(agent, SEALED, descr)
    assert time.monotonic() - started < 3


OLD_LIES = {
    Lie.DEAD: (OutboundTimeoutError, "speaks SNMP v3, but did not answer"),
    Lie.GARBAGE: (OutboundProtocolError, "does not answer in SNMP"),
    Lie.TRUNCATED: (OutboundProtocolError, "does not answer in SNMP"),
    Lie.WRONG_ID: (OutboundTimeoutError, "speaks SNMP v3, but did not answer"),
    Lie.FLOOD: (OutboundTimeoutError, "speaks SNMP v3, but did not answer"),
    Lie.LOOP: (OutboundProtocolError, "goes round in circles"),
    Lie.ENDLESS: (OutboundProtocolError, "more than 200 rows"),
    Lie.GENERAL_ERROR: (OutboundProtocolError, "reported the error genErr"),
}


def test_a_device_that_is_off_is_told_as_such(agent: SnmpAgent) -> None:
    agent.answers = lambda data: []  # type: ignore[method-assign]
    with pytest.raises(OutboundTimeoutError, match="Check that it is on and that SNMP v3 is enabled there"):
        run(agent, SEALED, descr)


@pytest.mark.parametrize("lie", OLD_LIES)
def test_what_v2c_must_stand_v3_must_too(agent: SnmpAgent, lie: Lie) -> None:
    agent.manners["sealed"] = Manner(lie=lie)
    error, words = OLD_LIES[lie]
    with pytest.raises(error, match=words):
        run(agent, SEALED, lambda session: session.walk(TABLE), max_rows=200)


@pytest.mark.parametrize("size", [0, 4, 33])
def test_an_engine_id_that_is_none_is_told(agent: SnmpAgent, size: int) -> None:
    agent.engine.id = b"x" * size if size else b""
    answers = agent.answers

    def ask_for_it(data: bytes) -> list[bytes]:
        message = V3Message.decode(data)[0]
        return answers(replace(message, engine_id=b"another").encode())

    agent.answers = ask_for_it  # type: ignore[method-assign]
    with pytest.raises(OutboundSecurityError, match=f"an engine id of {size} bytes"):
        run(agent, SEALED, descr)


@pytest.mark.parametrize("user", [SEALED, SIGNED], ids=lambda user: user.level)
def test_no_mutated_answer_is_ever_believed(agent: SnmpAgent, user: SnmpUser) -> None:
    chance = random.Random(30)
    answers = agent.answers
    agent.answers = lambda data: [_mutate(one, chance) for one in answers(data)]  # type: ignore[method-assign]
    refused = 0
    for _ in range(150):
        try:
            found = run(agent, user, descr, timeout_s=0.01, deadline_s=2)
        except OutboundError:
            refused += 1
        else:
            assert found == {DESCR: b"Scale 7"}
    assert refused > 100


def _mutate(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed[: chance.randrange(1, len(changed))] if chance.random() < 0.2 else changed)


def test_no_bytes_at_all_crash_the_agent_or_the_reader(agent: SnmpAgent) -> None:
    chance = random.Random(3)
    valid = V3Message(1, 4, b"", 0, 0, b"", b"\x30\x00").encode()
    for _ in range(2000):
        agent.answers(_mutate(valid, chance))
    assert run(agent, OPEN, descr) == {DESCR: b"Scale 7"}
