"""The tree of places: each knows its full path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError
from shopdb.models import Location
from shopdb.resources.registry import registry_of
from shopdb.search.rebuild import index_items

SEPARATOR = " / "
MAX_DEPTH = 20


def check_location(session: Session, state: Mapping[str, Any], location_id: int | None) -> None:
    """A place lies in no place that lies in it, and the tree is at most `MAX_DEPTH` deep."""
    parent, depth = state.get("parent"), 1
    while parent is not None:
        if parent == location_id:
            raise _wrong("A place can't lie inside itself.")
        depth += 1
        if depth > MAX_DEPTH:
            raise _wrong(f"Places nest at most {MAX_DEPTH} deep.")
        above = select(Location.parent_id).where(Location.id == parent)
        parent = session.connection().execute(above).scalar()


def _wrong(text: str) -> InvalidError:
    return InvalidError(f"parent: {text}", errors={"parent": [text]})


def keep_paths(session: Session, location_id: int) -> None:
    """Write the path of a place, and of all that it contains where its own has changed."""
    connection = session.connection()
    own = select(Location.name, Location.parent_id, Location.path).where(Location.id == location_id)
    row = connection.execute(own).one()
    above = None
    if row.parent_id is not None:
        above = connection.execute(select(Location.path).where(Location.id == row.parent_id)).scalar()
    path = row.name if above is None else f"{above}{SEPARATOR}{row.name}"
    if path == row.path:
        return
    pending = [(location_id, path)]
    changed: list[int] = []
    while pending:
        for id_, new in pending:
            connection.execute(update(Location).where(Location.id == id_).values(path=new))
        paths = dict(pending)
        inside = connection.execute(
            select(Location.id, Location.name, Location.parent_id).where(Location.parent_id.in_(paths))
        ).all()
        changed += [child.id for child in inside]
        pending = [(child.id, f"{paths[child.parent_id]}{SEPARATOR}{child.name}") for child in inside]
    if changed:
        registry = registry_of(session)
        index_items(session, registry, registry.get("locations"), changed)
