"""The start page's cards, for whoever shows them elsewhere."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shopdb.plugins.values import Card, Viewer


def list_cards(session: Session, viewer: Viewer) -> list[Card]:
    """What core and the plugins say needs somebody now, as far as the viewer may see it; also cards without lines."""
    plugins = session.info.get("plugins")
    found: list[Card] = [] if plugins is None else plugins.add_cards(viewer, session, also_empty=True)
    return found
