"""What the API shows with each printer besides its fields."""

from typing import Any

_TIME = {"type": ["string", "null"], "format": "date-time"}
_TEXT = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_LEVEL = {
    "type": "object",
    "properties": {
        "index": {"type": "integer"},
        "kind": {"type": "string"},
        "description": {"type": "string"},
        "color": _TEXT,
        "capacity": {"type": ["integer", "null"]},
        "level": {"type": ["integer", "null"]},
        "percent": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
        "coded": {"type": ["string", "null"], "enum": ["some_left", "unknown", "unrestricted", None]},
    },
}

SCHEMA: dict[str, Any] = {
    "model_reported": _TEXT,
    "serial_reported": _TEXT,
    "firmware": _TEXT,
    "state": _TEXT,
    "conditions": _TEXTS,
    "alerts": _TEXTS,
    "page_count": {"type": ["integer", "null"]},
    "polled_at": {**_TIME, "title": "When it last answered"},
    "attempted_at": {**_TIME, "title": "When it was last asked"},
    "last_error": {**_TEXT, "title": "Why it did not answer the last time; null when it did"},
    "last_error_at": _TIME,
    "supplies": {"type": "array", "items": _LEVEL},
    "trays": {"type": "array", "items": _LEVEL},
    "lowest_supply": _TEXT,
}
"""Key -> JSON schema."""

EMPTY: dict[str, Any] = {key: [] if schema.get("type") == "array" else None for key, schema in SCHEMA.items()}
"""A printer that was never asked."""

LISTED = {"state": "State", "lowest_supply": "Lowest supply", "polled_at": "Last answer"}
"""Columns of the list page."""
