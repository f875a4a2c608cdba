"""Checks of single values."""

import re

from shopdb.services import Condition, TextTemplate

_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_FIELD = re.compile(r"[a-z][a-z0-9_]*")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
MAX_RECIPIENTS = 100


def recipients(value: str) -> str:
    """Mail addresses, one a line."""
    found = list(dict.fromkeys(re.split(r"[\s,;]+", value.strip())))
    for each in found:
        if not _ADDRESS.fullmatch(each) or not each.isascii():
            raise ValueError(f"{each[:80]!r} is no mail address, such as shift.lead@plant.example.")
    if len(found) > MAX_RECIPIENTS:
        raise ValueError(
            f"Are {len(found)}: a channel has at most {MAX_RECIPIENTS}. Use a list of your mail server."
        )
    return "\n".join(found)


def field_names(value: str) -> str:
    """Names of fields with commas between."""
    names = [name.strip() for name in value.split(",") if name.strip()]
    for name in names:
        if not _FIELD.fullmatch(name):
            raise ValueError(
                f"{name[:80]!r} is no field's name. Write them as the API does: status, location."
            )
    return ", ".join(names)


def clock_time(value: str) -> str:
    """A time of day."""
    if not _CLOCK.fullmatch(value):
        raise ValueError(f"{value!r} is no time of day, such as 07:00.")
    return value


def template(value: str) -> str:
    """A template of ours."""
    TextTemplate(value)
    return value


def condition(value: str) -> str:
    """A question in the language of our templates."""
    Condition(value)
    return value
