"""What a printer's answers mean. Pure: values by object identifier in, a `Reading` out.

Source: RFC 3805 sections 2.2.4 (inputs), 2.2.13 (markers and supplies); RFC 2790 section 4.7 (states).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shopdb.outbound import SnmpValue
from shopdb_printers import mib
from shopdb_printers.identity import read_identity
from shopdb_printers.text import read_text

_MAX_ROWS = 100
_MAX_NUMBER = 2**31 - 1
_COLORS = (
    *("photo black", "matte black", "light cyan", "light magenta", "light gray", "light grey", "tri-color"),
    *("black", "cyan", "magenta", "yellow", "red", "green", "blue", "gray", "grey", "white", "clear"),
)


@dataclass(frozen=True, slots=True)
class Level:
    """A supply or a tray, and how much is in it.

    Args:
        index: The last part of the row's index.
        capacity: In the printer's own unit; None where it is unknown or without limit.
        level: As above.
        percent: 0 to 100. Of a waste container it is the room that is left (RFC 3805,
            prtMarkerSuppliesLevel). None where the printer gave a code or no capacity.
        coded: ``some_left``, ``unknown`` or ``unrestricted`` where ``percent`` is None, else None.
    """

    index: int
    kind: str
    description: str
    color: str | None
    capacity: int | None
    level: int | None
    percent: int | None
    coded: str | None

    def asdict(self) -> dict[str, Any]:
        """As the API shows it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class DeviceReading:
    """What one poll found out."""

    model: str | None
    serial: str | None
    firmware: str | None
    state: str
    conditions: tuple[str, ...]
    alerts: tuple[str, ...]
    page_count: int | None
    supplies: tuple[Level, ...]
    trays: tuple[Level, ...]


def read_values(values: Mapping[str, SnmpValue]) -> DeviceReading:
    """Make sense of what a printer answered; what is missing or malformed is told as unknown, never guessed."""
    identity = read_identity(values)
    tables = _Tables(values)
    return DeviceReading(
        model=identity.model,
        serial=identity.serial,
        firmware=identity.firmware,
        state=_state(tables),
        conditions=tuple(_conditions(tables)),
        alerts=tuple(_alerts(tables)),
        page_count=_page_count(tables),
        supplies=tuple(_supplies(tables)),
        trays=tuple(_trays(tables)),
    )


class _Tables:
    """The values by column and row."""

    def __init__(self, values: Mapping[str, SnmpValue]):
        self._columns: dict[str, dict[tuple[int, ...], SnmpValue]] = {}
        for oid, value in values.items():
            for column in _COLUMNS:
                if oid.startswith(column + "."):
                    row = tuple(int(part) for part in oid[len(column) + 1 :].split("."))
                    self._columns.setdefault(column, {})[row] = value
                    break
        self.is_ricoh = str(values.get(mib.SYS_OBJECT_ID, "")).startswith("1.3.6.1.4.1.367.")

    def rows(self, column: str) -> list[tuple[tuple[int, ...], SnmpValue]]:
        return sorted(self._columns.get(column, {}).items())[:_MAX_ROWS]

    def number(self, column: str, row: tuple[int, ...]) -> int | None:
        value = self._columns.get(column, {}).get(row)
        return value if isinstance(value, int) else None

    def text(self, column: str, row: tuple[int, ...]) -> str | None:
        return read_text(self._columns.get(column, {}).get(row))


_COLUMNS = (
    *(mib.HR_DEVICE_TYPE, mib.HR_DEVICE_STATUS, mib.HR_PRINTER_STATUS, mib.HR_PRINTER_ERRORS),
    *(mib.INPUT_TYPE, mib.INPUT_UNIT, mib.INPUT_CAPACITY, mib.INPUT_LEVEL, mib.INPUT_NAME),
    *(mib.INPUT_DESCRIPTION, mib.COUNTER_UNIT, mib.LIFE_COUNT, mib.SUPPLY_COLORANT, mib.SUPPLY_TYPE),
    *(mib.SUPPLY_DESCRIPTION, mib.SUPPLY_UNIT, mib.SUPPLY_CAPACITY, mib.SUPPLY_LEVEL, mib.RICOH_LEVEL),
    *(mib.COLORANT_VALUE, mib.ALERT_SEVERITY, mib.ALERT_DESCRIPTION),
)


