"""An SNMP client for v1, v2c and v3 that a device can't hold up, lead round in circles or crash.

>>> async def name_of(host):
...     async with SnmpSession(SnmpTarget(host, community="public"), deadline_s=5) as session:
...         return (await session.get("1.3.6.1.2.1.1.5.0")).get("1.3.6.1.2.1.1.5.0")

Source: RFC 1157 (v1), RFC 1901 and RFC 3416 (v2c), RFC 3412 and RFC 3414 (v3). Why it is not a library's: ADR 0010.
"""

import asyncio
import itertools
import secrets
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from shopdb.errors import (
    OutboundError,
    OutboundProtocolError,
    OutboundReportedError,
    OutboundSecurityError,
    OutboundTimeoutError,
)
from shopdb.outbound import ber
from shopdb.outbound.ber import BerError, Binding, Oid, Pdu
from shopdb.outbound.envelope import Again, CommunityEnvelope, Envelope
from shopdb.outbound.guard import Address, AddressGuard
from shopdb.outbound.target import SnmpTarget, SnmpValue
from shopdb.outbound.v3 import UserEnvelope

_ROWS_AT_ONCE = 30
"""Rows of some 40 bytes, to fit a datagram that no network splits."""

_MAX_WAITING = 64
_TOO_BIG, _NO_SUCH_NAME = 1, 2
_STATUS = {
    1: "tooBig",
    2: "noSuchName",
    3: "badValue",
    4: "readOnly",
    5: "genErr",
    6: "noAccess",
    16: "authorizationError",
}


