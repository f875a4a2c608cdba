"""Checks of single values."""

import re

_HEX = re.compile(r"[0-9a-f]{4}")


def hex_id(value: str) -> str:
    """An idVendor or idProduct as the USB specification writes them, lower case.

    Source: USB 2.0, section 9.6.1, idVendor and idProduct.
    """
    plain = value.strip().lower().removeprefix("0x")
    if not _HEX.fullmatch(plain):
        raise ValueError(f"{value!r} is not four hexadecimal digits, such as 0951.")
    return plain
