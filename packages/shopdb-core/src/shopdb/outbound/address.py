"""The forms that a device's address, community, user and passwords may take."""

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
            "as in 10.2.0.17 or press-7.example.com."
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


def check_username(value: str) -> str:
    """A user's name as SNMPv3 carries it.

    Raises:
        ValueError: It has control characters or is over 32 bytes (RFC 3414 section 2.1).
    """
    if len(value.encode()) > 32:
        raise ValueError("SNMPv3 takes user names of at most 32 bytes.")
    return check_community(value)


def check_password(value: str) -> str:
    """A password as SNMPv3 takes it.

    Raises:
        ValueError: It is shorter than 8 characters (RFC 3414 section 11.2), or has control characters.
    """
    if len(value) < 8:
        raise ValueError("SNMPv3 takes passwords of at least 8 characters.")
    return check_community(value)
