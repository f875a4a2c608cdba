"""Texts of addresses, cursors and sheets -> values of a field's kind."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column

from shopdb.columns import stored_key
from shopdb.resources.compiled import Field

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
BIG_MIN, BIG_MAX = -(2**63), 2**63 - 1
MAX_ID = INT_MAX
_TRUE = {"true", "1", "yes", "y", "on"}
_FALSE = {"false", "0", "no", "n", "off"}


def parse_text(field: Field, text: str) -> Any:
    """The value that ``text`` means for the field.

    Raises:
        ValueError: with a sentence for people.
    """
    if field.kind == "integer":
        return parse_integer(text, *integer_range(field))
    return _PARSERS.get(field.kind, parse_string)(text)


def integer_range(field: Field) -> tuple[int, int]:
    """The smallest and the largest whole number that the field's column holds, on every engine."""
    return (BIG_MIN, BIG_MAX) if field.is_big else (INT_MIN, INT_MAX)


def normal_form(field: Field, value: Any) -> Any:
    """The value as the field keeps it, or as it is where the field would refuse it."""
    if field.check is None:
        return value
    try:
        return field.check(value)
    except ValueError:
        return value


def find_key(column: Column[Any], text: str) -> str | None:
    """What a key column keeps of a text, or None where that is no value of its field."""
    try:
        return stored_key(column, text)
    except ValueError:
        return None


def parse_string(text: str) -> str:
    """A string that every engine can keep and compare."""
    if "\x00" in text:
        raise ValueError("has a NUL character, which no stored value has.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("has half a surrogate pair, which is no character.") from None
    return text


def parse_integer(text: str, low: int = INT_MIN, high: int = INT_MAX) -> int:
    """A whole number within 32 bits, or within the bounds that are given."""
    body = text[1:] if text[:1] in "+-" else text
    if not (body.isascii() and body.isdigit()) or len(body) > 20:
        raise ValueError(f"{_quoted(text)} is not a whole number.")
    value = int(text)
    if not low <= value <= high:
        raise ValueError(f"{text} is out of range: whole numbers lie between {low} and {high}.")
    return value


def parse_number(text: str) -> float:
    """A finite number."""
    try:
        value = float(text) if len(text) < 60 and "_" not in text else float("nan")
    except ValueError:
        raise ValueError(f"{_quoted(text)} is not a number.") from None
    if not math.isfinite(value):
        raise ValueError(f"{_quoted(text)} is not a finite number.")
    return value


def parse_boolean(text: str) -> bool:
    """``true`` or ``false``, in the ways people write them."""
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError(f"{_quoted(text)} is neither true nor false.")


def parse_date(text: str) -> date:
    """``YYYY-MM-DD``."""
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{_quoted(text)} is not a date: write it as 2026-03-31.") from None


def parse_datetime(text: str) -> datetime:
    """ISO 8601 with a zone, as UTC. A ``+`` that an address turned into a space is read as one."""
    try:
        if not 16 <= len(text) <= 40:
            raise ValueError
        value = datetime.fromisoformat(text.replace(" ", "T" if text[10:11] == " " else "+"))
        if value.tzinfo is None:
            raise ValueError
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{_quoted(text)} is not a time with a zone: write it as 2026-03-31T14:00:00Z."
        ) from None


def _quoted(text: str) -> str:
    shown = text if len(text) <= 60 else text[:57] + "…"
    return repr(shown)


_PARSERS = {
    "reference": parse_integer,
    "tags": parse_integer,
    "number": parse_number,
    "boolean": parse_boolean,
    "date": parse_date,
    "datetime": parse_datetime,
}
