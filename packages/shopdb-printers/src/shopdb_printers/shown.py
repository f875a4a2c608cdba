"""What the API shows with each printer besides its fields."""

from collections.abc import Iterable
from typing import Any

from shopdb.plugins import Badge

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

STATES = {
    "idle": Badge("Ready", "good"),
    "printing": Badge("Printing", "good"),
    "running": Badge("Running", "good"),
    "warming_up": Badge("Warming up", "notice"),
    "testing": Badge("Testing itself", "notice"),
    "warning": Badge("Running, with a warning", "warning"),
    "down": Badge("Stopped", "danger"),
    "unknown": Badge("Answers, tells no state", "muted"),
    "unreachable": Badge("Not answering", "danger"),
}
"""State -> how it is told."""

NEVER_ASKED = Badge("Never asked", "muted")

SCHEMA: dict[str, Any] = {
    "model_reported": _TEXT,
    "serial_reported": _TEXT,
    "firmware": _TEXT,
    "state": {**_TEXT, "enum": [*STATES, None]},
    "says": {**_TEXT, "title": "What it says is wrong, in words"},
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

LISTED = {
    "state": "State",
    "lowest_supply": "Lowest supply",
    "says": "It says",
    "polled_at": "Last answer",
}
"""Columns of the list page."""


def condition_text(condition: str) -> str:
    """``no_paper`` as ``No paper``."""
    return condition.replace("_", " ").capitalize()


def says(state: str | None, conditions: Iterable[str]) -> str | None:
    """What it says is wrong, in words: ``Low toner, no paper``; None where nothing is, or it doesn't answer."""
    words = ", ".join(condition_text(each).lower() for each in conditions)
    return words.capitalize() if words and state != "unreachable" else None
