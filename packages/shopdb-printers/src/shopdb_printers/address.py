"""The forms that a printer's address and community may take."""

import re
from ipaddress import ip_address

_NAME = re.compile(r"(?i)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")


def check_host(value: str) -> str:
    """A host name or an IP address, without brackets.

    Raises:
        ValueError: It is neither.
    """
    text = value.strip()
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    try:
        ascii_form = text.encode("idna").decode() if not text.isascii() else text
    except UnicodeError:
        ascii_form = ""
    if not _NAME.fullmatch(ascii_form) or len(ascii_form) > 253:
        raise ValueError(
            f"{value!r} is neither a host name nor an IP address. Give it alone, without http:// and port, "
            "as in 10.2.0.17 or printer-7.example.com."
        )
    return text


def check_community(value: str) -> str:
    """A community or context as SNMP carries it.

    Raises:
        ValueError: It has control characters.
    """
    if not value.isprintable():
        raise ValueError("It has characters that can't be typed. Copy it again, without line breaks.")
    return value
