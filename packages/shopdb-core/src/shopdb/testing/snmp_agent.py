"""An SNMP v1 and v2c agent on loopback UDP, for tests and simulators.

>>> from shopdb.testing import Recording, SnmpAgent
>>> with SnmpAgent({"public": Recording({"1.3.6.1.2.1.1.1.0": "Scale 7"})}) as agent:
...     agent.port > 0
True

The community chooses the device, as it does in ``snmpsim``; a community may carry a context, as in
``public@Jetdirect``. Run it on a folder of ``.snmprec`` files with
``python -m shopdb.testing.snmp_agent FOLDER --port 16161``.
"""

import argparse
import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from shopdb.outbound import ber
from shopdb.outbound.ber import Binding, Message, Oid
from shopdb.testing.recording import Recording

_MAX_ANSWER_BYTES = 8192
_TOO_BIG, _NO_SUCH_NAME, _GENERAL_ERROR, _NOT_WRITABLE = 1, 2, 5, 17


class Lie(StrEnum):
    """How an agent misbehaves."""

    DEAD = "dead"  # answers nothing
    GARBAGE = "garbage"  # bytes that are no BER
    TRUNCATED = "truncated"  # half of the right answer
    WRONG_ID = "wrong-id"  # the right answer with another request's id
    LOOP = "loop"  # GETNEXT and GETBULK answer the name that was asked
    ENDLESS = "endless"  # GETNEXT and GETBULK always find one more row
    FLOOD = "flood"  # a hundred answers of other requests before none of its own
    GENERAL_ERROR = "general-error"  # error-status genErr for everything


@dataclass(frozen=True, slots=True)
class Manner:
    """How a community answers: after ``delay_s`` seconds, losing the first ``lost`` requests, and with which lie."""

    lie: Lie | None = None
    delay_s: float = 0.0
    lost: int = 0


