"""Text as printers send it: padded with NULs, in Latin-1 or UTF-16, over several lines, with control bytes."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_PLACEHOLDERS = re.compile(
    r"(?i)[0x?*.\-_#\s]*|n/?a|none|null|unknown|undefined|not (set|available|specified)|<[^>]*>"
)


def read_text(value: int | bytes | str | None, limit: int = 255) -> str | None:
    """One clean line of at most ``limit`` characters; None where nothing is left."""
    text = _decode(value) if isinstance(value, bytes) else str(value) if value is not None else ""
    shown = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return _SPACES.sub(" ", shown).strip()[:limit].rstrip() or None


def read_name(value: int | bytes | str | None, limit: int = 120) -> str | None:
    """A model, serial number or the like; None for what stands there when nobody filled it in."""
    text = read_text(value, limit)
    return None if text is None or _PLACEHOLDERS.fullmatch(text) else text


def _decode(value: bytes) -> str:
    if wide := _find_utf16(value):
        return value.decode(wide, errors="replace")
    head = value.split(b"\0", 1)[0] or value.replace(b"\0", b"")
    for encoding in ("utf-8", "cp1252"):
        try:
            return head.decode(encoding)
        except UnicodeDecodeError:
            continue
    return head.decode("latin-1")


def _find_utf16(value: bytes) -> str | None:
    """Which UTF-16 it is, told by the zero bytes that Latin letters have there."""
    if len(value) < 4 or len(value) % 2:
        return None
    if not any(value[::2]):
        return "utf-16-be"
    return "utf-16-le" if not any(value[1::2]) else None
