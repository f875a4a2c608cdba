"""What a simulated device answers to a PDU, truthfully or not; whatever lies around the PDU is not its concern."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from shopdb.outbound import ber
from shopdb.outbound.ber import Binding, Oid, Pdu
from shopdb.testing.recording import Recording

_MAX_BYTES = 8192
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


def answers_of(device: Recording, request: Pdu, lie: str | None = None, *, is_v1: bool = False) -> list[Pdu]:
    """What the device says to a request, and how often."""
    match lie:
        case Lie.DEAD:
            return []
        case Lie.WRONG_ID:
            return [_answer(device, replace(request, request_id=request.request_id ^ 0x5A5A5A), is_v1=is_v1)]
        case Lie.FLOOD:
            others = [replace(request, request_id=request.request_id ^ (n << 12)) for n in range(1, 101)]
            return [_answer(device, other, is_v1=is_v1) for other in others]
        case Lie.GENERAL_ERROR:
            return [_refuse(request, _GENERAL_ERROR, 1)]
        case Lie.LOOP | Lie.ENDLESS if request.kind in (ber.GET_NEXT, ber.GET_BULK):
            return [_never_done(device, request, lie)]
    return [_answer(device, request, is_v1=is_v1)]


def spoil(datagram: bytes, lie: str | None) -> bytes:
    """The datagram as a device sends it that can't even do that."""
    match lie:
        case Lie.GARBAGE:
            return b"\xff\x00not BER at all\x30\x82"
        case Lie.TRUNCATED:
            return datagram[: len(datagram) // 2]
    return datagram


def _answer(device: Recording, request: Pdu, *, is_v1: bool) -> Pdu:
    if is_v1:
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
    return answer if len(answer.encode()) <= _MAX_BYTES else _respond(request, [], _TOO_BIG)


def _answer_v1(device: Recording, request: Pdu) -> Pdu:
    rows = []
    for index, asked in enumerate(request.bindings, start=1):
        row = device.find(asked.oid) if request.kind == ber.GET else device.after(asked.oid)
        if row is None or request.kind not in (ber.GET, ber.GET_NEXT):
            return _refuse(request, _NO_SUCH_NAME, index)
        rows.append(row)
    return _respond(request, rows)


def _bulk(device: Recording, request: Pdu) -> Iterator[Binding]:
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


def _fit(request: Pdu, rows: list[Binding]) -> Pdu:
    while len((answer := _respond(request, rows)).encode()) > _MAX_BYTES and len(rows) > 1:
        rows = rows[: len(rows) * 3 // 4]
    return answer


def _missing(device: Recording, oid: Oid) -> Binding:
    return Binding(oid, ber.NO_SUCH_INSTANCE if device.has_object(oid) else ber.NO_SUCH_OBJECT)


def _respond(request: Pdu, rows: Sequence[Binding], status: int = 0, index: int = 0) -> Pdu:
    return replace(request, kind=ber.RESPONSE, first=status, second=index, bindings=tuple(rows))


def _refuse(request: Pdu, status: int, index: int) -> Pdu:
    return _respond(request, [Binding(row.oid) for row in request.bindings], status, index)


def _never_done(device: Recording, request: Pdu, lie: str) -> Pdu:
    oid = request.bindings[0].oid
    if lie == Lie.LOOP:
        first = device.after(oid) or Binding(oid, ber.INTEGER, b"\x01")
        return _respond(request, [replace(first, oid=oid)])
    further = oid[:-1] + (oid[-1] + 1,) if len(oid) > 12 else (*oid, 1, 1, 1)
    return _respond(request, [Binding(further, ber.INTEGER, b"\x01")])
