"""Checks of single values."""

import re
from datetime import date, timedelta

from shopdb.plugins import now

_AXES = re.compile(r"[A-Z][0-9]?( [A-Z][0-9]?)*")


def axes(value: str) -> str:
    """Names of axes in upper case with single spaces between.

    Source: ISO 841: letters X Y Z, A B C, U V W and so on; a number tells two of one letter apart.
    """
    plain = " ".join(value.upper().replace(",", " ").replace("/", " ").split())
    if not _AXES.fullmatch(plain):
        raise ValueError(
            f"{value[:60]!r} names no axes: write letters with spaces between, such as X Y Z A C."
        )
    return plain


def not_in_future(value: date) -> date:
    """A day that has begun somewhere on earth."""
    if value > (now() + timedelta(hours=14)).date():
        raise ValueError(f"{value} is yet to come: give the day on which it was done.")
    return value
