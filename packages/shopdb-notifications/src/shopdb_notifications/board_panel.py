"""What a board can show, on its own page."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Panel
from shopdb_notifications.board import chosen, list_offered


def board_panel(session: Session, item: Mapping[str, Any]) -> Panel:
    """The cards that it can show, each to be ticked, and the way to see it as it is now."""
    wanted = chosen(item["cards"])
    cards = [
        {
            "title": card.title,
            "icon": card.icon,
            "count": len(card.lines) if card.count is None else card.count,
            "is_shown": bool(item["shows_cards"]) and (not wanted or card.title in wanted),
        }
        for card in list_offered(session, item["id"])
    ]
    values = {"cards": cards, "item": item}
    return Panel(title="On the board", template="notifications/cards.html", values=values, order=10)