class SnmpAgent:
    """Answers for any number of devices on one port of 127.0.0.1, in a thread of its own.

    Args:
        devices: Community -> what it answers. Other communities get no answer.
        folder: Where ``<community>.snmprec`` is looked for when ``devices`` lacks it.
        manners: Community -> how it answers; may be changed while the agent runs.
        port: 0 takes a free one.
    """

    def __init__(
        self,
        devices: Mapping[str, Recording] | None = None,
        *,
        folder: Path | None = None,
        manners: Mapping[str, Manner] | None = None,
        port: int = 0,
    ):
        self.devices: dict[str, Recording] = dict(devices or {})
        self.manners: dict[str, Manner] = dict(manners or {})
        self.requests: Counter[str] = Counter()
        self.port = port
        self._folder = folder
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def start(self) -> Self:
        """Listen.

        Raises:
            OSError: The port is taken.
        """
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening,), name="snmp-agent", daemon=True)
        self._thread.start()
        listening.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def stop(self) -> None:
        """Stop listening; answers that wait are dropped."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, listening: threading.Event) -> None:
        loop = asyncio.new_event_loop()
        try:
            transport, _ = loop.run_until_complete(
                loop.create_datagram_endpoint(lambda: _Protocol(self), local_addr=("127.0.0.1", self.port))
            )
        except OSError as error:
            self._failure = error
            listening.set()
            loop.close()
            return
        self.port = transport.get_extra_info("sockname")[1]
        self._loop = loop
        listening.set()
        loop.run_forever()
        transport.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    def find_device(self, community: str) -> Recording | None:
        """What the community answers; None where it is unknown."""
        if community not in self.devices and self._folder is not None and "/" not in community:
            path = self._folder / f"{community}.snmprec"
            if path.is_file():
                self.devices[community] = Recording.from_file(path)
        return self.devices.get(community)

    def answers(self, data: bytes) -> list[bytes]:
        """The datagrams that answer one datagram."""
        try:
            request = ber.decode_message(data)
        except ber.BerError:
            return []
        community = request.community.decode(errors="replace")
        self.requests[community] += 1
        manner = self.manners.get(community, Manner())
        device = self.find_device(community)
        if device is None or request.version not in (ber.V1, ber.V2C) or manner.lie is Lie.DEAD:
            return []
        if manner.lost:
            self.manners[community] = replace(manner, lost=manner.lost - 1)
            return []
        if manner.lie is not None:
            return _lie(device, request, manner.lie)
        return [_answer(device, request)]


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, agent: SnmpAgent):
        self._agent = agent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        delay_s = self._delay_s(data)
        for answer in self._agent.answers(data):
            asyncio.get_running_loop().call_later(delay_s, self._send, answer, addr)

    def _delay_s(self, data: bytes) -> float:
        try:
            community = ber.decode_message(data).community.decode(errors="replace")
        except ber.BerError:
            return 0.0
        return self._agent.manners.get(community, Manner()).delay_s

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(answer, addr)


def _answer(device: Recording, request: Message) -> bytes:
    if request.version == ber.V1:
        return _answer_v1(device, request)
    oids = [row.oid for row in request.bindings]
    if request.kind == ber.GET:
        rows = [device.find(oid) or _missing(device, oid) for oid in oids]
    elif request.kind == ber.GET_NEXT:
        rows = [device.after(oid) or Binding(oid, ber.END_OF_MIB_VIEW) for oid in oids]
    elif request.kind == ber.GET_BULK:
        return _fit(request, list(_bulk(device, request)))
    else:
        return _refuse(request, _NOT_WRITABLE, 1)
    answer = _respond(request, rows)
    return answer if len(answer) <= _MAX_ANSWER_BYTES else _respond(request, [], _TOO_BIG)


def _answer_v1(device: Recording, request: Message) -> bytes:
    rows = []
    for index, asked in enumerate(request.bindings, start=1):
        row = device.find(asked.oid) if request.kind == ber.GET else device.after(asked.oid)
        if row is None or request.kind not in (ber.GET, ber.GET_NEXT):
            return _refuse(request, _NO_SUCH_NAME, index)
        rows.append(row)
    return _respond(request, rows)


def _bulk(device: Recording, request: Message) -> Iterator[Binding]:
    oids = [row.oid for row in request.bindings]
    single = max(request.first, 0)
    for oid in oids[:single]:
        yield device.after(oid) or Binding(oid, ber.END_OF_MIB_VIEW)
    columns = oids[single:]
    for _ in range(max(request.second, 0) if columns else 0):
        for place, oid in enumerate(columns):
            row = device.after(oid) or Binding(oid, ber.END_OF_MIB_VIEW)
            columns[place] = row.oid
            yield row


def _fit(request: Message, rows: list[Binding]) -> bytes:
    while len(answer := _respond(request, rows)) > _MAX_ANSWER_BYTES and len(rows) > 1:
        rows = rows[: len(rows) * 3 // 4]
    return answer


def _missing(device: Recording, oid: Oid) -> Binding:
    return Binding(oid, ber.NO_SUCH_INSTANCE if device.has_object(oid) else ber.NO_SUCH_OBJECT)


def _respond(request: Message, rows: Sequence[Binding], status: int = 0, index: int = 0) -> bytes:
    return replace(request, kind=ber.RESPONSE, first=status, second=index, bindings=tuple(rows)).encode()


def _refuse(request: Message, status: int, index: int) -> bytes:
    return _respond(request, [Binding(row.oid) for row in request.bindings], status, index)


def _lie(device: Recording, request: Message, lie: Lie) -> list[bytes]:
    truth = _answer(device, request)
    match lie:
        case Lie.GARBAGE:
            return [b"\xff\x00not BER at all\x30\x82"]
        case Lie.TRUNCATED:
            return [truth[: len(truth) // 2]]
        case Lie.WRONG_ID:
            return [_answer(device, replace(request, request_id=request.request_id ^ 0x5A5A5A))]
        case Lie.FLOOD:
            others = [replace(request, request_id=request.request_id ^ (n << 12)) for n in range(1, 101)]
            return [_answer(device, other) for other in others]
        case Lie.GENERAL_ERROR:
            return [_refuse(request, _GENERAL_ERROR, 1)]
    return [_never_done(device, request, lie, truth)]


def _never_done(device: Recording, request: Message, lie: Lie, truth: bytes) -> bytes:
    if request.kind not in (ber.GET_NEXT, ber.GET_BULK):
        return truth
    oid = request.bindings[0].oid
    if lie is Lie.LOOP:
        first = device.after(oid) or Binding(oid, ber.INTEGER, b"\x01")
        return _respond(request, [replace(first, oid=oid)])
    further = oid[:-1] + (oid[-1] + 1,) if len(oid) > 12 else (*oid, 1, 1, 1)
    return _respond(request, [Binding(further, ber.INTEGER, b"\x01")])


def main() -> None:
    """Serve a folder of recordings until interrupted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=16161)
    options = parser.parse_args()
    with SnmpAgent(folder=options.folder, port=options.port) as agent:
        print(f"SNMP agent on 127.0.0.1:{agent.port}; a recording's name is its community.", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
