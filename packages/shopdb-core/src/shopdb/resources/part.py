"""Assets that are part of other assets, whichever resource they are written through."""

from __future__ import annotations

from sqlalchemy import Connection, select

from shopdb.errors import InvalidError
from shopdb.resources.compiled import ASSETS


def check_whole(connection: Connection, asset_id: int, parent: int | None) -> None:
    """Refuse a parent that is the asset itself or one of its own parts.

    Raises:
        InvalidError: it is.
    """
    seen: set[int] = set()
    while parent is not None and parent not in seen:
        if parent == asset_id:
            text = "An asset can't be part of itself, nor of its own parts."
            raise InvalidError(f"parent: {text}", errors={"parent": [text]})
        seen.add(parent)
        parent = connection.execute(select(ASSETS.c.parent_id).where(ASSETS.c.id == parent)).scalar()
