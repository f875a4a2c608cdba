"""Checks of single values that core's models share."""

import re

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_URL = re.compile(r"https?://[^\s/]+(/\S*)?", re.IGNORECASE)


def email(value: str) -> str:
    """One address, ``name@host``; what lies behind is the mail server's to judge."""
    if not _EMAIL.fullmatch(value):
        raise ValueError(f"{value!r} is not an e-mail address, such as name@example.com.")
    return value


def web_address(value: str) -> str:
    """An http or https address."""
    if not _URL.fullmatch(value):
        raise ValueError(f"{value!r} is not a web address: it begins with https:// or http://.")
    return value
