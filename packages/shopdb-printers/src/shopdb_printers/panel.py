"""What a printer's page shows besides its fields."""

from collections.abc import Mapping
from typing import Any

from shopdb.plugins import Panel
from shopdb_printers.shown import NEVER_ASKED, STATES, condition_text

_NOW = (
    *("state", "alerts", "polled_at", "last_error", "last_error_at", "page_count", "firmware"),
    *("model_reported", "serial_reported"),
)


def panels_of(item: Mapping[str, Any]) -> list[Panel]:
    """State, supplies, trays, and the levels over time once there are any."""
    known = {name: item.get(name) for name in _NOW}
    conditions = [condition_text(name) for name in item.get("conditions") or ()]
    own, reported = item.get("serial_number"), item.get("serial_reported")
    differs = bool(own and reported and str(own).casefold() != str(reported).casefold())
    now = {
        **known,
        "states": STATES,
        "never": NEVER_ASKED,
        "conditions": conditions,
        "serial_differs": differs,
    }
    rows = item.get("supplies") or []
    has_waste = any(row["kind"].startswith("waste") for row in rows)
    supplies = {**known, "supplies": rows, "has_waste": has_waste, "host": item.get("host")}
    panels = [
        Panel(title="Now", template="printers/now.html", values=now, order=5),
        Panel(title="Supplies", template="printers/supplies.html", values=supplies, order=10),
    ]
    if item.get("trays"):
        panels.append(
            Panel(title="Trays", template="printers/trays.html", values={"trays": item["trays"]}, order=15)
        )
    if item.get("supplies"):
        from shopdb_printers.web import keep_days  # Flask is there by now: a page is being rendered

        drawn = {"asset_id": item["id"], "keep_days": keep_days(), "endpoint": "printers.printers.levels"}
        panels.append(
            Panel(title="Levels over time", template="printers/levels.html", values=drawn, order=20)
        )
    return panels
