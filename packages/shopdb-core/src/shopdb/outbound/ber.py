"""SNMP's PDUs and the messages of v1 and v2c in BER, both ways: what the client sends, what the test agent answers.

Everything malformed raises `BerError` and nothing else; reading never looks outside the datagram.

Source: X.690 (BER); RFC 1157 section 4 (v1); RFC 1901 and RFC 3416 section 3 (v2c).
"""

from collections.abc import Iterator
from dataclasses import dataclass

Oid = tuple[int, ...]

INTEGER, OCTETS, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIME_TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
GET, GET_NEXT, RESPONSE, GET_BULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA5, 0xA8
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82
V1, V2C, V3 = 0, 1, 3

UNSIGNED = frozenset({COUNTER32, GAUGE32, TIME_TICKS, COUNTER64})
EXCEPTIONS = frozenset({NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW})

_MAX_ARCS = 128
"""Source: RFC 3416 section 4.1: at most 128 sub-identifiers."""


class BerError(ValueError):
    """The bytes are not an SNMP message."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A name and its value: the value's tag, and its content as it goes over the wire."""

    oid: Oid
    tag: int = NULL
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Pdu:
    """A request, a response or a report.

    Args:
        first: error-status; for GETBULK the number of non-repeaters.
        second: error-index; for GETBULK the number of repetitions.
    """

    kind: int
    request_id: int
    first: int = 0
    second: int = 0
    bindings: tuple[Binding, ...] = ()

    def encode(self) -> bytes:
        """With its tag and length."""
        rows = b"".join(
            encode(SEQUENCE, encode(OBJECT_ID, encode_oid(row.oid)) + encode(row.tag, row.content))
            for row in self.bindings
        )
        numbers = b"".join(map(encode_number, (self.request_id, self.first, self.second)))
        return encode(self.kind, numbers + encode(SEQUENCE, rows))


@dataclass(frozen=True, slots=True)
class Message:
    """A PDU of v1 or v2c, as it goes over the wire."""

    version: int
    community: bytes
    pdu: Pdu

    def encode(self) -> bytes:
        """The datagram."""
        head = encode_number(self.version) + encode(OCTETS, self.community)
        return encode(SEQUENCE, head + self.pdu.encode())


def encode(tag: int, content: bytes) -> bytes:
    """One value with its tag and length."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def encode_number(value: int) -> bytes:
    """An INTEGER with its tag and length."""
    return encode(INTEGER, encode_integer(value))


def encode_integer(value: int) -> bytes:
    """The content of an INTEGER, and of the unsigned types."""
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def encode_oid(oid: Oid) -> bytes:
    """The content of an OBJECT IDENTIFIER."""
    first, second, *rest = (*oid, 0, 0)[: max(len(oid), 2)]
    return b"".join(map(_base128, (first * 40 + second, *rest)))


def _base128(number: int) -> bytes:
    if number < 0x80:
        return bytes((number,))
    out = [number & 0x7F]
    while number := number >> 7:
        out.append(0x80 | (number & 0x7F))
    return bytes(reversed(out))


def decode_message(data: bytes) -> Message:
    """Read a datagram.

    Raises:
        BerError: for everything that is not a whole v1 or v2c message.
    """
    body, _ = expect(data, 0, SEQUENCE)
    version, at = expect_number(body, 0)
    community, at = expect(body, at, OCTETS)
    return Message(version, community, decode_pdu(body, at))


def decode_pdu(data: bytes, at: int) -> Pdu:
    """The PDU that begins there.

    Raises:
        BerError: There is none.
    """
    kind, pdu, _ = read(data, at)
    if not kind & 0xA0 == 0xA0:
        raise BerError(f"Tag {kind:#x} stands where a PDU is due.")
    request_id, at = expect_number(pdu, 0)
    first, at = expect_number(pdu, at)
    second, at = expect_number(pdu, at)
    rows, _ = expect(pdu, at, SEQUENCE)
    return Pdu(kind, request_id, first, second, tuple(_bindings(rows)))


def _bindings(rows: bytes) -> Iterator[Binding]:
    at = 0
    while at < len(rows):
        row, at = expect(rows, at, SEQUENCE)
        name, behind = expect(row, 0, OBJECT_ID)
        tag, content, _ = read(row, behind)
        yield Binding(decode_oid(name), tag, content)


def decode_integer(content: bytes, *, signed: bool = True) -> int:
    """The number in the content of an INTEGER, or of an unsigned type.

    Raises:
        BerError: No bytes, or more than a Counter64 has.
    """
    if not 1 <= len(content) <= 9:
        raise BerError(f"An integer of {len(content)} bytes is none.")
    return int.from_bytes(content, "big", signed=signed)


def decode_oid(content: bytes) -> Oid:
    """The numbers of an OBJECT IDENTIFIER.

    Raises:
        BerError: The last number is not finished, or there are too many.
    """
    numbers: list[int] = []
    number = 0
    for byte in content:
        number = (number << 7) | (byte & 0x7F)
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    if not numbers or content[-1] & 0x80 or len(numbers) > _MAX_ARCS:
        raise BerError("An object identifier is empty, unfinished or too long.")
    first = min(numbers[0] // 40, 2)
    return (first, numbers[0] - 40 * first, *numbers[1:])


def expect_number(data: bytes, at: int) -> tuple[int, int]:
    """The INTEGER that begins there, and where what follows begins.

    Raises:
        BerError: There is none.
    """
    content, end = expect(data, at, INTEGER)
    return decode_integer(content), end


def expect(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    """The content of the value of that tag that begins there, and where what follows begins.

    Raises:
        BerError: Another begins there, or none.
    """
    found, content, end = read(data, at)
    if found != tag:
        raise BerError(f"Tag {found:#x} stands where {tag:#x} is due.")
    return content, end


def read(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Tag and content of the value that begins there, and where what follows begins.

    Raises:
        BerError: There is none, or it is not whole.
    """
    if at + 2 > len(data):
        raise BerError("The message ends early.")
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4 or at + size > len(data):
            raise BerError("A length is indefinite or longer than the message.")
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    if at + length > len(data):
        raise BerError("The message ends early.")
    return tag, data[at : at + length], at + length
