"""An SNMP v1, v2c and v3 agent on loopback UDP, for tests and simulators.

>>> from shopdb.testing import Recording, SnmpAgent
>>> with SnmpAgent({"public": Recording({"1.3.6.1.2.1.1.1.0": "Scale 7"})}) as agent:
...     agent.port > 0
True

The community chooses the device, as it does in ``snmpsim``; a community may carry a context, as in
``public@Jetdirect``. In v3 the user's name does. Run it on a folder of ``.snmprec`` files with
``python -m shopdb.testing.snmp_agent FOLDER --port 16161``.
"""

import argparse
import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from shopdb.outbound import ber
from shopdb.outbound.ber import Message, Pdu
from shopdb.outbound.target import SnmpUser
from shopdb.outbound.v3_message import V3Message
from shopdb.testing.recording import Recording
from shopdb.testing.snmp_answer import Lie, answers_of, spoil
from shopdb.testing.snmp_engine import V3Engine, V3Lie


@dataclass(frozen=True, slots=True)
class Manner:
    """How a community or user answers: after ``delay_s`` seconds, losing the first ``lost`` requests, and with which lie."""

    lie: Lie | V3Lie | None = None
    delay_s: float = 0.0
    lost: int = 0


class SnmpAgent:
    """Answers for any number of devices on one port of this machine, in a thread of its own.

    Args:
        devices: Community, or name of a user, -> what it answers. Other communities get no answer.
        folder: Where ``<community>.snmprec`` is looked for when ``devices`` lacks it.
        manners: Community or user -> how it answers; may be changed while the agent runs.
        users: Who may ask by v3, each at its own level and no other; all by one engine.
        host: An address of this machine, of 127.0.0.0/8 as a rule.
        port: 0 takes a free one.
    """

    def __init__(
        self,
        devices: Mapping[str, Recording] | None = None,
        *,
        folder: Path | None = None,
        manners: Mapping[str, Manner] | None = None,
        users: Iterable[SnmpUser] = (),
        host: str = "127.0.0.1",
        port: int = 0,
    ):
        self.devices: dict[str, Recording] = dict(devices or {})
        self.manners: dict[str, Manner] = dict(manners or {})
        self.engine = V3Engine({user.name: user for user in users})
        self.requests: Counter[str] = Counter()
        self.host = host
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
                loop.create_datagram_endpoint(lambda: _Protocol(self), local_addr=(self.host, self.port))
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
            if is_v3(data):
                return self._answers_by_user(data)
            return self._answers_by_community(ber.decode_message(data))
        except ber.BerError:
            return []

    def _answers_by_community(self, request: Message) -> list[bytes]:
        if request.version not in (ber.V1, ber.V2C):
            return []
        name = request.community.decode(errors="replace")
        pdus = self._pdus(name, request.pdu, is_v1=request.version == ber.V1)
        lie = self._lie_of(name)
        return [spoil(replace(request, pdu=pdu).encode(), lie) for pdu in pdus]

    def _answers_by_user(self, data: bytes) -> list[bytes]:
        name = V3Message.decode(data)[0].user.decode(errors="replace")
        if self._lie_of(name) == Lie.DEAD:
            return []
        datagrams = self.engine.answer(data, self._pdus, self._lie_of)
        return [spoil(datagram, self._lie_of(name)) for datagram in datagrams]

    def delay_s(self, data: bytes) -> float:
        """How long the answer to a datagram is held back."""
        try:
            name = V3Message.decode(data)[0].user if is_v3(data) else ber.decode_message(data).community
        except ber.BerError:
            return 0.0
        return self.manners.get(name.decode(errors="replace"), Manner()).delay_s

    def _lie_of(self, name: str) -> str | None:
        return self.manners.get(name, Manner()).lie

    def _pdus(self, name: str, request: Pdu, *, is_v1: bool = False) -> list[Pdu]:
        self.requests[name] += 1
        device = self.find_device(name)
        manner = self.manners.get(name, Manner())
        if manner.lost and device is not None:
            self.manners[name] = replace(manner, lost=manner.lost - 1)
            return []
        return [] if device is None else answers_of(device, request, manner.lie, is_v1=is_v1)


def is_v3(data: bytes) -> bool:
    """Whether a datagram says that it is SNMPv3.

    Raises:
        BerError: It is no SNMP.
    """
    body, _ = ber.expect(data, 0, ber.SEQUENCE)
    return ber.expect_number(body, 0)[0] == ber.V3


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, agent: SnmpAgent):
        self._agent = agent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        delay_s = self._agent.delay_s(data)
        for answer in self._agent.answers(data):
            asyncio.get_running_loop().call_later(delay_s, self._send, answer, addr)

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(answer, addr)


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
