"""What happened to an item, and the way back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError, NotFoundError
from shopdb.models import ChangeRecord
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.declare import Actor
from shopdb.resources.parameters import Filter, Query
from shopdb.resources.query import Page, list_page
from shopdb.resources.registry import registry_of
from shopdb.resources.rows import Item, raw_values
from shopdb.resources.values import MAX_ID
from shopdb.resources.write import update_item

NEWEST_FIRST = (("id", True),)


def list_history(
    session: Session, name: str, item_id: int, *, limit: int = 50, after: tuple[Any, ...] | None = None
) -> Page:
    """The changes of one item, newest first. An asset's are told under whichever resource made them.

    Raises:
        NotFoundError: nothing is known of such an item.
    """
    names = _names_of(session, name)
    query = Query(
        filters=(Filter("item_id", "eq", item_id), Filter("resource", "in", names)),
        sort=NEWEST_FIRST,
        limit=limit,
        after=after,
    )
    page = list_page(session, "changes", query)
    if not page.items and after is None:
        title = registry_of(session).get(name).declared.title_one.lower()
        raise NotFoundError(f"There is no {title} with id {item_id}, and none was recorded.")
    return page


def revert_item(
    session: Session, name: str, item_id: int, to_version: int, *, actor: Actor, version: int | None = None
) -> Item:
    """Bring an item back to how it was at an earlier version. That is a change like any other.

    Raises:
        InvalidError: no record of that version, or what it named is gone.
    """
    compiled = registry_of(session).get(name)
    statement = select(ChangeRecord.after).where(
        ChangeRecord.resource.in_(_names_of(session, name)),
        ChangeRecord.item_id == item_id,
        ChangeRecord.version == (to_version if 0 < to_version <= MAX_ID else 0),
        ChangeRecord.action != "delete",
    )
    then = session.connection().execute(statement.order_by(ChangeRecord.id.desc()).limit(1)).scalar()
    if then is None:
        raise InvalidError(
            f"There is no record of version {to_version} of this {compiled.declared.title_one.lower()}.",
            errors={"version": [f"There is no record of version {to_version}."]},
        )
    values = {k: v for k, v in raw_values(compiled, then).items() if compiled.by_name[k].writable}
    return update_item(session, name, item_id, values, actor=actor, version=version)


def _names_of(session: Session, name: str) -> tuple[str, ...]:
    """An asset is one item under ``assets`` and under its plugin's resource."""
    registry = registry_of(session)
    compiled: CompiledResource = registry.get(name)
    if compiled.table.name != "assets":
        return (name,)
    known = {c.name for c in registry if c.table is compiled.table}
    if compiled.name == "assets":
        known |= _absent_asset_resources(session)
    return tuple(sorted(known))


def _absent_asset_resources(session: Session) -> set[str]:
    """Resources of plugins that are not here, whose items were assets: their ids are the assets'."""
    registry, connection = registry_of(session), session.connection()
    found: set[str] = set()
    for name in connection.execute(select(ChangeRecord.resource).distinct()).scalars():
        if registry.find(name) is None:
            one = select(ChangeRecord.before, ChangeRecord.after).where(ChangeRecord.resource == name)
            row = connection.execute(one.limit(1)).one()
            if "asset_tag" in (row.after or row.before or {}):
                found.add(name)
    return found
