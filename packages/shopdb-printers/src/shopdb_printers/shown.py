"""What the API shows with each printer besides its fields."""

from collections.abc import Iterable
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

STATES = {
    "idle": "Ready",
    "printing": "Printing",
    "running": "Running",
    "warming_up": "Warming up",
    "testing": "Testing itself",
    "warning": "Running, with a warning",
    "down": "Stopped",
    "unknown": "Answers, tells no state",
    "unreachable": "Not answering",
}
"""State -> what people read."""


SCHEMA: dict[str, Any] = {
    "model_reported": _TEXT,
    "serial_reported": _TEXT,
    "firmware": _TEXT,
    "state": {**_TEXT, "enum": [*STATES, None]},
    "state_text": {**_TEXT, "title": "The state in words, with what it says is wrong"},
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

LISTED = {"state_text": "State", "lowest_supply": "Lowest supply", "polled_at": "Last answer"}
"""Columns of the list page."""


def condition_text(condition: str) -> str:
    """``no_paper`` as ``No paper``."""
    return condition.replace("_", " ").capitalize()


def state_text(state: str | None, conditions: Iterable[str]) -> str | None:
    """The state in words, as ``Ready: low toner, no paper``."""
    if state is None:
        return None
    wrong = ", ".join(condition_text(each).lower() for each in conditions)
    shown = STATES.get(state, state)
    return f"{shown}: {wrong}" if wrong and state != "unreachable" else shown