class SnmpSession:
    """A conversation with one device, over when ``deadline_s`` has passed, whatever the device does.

    Args:
        guard: Judges the device's address; the default one refuses loopback.
        deadline_s: For everything inside ``async with``, the name's look-up included.
        timeout_s: How long one request waits before it is sent again.
        tries: How often a request is sent.
        max_rows: A walk that finds more is refused.

    Raises:
        OutboundRefusedError: The guard refuses the address.
        OutboundTimeoutError: No answer by the deadline, or to any of the tries.
        OutboundSecurityError: With v3, the device refuses the user, or its answers are not proved to be its own.
        OutboundProtocolError: Answers that are not SNMP, go round in circles or have no end.
        OutboundReportedError: The device answers that it can't.
        OutboundError: The host is unknown or unreachable, or nothing listens there.
    """

    def __init__(
        self,
        target: SnmpTarget,
        *,
        guard: AddressGuard | None = None,
        deadline_s: float = 10.0,
        timeout_s: float = 2.0,
        tries: int = 2,
        max_rows: int = 10_000,
    ):
        self._target = target
        self._guard = guard or AddressGuard()
        self._deadline_s = deadline_s
        self._timeout_s = timeout_s
        self._tries = tries
        self._max_rows = max_rows
        self._has_answered = False
        self._rows_at_once = 1 if target.version == "1" else _ROWS_AT_ONCE

    async def __aenter__(self) -> Self:
        of_user = self._target.version == "3"
        self._envelope: Envelope = UserEnvelope(self._target) if of_user else CommunityEnvelope(self._target)
        self._deadline = asyncio.timeout(self._deadline_s)
        await self._deadline.__aenter__()
        try:
            self._address = (await self._guard.resolve(self._target.host))[0]
            self._transport, self._inbox = await _open(self._address, self._target.port)
        except BaseException as error:
            await self._end(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()
        await self._end(kind, error, trace)

    async def _end(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._deadline.__aexit__(kind, error, trace)
        except TimeoutError:
            done = f"{self._target.who} answered, but was not done after {self._deadline_s:g} s; given up."
            message = done if self._has_answered else self._unanswered(self._deadline_s)
            raise OutboundTimeoutError(message) from None

    async def get(self, *oids: str) -> dict[str, SnmpValue]:
        """The values of those of the ``oids`` that the device has."""
        found: dict[str, SnmpValue] = {}
        for some in _in_portions(oids, 16):
            found.update(await self._get_some(some))
        return found

    async def _get_some(self, oids: tuple[str, ...]) -> dict[str, SnmpValue]:
        answer = await self._ask(ber.GET, tuple(Binding(_numbers(oid)) for oid in oids))
        if answer.first == 0:
            return _values(answer.bindings)
        if len(oids) == 1:
            if answer.first == _NO_SUCH_NAME:
                return {}
            raise OutboundReportedError(self._reported(answer.first))
        # v1 refuses the whole request for one unknown name (RFC 1157 section 4.1.2), and some agents
        # refuse long ones: ask for each alone.
        found: dict[str, SnmpValue] = {}
        for oid in oids:
            found.update(await self._get_some((oid,)))
        return found

    async def walk(self, *roots: str) -> dict[str, SnmpValue]:
        """Every value below each of the ``roots``, which are asked for together; each root's in the device's order."""
        columns = [_Column(_numbers(root)) for root in roots]
        found: dict[str, SnmpValue] = {}
        while columns:
            answer = await self._next(columns)
            if answer.first == _NO_SUCH_NAME:  # how v1 says that a column has ended
                del columns[answer.second - 1 if 1 <= answer.second <= len(columns) else 0]
                continue
            found.update(self._take(columns, answer.bindings))
            columns = [column for column in columns if not column.is_done]
            if len(found) > self._max_rows:
                raise OutboundProtocolError(
                    f"{self._target.who} has more than {self._max_rows} rows below {', '.join(roots)}."
                )
        return found

    async def _next(self, columns: list["_Column"]) -> Pdu:
        """The rows behind those of each column. Asks for fewer at a time where many are too many."""
        bindings = tuple(Binding(column.at) for column in columns)
        while self._rows_at_once > 1:
            repetitions = max(1, self._rows_at_once // len(columns))
            try:
                answer = await self._ask(ber.GET_BULK, bindings, repetitions=repetitions)
            except OutboundTimeoutError:
                if not self._has_answered:
                    raise
                self._rows_at_once = 1
                continue
            if answer.first == 0:
                return answer
            self._rows_at_once //= 4
        answer = await self._ask(ber.GET_NEXT, bindings)
        if answer.first not in (0, _NO_SUCH_NAME):
            raise OutboundReportedError(self._reported(answer.first))
        return answer

    def _take(self, columns: list["_Column"], rows: tuple[Binding, ...]) -> dict[str, SnmpValue]:
        """The values of an answer, whose rows go round the columns; moves the columns on."""
        taken: list[Binding] = []
        if not rows:
            columns[0].is_done = True
        for row, column in zip(rows, itertools.cycle(columns), strict=False):
            if column.is_done:
                continue
            if row.tag in ber.EXCEPTIONS or row.oid[: len(column.root)] != column.root:
                column.is_done = True
                continue
            if row.oid <= column.at:
                raise OutboundProtocolError(
                    f"{self._target.who} goes round in circles at {_dotted(row.oid)}."
                )
            column.at = row.oid
            taken.append(row)
        return _values(taken)

    async def _ask(self, kind: int, bindings: tuple[Binding, ...], *, repetitions: int = 0) -> Pdu:
        """Send until an answer to any of the tries comes. What v3 has to learn on the way counts as no try."""
        ids: set[int] = set()
        garbage: BerError | None = None
        tries = 0
        while tries < self._tries:
            tries += 1
            number = secrets.randbelow(2**31)
            ids.add(number)
            self._transport.sendto(self._envelope.seal(Pdu(kind, number, 0, repetitions, bindings)))
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._inbox.find_answer(self._envelope, ids)
            except TimeoutError:
                continue
            except Again:
                tries, ids = tries - 1, set()
                continue
            except BerError as error:
                garbage = error
                continue
            self._has_answered = True
            return answer
        raise self._silence(garbage)

    def _silence(self, garbage: BerError | None) -> OutboundError:
        """What it means that none of the tries was answered."""
        if garbage is not None:
            return OutboundProtocolError(f"{self._target.who} does not answer in SNMP: {garbage}")
        if self._envelope.doubt:
            text = "An answer came that was not believed, as it is"
            return OutboundSecurityError(f"{self._target.who}: {text} {self._envelope.doubt}.")
        return OutboundTimeoutError(self._unanswered(self._timeout_s * self._tries))

    def _unanswered(self, seconds: float) -> str:
        if self._has_answered:
            return f"{self._target.who} stopped answering; given up after another {seconds:g} s."
        return self._envelope.unanswered(seconds)

    def _reported(self, status: int) -> str:
        return f"{self._target.who} reported the error {_STATUS.get(status, status)}."


class _Column:
    """Where a walk has got to below a root."""

    def __init__(self, root: Oid):
        self.root = self.at = root
        self.is_done = False


class _Inbox(asyncio.DatagramProtocol):
    """Datagrams of one device; those that nobody waits for are dropped."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._waiting: asyncio.Queue[bytes | OSError] = asyncio.Queue(_MAX_WAITING)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, OSError) and not self._waiting.full():
            self._waiting.put_nowait(exc)

    async def find_answer(self, envelope: Envelope, ids: set[int]) -> Pdu:
        """The next answer to one of the requests; late ones to others are passed over."""
        while True:
            data = await self._waiting.get()
            if isinstance(data, ConnectionRefusedError):
                raise OutboundError(f"Nothing listens at {self._who}. Check the address and the port.")
            if isinstance(data, OSError):
                raise OutboundError(f"{self._who} can't be reached: {data.strerror}.")
            answer = envelope.open(data, ids)
            if answer is not None:
                return answer


async def _open(address: Address, port: int) -> tuple[asyncio.DatagramTransport, _Inbox]:
    who = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
    loop = asyncio.get_running_loop()
    try:
        transport, inbox = await loop.create_datagram_endpoint(
            lambda: _Inbox(who), remote_addr=(str(address), port)
        )
    except (OSError, OverflowError) as error:
        raise OutboundError(
            f"{who} can't be reached: {getattr(error, 'strerror', None) or error}."
        ) from error
    return transport, inbox


def _values(rows: tuple[Binding, ...] | list[Binding]) -> dict[str, SnmpValue]:
    pairs = ((_dotted(row.oid), _value(row)) for row in rows if row.tag not in ber.EXCEPTIONS)
    return {oid: value for oid, value in pairs if value is not None}


def _value(row: Binding) -> SnmpValue | None:
    """The value in Python; None for NULL and for contents that are not of their type."""
    try:
        if row.tag == ber.INTEGER:
            return ber.decode_integer(row.content)
        if row.tag in ber.UNSIGNED:
            return ber.decode_integer(row.content, signed=False)
        if row.tag == ber.OBJECT_ID:
            return _dotted(ber.decode_oid(row.content))
    except BerError:
        return None
    if row.tag == ber.IP_ADDRESS:
        return ".".join(map(str, row.content))
    return None if row.tag == ber.NULL else row.content


def _numbers(oid: str) -> Oid:
    return tuple(int(part) for part in oid.strip(".").split("."))


def _dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


def _in_portions(oids: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (oids[at : at + size] for at in range(0, len(oids), size))