def _supplies(tables: _Tables) -> Iterator[Level]:
    for row, raw in tables.rows(mib.SUPPLY_LEVEL):
        if not isinstance(raw, int):
            continue
        capacity = tables.number(mib.SUPPLY_CAPACITY, row)
        level = raw
        if raw == 0 and tables.is_ricoh:
            own = tables.number(mib.RICOH_LEVEL, row[-1:])
            level = own if own is not None and own >= -3 else 0
        described = tables.text(mib.SUPPLY_DESCRIPTION, row)
        kind = mib.SUPPLY_KINDS.get(tables.number(mib.SUPPLY_TYPE, row) or 2, "other")
        name = (described or "").split(", PN", 1)[0].strip() or f"Supply {row[-1]}"
        # Printers that don't know a capacity give percent, whatever unit they name: every recorded one does.
        percent, coded = _share(level, capacity, is_percent=capacity is None or capacity <= 0)
        yield Level(
            row[-1], kind, name, _color(tables, row, name), _known(capacity), _known(level), percent, coded
        )


def _trays(tables: _Tables) -> Iterator[Level]:
    for row, level in tables.rows(mib.INPUT_LEVEL):
        if not isinstance(level, int):
            continue
        capacity = tables.number(mib.INPUT_CAPACITY, row)
        is_percent = tables.number(mib.INPUT_UNIT, row) == mib.PERCENT_UNIT and (capacity or 0) <= 0
        percent, coded = _share(level, capacity, is_percent=is_percent)
        name = tables.text(mib.INPUT_NAME, row) or tables.text(mib.INPUT_DESCRIPTION, row)
        kind = mib.TRAY_KINDS.get(tables.number(mib.INPUT_TYPE, row) or 2, "other")
        yield Level(
            row[-1], kind, name or f"Tray {row[-1]}", None, _known(capacity), _known(level), percent, coded
        )


def _share(level: int, capacity: int | None, *, is_percent: bool) -> tuple[int | None, str | None]:
    """Percent, or the code that stands in its place."""
    if level < 0:
        return None, mib.CODED.get(level, "unknown")
    if is_percent:
        return (level, None) if level <= 100 else (None, "unknown")
    if capacity is None or capacity <= 0:
        return None, "unknown"
    return min(100, (200 * level + capacity) // (2 * capacity)), None


def _known(number: int | None) -> int | None:
    return number if number is not None and 0 <= number <= _MAX_NUMBER else None


def _color(tables: _Tables, row: tuple[int, ...], name: str) -> str | None:
    colorant = tables.number(mib.SUPPLY_COLORANT, row)
    named = tables.text(mib.COLORANT_VALUE, (*row[:-1], colorant)) if colorant else None
    if named and named.lower() not in ("unknown", "other", "none"):
        return named.lower()[:40]
    lowered = name.lower()
    return next((color for color in _COLORS if color in lowered), None)


def _state(tables: _Tables) -> str:
    kinds = dict(tables.rows(mib.HR_DEVICE_TYPE))
    printers = [row for row, kind in kinds.items() if kind == mib.HR_DEVICE_PRINTER]
    rows = printers or [row for row, _ in tables.rows(mib.HR_PRINTER_STATUS)] or [(1,)]
    device = mib.DEVICE_STATES.get(tables.number(mib.HR_DEVICE_STATUS, rows[0]) or 1, "unknown")
    printer = mib.PRINTER_STATES.get(tables.number(mib.HR_PRINTER_STATUS, rows[0]) or 2)
    return device if device == "down" or printer is None else printer


def _conditions(tables: _Tables) -> Iterator[str]:
    found: set[str] = set()
    for _, value in tables.rows(mib.HR_PRINTER_ERRORS):
        bits = value if isinstance(value, bytes) else b""
        for place, condition in enumerate(mib.CONDITIONS):
            byte, bit = divmod(place, 8)
            if byte < len(bits) and bits[byte] & (0x80 >> bit):
                found.add(condition)
    return (condition for condition in mib.CONDITIONS if condition in found)


def _alerts(tables: _Tables) -> Iterator[str]:
    told: dict[str, None] = {}
    for row, value in tables.rows(mib.ALERT_DESCRIPTION):
        text = read_text(value)
        if text and (tables.number(mib.ALERT_SEVERITY, row) or 3) in mib.TOLD_SEVERITIES:
            told[text] = None
    yield from list(told)[:20]


def _page_count(tables: _Tables) -> int | None:
    """The life count of the first marker that counts pages."""
    for row, count in tables.rows(mib.LIFE_COUNT):
        unit = tables.number(mib.COUNTER_UNIT, row)
        if isinstance(count, int) and count >= 0 and (unit is None or unit in mib.PAGE_UNITS):
            return count
    return None
