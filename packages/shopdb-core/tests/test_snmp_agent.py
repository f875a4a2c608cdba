"""The SNMP agent that tests and simulators stand devices in with."""

import socket
from collections.abc import Iterator

import pytest

from shopdb.outbound import ber
from shopdb.outbound.ber import Binding, Message, Pdu
from shopdb.testing import Lie, Manner, Recording, SnmpAgent

SYS = (1, 3, 6, 1, 2, 1, 1)
DESCR, OBJECT_ID, UPTIME, NAME = ((*SYS, n, 0) for n in (1, 2, 3, 5))
TEXT = b"""
1.3.6.1.2.1.1.1.0|4|Scale 7
1.3.6.1.2.1.1.2.0|6|.1.3.6.1.4.1.99999.1
1.3.6.1.2.1.1.3.0|67|4200
1.3.6.1.2.1.1.4.0|x|broken
1.3.6.1.2.1.1.5.0|4x|666f6fff
1.3.6.1.2.1.1.7.0|2|-3
1.3.6.1.2.1.4.20.1.1|64|10.0.0.7
1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615
1.3.6.1.2.1.43.1.0|5|
"""


@pytest.fixture
def agent() -> Iterator[SnmpAgent]:
    with SnmpAgent({"scale": Recording.from_text(TEXT), "scale@Other": Recording({"1.3.9": 1})}) as running:
        yield running


def send(agent: SnmpAgent, request: Message) -> Pdu:
    return send_whole(agent, request).pdu


def send_whole(agent: SnmpAgent, request: Message) -> Message:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        client.sendto(request.encode(), ("127.0.0.1", agent.port))
        return ber.decode_message(client.recv(65_535))


def request(
    kind: int, *oids: ber.Oid, version: int = ber.V2C, community: bytes = b"scale", **more: int
) -> Message:
    pdu = Pdu(kind, 7, bindings=tuple(Binding(oid) for oid in oids), **more)
    return Message(version, community, pdu)


def test_a_recording_keeps_every_type_and_tells_lines_that_it_left_out() -> None:
    recording = Recording.from_text(TEXT)
    contents = {
        row.tag: row.content for row in map(recording.find, [(*SYS, 1, 0), (*SYS, 3, 0), (*SYS, 5, 0)]) if row
    }
    assert contents == {ber.OCTETS: b"foo\xff", ber.TIME_TICKS: b"\x10\x68"}
    assert len(recording) == 8
    assert recording.odd[0].startswith("Line 5 b'1.3.6.1.2.1.1.4.0|x|broken'")


def test_get_answers_values_and_says_what_is_missing(agent: SnmpAgent) -> None:
    answer = send(agent, request(ber.GET, DESCR, (*SYS, 1, 9), (1, 3, 7, 7, 0)))
    assert [row.tag for row in answer.bindings] == [ber.OCTETS, ber.NO_SUCH_INSTANCE, ber.NO_SUCH_OBJECT]
    assert answer.bindings[0].content == b"Scale 7"
    assert answer.request_id == 7


def test_get_next_goes_on_in_order_and_ends_with_end_of_mib_view(agent: SnmpAgent) -> None:
    answer = send(agent, request(ber.GET_NEXT, SYS, (1, 4)))
    assert answer.bindings[0].oid == DESCR
    assert answer.bindings[1].tag == ber.END_OF_MIB_VIEW


def test_get_bulk_repeats_the_columns_and_not_the_non_repeaters(agent: SnmpAgent) -> None:
    answer = send(agent, request(ber.GET_BULK, SYS, SYS, first=1, second=3))
    assert [row.oid for row in answer.bindings] == [DESCR, DESCR, OBJECT_ID, UPTIME]


def test_v1_refuses_the_whole_request_for_one_unknown_name(agent: SnmpAgent) -> None:
    answer = send_whole(agent, request(ber.GET, DESCR, (1, 3, 7), version=ber.V1))
    assert (answer.pdu.first, answer.pdu.second) == (2, 2)
    assert answer.version == ber.V1


def test_the_community_chooses_the_device_and_its_context(agent: SnmpAgent) -> None:
    answer = send(agent, request(ber.GET_NEXT, (1, 3), community=b"scale@Other"))
    assert answer.bindings[0].oid == (1, 3, 9)
    with pytest.raises(TimeoutError, match="timed out"):
        send(agent, request(ber.GET, DESCR, community=b"nobody"))


def test_rows_change_while_it_runs(agent: SnmpAgent) -> None:
    agent.devices["scale"].set("1.3.6.1.2.1.1.1.0", "Scale 8")
    assert send(agent, request(ber.GET, DESCR)).bindings[0].content == b"Scale 8"
    agent.devices["scale"].remove("1.3.6.1.2.1.1")
    assert send(agent, request(ber.GET_NEXT, SYS)).bindings[0].oid[:7] == (1, 3, 6, 1, 2, 1, 4)


def test_garbage_is_passed_over_and_the_agent_lives(agent: SnmpAgent) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for data in (b"", b"\x30", b"\x30\x80", b"\xff" * 50, b"\x30\x84\xff\xff\xff\xff"):
            client.sendto(data, ("127.0.0.1", agent.port))
    assert send(agent, request(ber.GET, DESCR)).bindings[0].content == b"Scale 7"


def test_requests_are_counted_and_the_first_ones_can_be_lost(agent: SnmpAgent) -> None:
    agent.manners["scale"] = Manner(lost=1)
    with pytest.raises(TimeoutError, match="timed out"):
        send(agent, request(ber.GET, DESCR))
    assert send(agent, request(ber.GET, NAME)).bindings[0].content == b"foo\xff"
    assert agent.requests["scale"] == 2


def test_a_lie_is_told_until_the_manner_changes(agent: SnmpAgent) -> None:
    agent.manners["scale"] = Manner(lie=Lie.WRONG_ID)
    assert send(agent, request(ber.GET, DESCR)).request_id != 7
    del agent.manners["scale"]
    assert send(agent, request(ber.GET, DESCR)).request_id == 7


def test_a_port_that_is_taken_is_an_error_at_once(agent: SnmpAgent) -> None:
    with pytest.raises(OSError, match="in use"):
        SnmpAgent(port=agent.port).start()
