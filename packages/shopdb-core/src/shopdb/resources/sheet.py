"""Sheets: what a spreadsheet hands over, as a header and rows of text, and back.

A cell that a spreadsheet would run as a formula is written with an apostrophe before it and read back
without.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from shopdb.errors import InvalidError, MalformedRequestError

MAX_COLUMNS = 500
MAX_CELL = 200_000
DELIMITERS = ",;\t|"
ENCODINGS = ("utf-8", "utf-16", "cp1252", "iso-8859-1", "iso-8859-15", "shift_jis", "gb18030", "mac-roman")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_RISKY = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and its rows. Cells are text, or JSON values where the sheet was JSON.

    ``lines`` holds, for each row, the line of the file on which it ends.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    lines: tuple[int, ...]


def read_sheet(data: bytes, *, encoding: str | None = None, delimiter: str | None = None) -> Sheet:
    """A CSV file, or a JSON list of objects.

    Args:
        encoding: One of `ENCODINGS`; by default UTF-8, or UTF-16 where the file says so.
        delimiter: By default, whichever of comma, semicolon, tab and bar the header holds most of.

    Raises:
        MalformedRequestError: the bytes are not of the encoding, or the quoting is broken; names line and column.
        InvalidError: no header, a column twice, a row longer than the header.
    """
    text = _decoded(data, encoding)
    if text.lstrip()[:1] in ("[", "{"):
        return _read_json(text)
    return _read_csv(text, delimiter)


def _decoded(data: bytes, encoding: str | None) -> str:
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise InvalidError(
            f"encoding: {encoding[:40]!r} is not one of {', '.join(ENCODINGS)}.",
            errors={"encoding": [f"is not one of {', '.join(ENCODINGS)}."]},
        )
    bom = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    chosen = bom or (encoding.lower() if encoding else "utf-8")
    try:
        text = data.decode(chosen)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise MalformedRequestError(
            f"The file is not {chosen}: line {line}, column {column} holds the byte 0x{data[error.start]:02x}. "
            "Save it as UTF-8, or name its encoding, such as encoding=cp1252."
        ) from None
    at = text.find("\x00")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise MalformedRequestError(
            f"Line {line} holds a NUL character: this is no text file, or one in UTF-16 without its mark. "
            "Save it as UTF-8."
        )
    return text


def _read_csv(text: str, delimiter: str | None) -> Sheet:
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise InvalidError(f"delimiter: {delimiter[:20]!r} is not one character.")
    first = text.lstrip("\r\n").splitlines()[:1]
    if not first or not first[0].strip():
        raise InvalidError("The file is empty: its first line names the columns.")
    found = delimiter or max(DELIMITERS, key=first[0].count)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=found, strict=True)
    rows: list[tuple[Any, ...]] = []
    lines: list[int] = []
    try:
        header = _header(next(reader))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                raise InvalidError(
                    f"Line {reader.line_num} has {len(cells)} cells, the header {len(header)}: "
                    f"is a cell with {found!r} in it quoted?"
                )
            padded = [*cells, *[""] * (len(header) - len(cells))][: len(header)]
            rows.append(tuple(_unguarded(cell) for cell in padded))
            lines.append(reader.line_num)
    except csv.Error as error:
        raise MalformedRequestError(f"Line {reader.line_num} can't be read as CSV: {error}.") from None
    return Sheet(header, tuple(rows), tuple(lines))


def _header(cells: list[str]) -> tuple[str, ...]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise InvalidError(f"The header has {len(names)} columns; at most {MAX_COLUMNS} are read.")
    seen: set[str] = set()
    for number, name in enumerate(names, 1):
        if not name:
            raise InvalidError(f"Column {number} has no name in the header.")
        if name.lower() in seen:
            raise InvalidError(f"Column {name[:80]!r} stands in the header twice.")
        seen.add(name.lower())
    return tuple(names)


def _read_json(text: str) -> Sheet:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedRequestError(f"The file is not JSON: {error}.") from None
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise InvalidError("A JSON sheet is a list of objects, one for each row.")
    names = list(dict.fromkeys(key for row in data for key in row))
    if len(names) > MAX_COLUMNS:
        raise InvalidError(f"The rows name {len(names)} columns; at most {MAX_COLUMNS} are read.")
    rows = tuple(tuple(row.get(name, "") for name in names) for row in data)
    return Sheet(tuple(names), rows, tuple(range(1, len(rows) + 1)))


def write_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """CSV text, piece by piece: UTF-8, commas, formulas made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(list(header))
    for row in rows:
        writer.writerow([_guarded(cell) for cell in row])
        if buffer.tell() > 32_768:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _guarded(cell: Any) -> Any:
    return "'" + cell if isinstance(cell, str) and _RISKY.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
