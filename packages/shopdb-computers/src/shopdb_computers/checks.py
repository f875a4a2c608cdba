"""Checks of single values."""

import re
import uuid

_MAC = re.compile(r"(?<![0-9a-f])[0-9a-f]{2}(?:[:\-. ]?[0-9a-f]{2}){5}(?![0-9a-f])")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_\-]{0,61}[A-Za-z0-9_])?"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")


def mac_list(value: str) -> str:
    """MAC addresses in any notation, as ``aa:bb:cc:dd:ee:ff``, each once, with a comma and a space between."""
    lowered = value.lower()
    rest = _MAC.sub("", lowered).translate(str.maketrans("", "", ",; \t"))
    if rest:
        raise ValueError(
            f"{value!r} is not a list of MAC addresses: write each as 00:1b:1c:2a:3b:4c, with commas between."
        )
    digits = (re.sub("[^0-9a-f]", "", found) for found in _MAC.findall(lowered))
    return ", ".join(dict.fromkeys(":".join(re.findall("..", each)) for each in digits))


def hostname(value: str) -> str:
    """A name as DNS and NetBIOS take it, as it was typed.

    Source: RFC 1123, section 2.1; underscores because Windows allows them.
    """
    plain = value.strip().rstrip(".")
    if not _HOSTNAME.match(plain):
        raise ValueError(
            f"{value!r} is not a hostname: letters, digits and hyphens, such as CELL2-PC01 or pc1.plant.example."
        )
    return plain


def hardware_uuid(value: str) -> str:
    """The UUID of the BIOS, lower case with hyphens.

    Source: RFC 9562, section 4.
    """
    try:
        return str(uuid.UUID(value.strip()))
    except ValueError:
        raise ValueError(
            f"{value!r} is not a UUID: 32 hexadecimal digits, such as 4c4c4544-0051-3810-8032-b7c04f4d5832."
        ) from None
