"""What a statement answered, kept so that it can be answered again."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pymysql import err


@dataclass(frozen=True, slots=True)
class Outcome:
    """A statement's answer as a cursor shows it, or the error that it ended with.

    Args:
        description: One tuple for each column, as DB-API 2.0 has it; None where there are no rows.
        error: The name of the driver's exception and its arguments.
    """

    rowcount: int = 0
    lastrowid: int | None = None
    description: tuple[tuple[Any, ...], ...] | None = None
    rows: tuple[tuple[Any, ...], ...] = ()
    error: tuple[str, tuple[Any, ...]] | None = None

    @classmethod
    def of(cls, cursor: Any) -> Outcome:
        """The answer that a cursor has, with all its rows."""
        rows = tuple(cursor.fetchall()) if cursor.description else ()
        return cls(cursor.rowcount, cursor.lastrowid, cursor.description, rows)

    @classmethod
    def failed(cls, error: err.MySQLError) -> Outcome:
        """The answer of a statement that raised."""
        return cls(error=(type(error).__name__, tuple(error.args)))

    def raise_error(self) -> None:
        """Raise what the statement raised, if it did."""
        if self.error is not None:
            name, arguments = self.error
            raise getattr(err, name)(*arguments)

    def to_bytes(self) -> bytes:
        """For the journal."""
        told = [self.rowcount, self.lastrowid, self.description, self.rows, self.error]
        return zlib.compress(json.dumps(told, default=_pack).encode())

    @classmethod
    def from_bytes(cls, packed: bytes) -> Outcome:
        """From the journal."""
        told = json.loads(zlib.decompress(packed), object_hook=_unpack)
        rowcount, lastrowid, description, rows, error = told
        return cls(
            rowcount,
            lastrowid,
            None if description is None else tuple(map(tuple, description)),
            tuple(map(tuple, rows)),
            None if error is None else (error[0], tuple(error[1])),
        )


_PACKED: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    bytes: (lambda value: base64.b64encode(value).decode(), base64.b64decode),
    Decimal: (str, Decimal),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
    timedelta: (
        lambda value: [value.days, value.seconds, value.microseconds],
        lambda parts: timedelta(*parts),
    ),
}
"""Each type of the driver's that JSON lacks: to JSON, and back."""

_BY_NAME = {kind.__name__: unpack for kind, (_, unpack) in _PACKED.items()}


def _pack(value: Any) -> dict[str, Any]:
    return {type(value).__name__: _PACKED[type(value)][0](value)}


def _unpack(packed: dict[str, Any]) -> Any:
    ((name, value),) = packed.items()
    return _BY_NAME[name](value)
