"""What people type for a MAC, an address, a prefix or a USB id, brought to one spelling."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Prefix = IPv4Network | IPv6Network

SHORTEST_MAC_PART = 6
"""Hex digits without any separator are taken for a part of a MAC from three bytes on."""
_PAIRS = re.compile(r"[0-9a-f]{2}(?:([:\- ])[0-9a-f]{2}(?:\1[0-9a-f]{2}){0,4}(?:\1[0-9a-f])?)\Z")
_SHORT = re.compile(r"[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}\Z")
_QUADS = re.compile(r"[0-9a-f]{4}(?:([.\-])[0-9a-f]{1,4}(?:(?<=[.\-][0-9a-f]{4})\1[0-9a-f]{1,4})?)\Z")
_HALVES = re.compile(r"[0-9a-f]{6}[\-:][0-9a-f]{1,6}\Z")
_BARE = re.compile(rf"[0-9a-f]{{{SHORTEST_MAC_PART},12}}\Z")
_USB_IDS = (
    re.compile(r"(?:id )?([0-9a-f]{4})[:/]([0-9a-f]{4})\Z"),
    re.compile(r"(?:usb\\)?vid_([0-9a-f]{4})&pid_([0-9a-f]{4})\b.*\Z"),
    re.compile(r"0x([0-9a-f]{4})[ :/,]\s*0x([0-9a-f]{4})\Z"),
)
_ZONE = re.compile(r"%[\w.\-]+\Z")
_DOTTED = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\Z", re.ASCII)


def read_mac(text: str) -> str | None:
    """A MAC or a part of one, as ``aa:bb:cc:dd:ee:ff`` or so many of its pairs as were typed.

    Colons, hyphens, spaces, points after four digits, a hyphen after six, or nothing between; the last digit
    may still be missing. Digits without separators are a MAC from three bytes on.
    """
    lowered = text.strip().strip(":-.").lower()
    if _SHORT.match(lowered):
        lowered = ":".join(byte.zfill(2) for byte in lowered.split(":"))
    if not any(form.match(lowered) for form in (_PAIRS, _QUADS, _HALVES, _BARE)):
        return None
    digits = re.sub(r"[^0-9a-f]", "", lowered)
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def read_address(text: str) -> Address | None:
    """An IPv4 or IPv6 address in any spelling: bracketed, zoned, zero-padded, IPv4 within IPv6."""
    bare = _ZONE.sub("", text.strip().removeprefix("[").removesuffix("]"))
    dotted = _DOTTED.match(bare)
    if dotted:
        bare = ".".join(str(int(octet)) for octet in dotted.groups())
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def read_prefix(text: str) -> Prefix | None:
    """A prefix such as ``10.1.0.0/16``, by length or mask; bits behind the length don't matter."""
    first, slash, length = text.strip().partition("/" if "/" in text else " ")
    address = read_address(first) if slash else None
    if address is None:
        return None
    try:
        return ip_network(f"{address}/{length.strip()}", strict=False)
    except ValueError:
        return None


def read_usb_id(text: str) -> str | None:
    r"""Vendor and product id as ``0951:1666``, from ``lsusb``, Windows (``VID_0951&PID_1666``) or ``0x`` spellings."""
    lowered = text.strip().lower()
    for form in _USB_IDS:
        found = form.match(lowered)
        if found:
            return f"{found[1]}:{found[2]}"
    return None
