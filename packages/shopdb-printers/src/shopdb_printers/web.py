"""The levels of a printer's supplies over time, for the chart on its page."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, request

from shopdb.errors import InvalidError
from shopdb.plugins import Views, current_context, now
from shopdb_printers import services
from shopdb_printers.settings import value_of

MAX_DAYS = 3650


def views() -> Views:
    """The plugin's blueprint."""
    blueprint = Blueprint("printers", __name__)
    blueprint.add_url_rule("/<int:asset_id>/levels", "levels", _levels)
    return Views(blueprint=blueprint, permissions={"levels": "printers.printers.view"})


def keep_days() -> int:
    """How long the running site keeps levels."""
    return int(value_of(current_context("printers").settings, "levels_keep_days"))


def _levels(asset_id: int) -> dict[str, Any]:
    """``{"series": [{"label", "color", "points": [[seconds, percent or null], …]}]}`` of the last ``days`` (90)."""
    days = request.args.get("days", 90, type=int)
    if not 1 <= days <= MAX_DAYS:
        text = f"{days} is not a number of days from 1 to {MAX_DAYS}."
        raise InvalidError(f"days: {text}", errors={"days": [text]})
    with current_context("printers").database.read() as session:
        return {"series": services.list_levels(session, asset_id, since=now() - timedelta(days=days))}
