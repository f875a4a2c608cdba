"""What an SNMP device answers: rows in the order of their names, read from ``.snmprec`` text or made in code."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from pathlib import Path

from shopdb.outbound import ber
from shopdb.outbound.ber import Binding, Oid

_INTEGERS = ber.UNSIGNED | {ber.INTEGER}


class Recording:
    """The rows of one device.

    >>> scale = Recording.from_text("1.3.6.1.2.1.1.1.0|4|Scale 7")
    >>> scale.set("1.3.6.1.2.1.1.3.0", 4200, tag=0x43)
    >>> [row.oid[-2] for row in (scale.find((1, 3, 6, 1, 2, 1, 1, 1, 0)), scale.after((1, 3, 6, 1, 2, 1, 1, 1, 0)))]
    [1, 3]
    """

    def __init__(self, rows: Mapping[str, int | str | bytes] | None = None):
        self._rows: dict[Oid, Binding] = {}
        self._names: list[Oid] | None = None
        self.odd: list[str] = []
        for oid, value in (rows or {}).items():
            self.set(oid, value)

    @classmethod
    def from_text(cls, text: str | bytes) -> "Recording":
        """Read ``.snmprec``: a line for each row, ``OID|type|value``.

        ``type`` is the BER tag in decimal (2 INTEGER, 4 OCTET STRING, 5 NULL, 6 OID, 64 IpAddress, 65
        Counter32, 66 Gauge32, 67 TimeTicks, 68 Opaque, 70 Counter64); with an ``x`` behind it the value is in hex.

        Raises:
            ValueError: A line that is not of that form, told with its number.
        """
        recording = cls()
        data = text.encode() if isinstance(text, str) else text
        for number, line in enumerate(data.split(b"\n"), start=1):
            line = line.rstrip(b"\r")
            if not line or line.startswith(b"#"):
                continue
            try:
                name, kind, value = line.split(b"|", 2)
                row = _row(name.decode(), kind.decode(), value)
            except ValueError as error:
                recording.odd.append(f"Line {number} {line[:80]!r} is not 'OID|type|value': {error}")
                continue
            recording._put(row)
        return recording

    @classmethod
    def from_file(cls, path: Path) -> "Recording":
        """Read an ``.snmprec`` file."""
        return cls.from_text(path.read_bytes())

    def set(self, oid: str, value: int | str | bytes, *, tag: int | None = None) -> None:
        """Put a row in, or change it; numbers are INTEGER and texts OCTET STRING unless ``tag`` says otherwise."""
        if isinstance(value, int):
            row = Binding(_numbers(oid), tag or ber.INTEGER, ber.encode_integer(value))
        elif tag == ber.OBJECT_ID and isinstance(value, str):
            row = Binding(_numbers(oid), tag, ber.encode_oid(_numbers(value)))
        else:
            content = value.encode() if isinstance(value, str) else value
            row = Binding(_numbers(oid), tag or ber.OCTETS, content)
        self._put(row)

    def remove(self, oid: str) -> None:
        """Take the row out, and every row below it."""
        gone = _numbers(oid)
        self._rows = {name: row for name, row in self._rows.items() if name[: len(gone)] != gone}
        self._names = None

    def find(self, oid: Oid) -> Binding | None:
        """The row of exactly that name."""
        return self._rows.get(oid)

    def after(self, oid: Oid) -> Binding | None:
        """The first row behind that name; None at the end."""
        names = self._sorted()
        at = bisect_right(names, oid)
        return self._rows[names[at]] if at < len(names) else None

    def has_object(self, oid: Oid) -> bool:
        """Whether any row belongs to the same object, that is, differs in the instance alone."""
        names = self._sorted()
        at = bisect_left(names, oid[:-1])
        return at < len(names) and names[at][: len(oid) - 1] == oid[:-1]

    def __iter__(self) -> Iterator[Binding]:
        return (self._rows[name] for name in self._sorted())

    def __len__(self) -> int:
        return len(self._rows)

    def _put(self, row: Binding) -> None:
        if row.oid not in self._rows:
            self._names = None
        self._rows[row.oid] = row

    def _sorted(self) -> list[Oid]:
        names = self._names
        if names is None:
            names = self._names = sorted(self._rows)
        return names


def _row(name: str, kind: str, value: bytes) -> Binding:
    is_hex = kind.endswith("x")
    tag = int(kind.rstrip("x"))
    content = bytes.fromhex(value.decode()) if is_hex else value
    if tag in _INTEGERS:
        content = content if is_hex else ber.encode_integer(int(value))
    elif tag == ber.OBJECT_ID and not is_hex:
        content = ber.encode_oid(_numbers(value.decode()))
    elif tag == ber.IP_ADDRESS and not is_hex:
        content = bytes(int(part) for part in value.split(b"."))
    elif tag == ber.NULL:
        content = b""
    return Binding(_numbers(name), tag, content)


def _numbers(oid: str) -> Oid:
    return tuple(int(part) for part in oid.strip().strip(".").split("."))
