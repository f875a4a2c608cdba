"""What a printer's page shows besides its fields."""

from collections.abc import Mapping
from typing import Any

from shopdb.plugins import Panel

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

_NOW = (
    *("state", "alerts", "polled_at", "last_error", "last_error_at", "page_count", "firmware"),
    *("model_reported", "serial_reported"),
)


def panels_of(item: Mapping[str, Any]) -> list[Panel]:
    """State, supplies, trays, and the levels over time once there are any."""
    known = {name: item.get(name) for name in _NOW}
    conditions = [name.replace("_", " ").capitalize() for name in item.get("conditions") or ()]
    own, reported = item.get("serial_number"), item.get("serial_reported")
    differs = bool(own and reported and str(own).casefold() != str(reported).casefold())
    now = {**known, "states": STATES, "conditions": conditions, "serial_differs": differs}
    supplies = {**known, "supplies": item.get("supplies") or []}
    panels = [
        Panel(title="Now", template="printers/now.html", values=now, order=5),
        Panel(title="Supplies", template="printers/supplies.html", values=supplies, order=10),
    ]
    if item.get("trays"):
        panels.append(
            Panel(title="Trays", template="printers/trays.html", values={"trays": item["trays"]}, order=15)
        )
    if item.get("supplies"):
        drawn = {"asset_id": item["id"], "endpoint": "printers.printers.levels"}
        panels.append(
            Panel(title="Levels over time", template="printers/levels.html", values=drawn, order=20)
        )
    return panels
