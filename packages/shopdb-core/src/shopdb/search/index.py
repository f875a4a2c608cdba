"""Keeping the index: in the transaction of each change, by the one way in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from shopdb.models import SearchEntry, search_parts
from shopdb.resources.compiled import ASSETS, CompiledResource
from shopdb.resources.registry import Registry
from shopdb.search.entry import Entry, is_indexed, make_entry, parts_of

ENTRIES: Table = SearchEntry.__table__  # type: ignore[assignment]  # FromClause to SQLAlchemy
ROWS_AT_ONCE = 400
"""Rows of one INSERT; SQLite takes 32,766 values."""


def index_change(
    connection: Connection,
    compiled: CompiledResource,
    item_id: int,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Keep the entry of an item that was created, changed or deleted.

    Args:
        before: The item as callers saw it; None where it is new.
        after: The item as callers see it now; None where it is gone.
    """
    if not is_indexed(compiled):
        return
    if after is None:
        remove_entries(connection, compiled, [item_id])
    elif before is None:
        _add(connection, compiled, make_entry(compiled, after))
    else:
        entry = make_entry(compiled, after)
        if entry != make_entry(compiled, before):
            put_entry(connection, compiled, entry)


def put_entry(connection: Connection, compiled: CompiledResource, entry: Entry) -> None:
    """Write an entry, whether there is one already or not; only the parts that differ are touched."""
    wanted = (ENTRIES.c.resource == name_of(compiled)) & (ENTRIES.c.item_id == entry.item_id)
    columns = (ENTRIES.c.id, ENTRIES.c.body, ENTRIES.c.own_body, ENTRIES.c.own_resource)
    old = connection.execute(select(*columns, ENTRIES.c.asset_type_id).where(wanted)).first()
    if old is None:
        _add(connection, compiled, entry)
        return
    if entry.own_resource is None and old.asset_type_id == entry.asset_type_id:
        entry = replace(entry, own_resource=old.own_resource, own_body=old.own_body)
    connection.execute(update(ENTRIES).where(ENTRIES.c.id == old.id).values(_row(compiled, entry)))
    had, has = parts_of(old.body, old.own_body), parts_of(entry.body, entry.own_body)
    if had - has:
        gone = search_parts.c.part.in_(sorted(had - has))
        connection.execute(delete(search_parts).where(search_parts.c.entry_id == old.id, gone))
    insert_parts(connection, [(part, old.id) for part in sorted(has - had)])


def remove_entries(connection: Connection, compiled: CompiledResource, item_ids: Sequence[int]) -> None:
    """Forget items; an asset's entry goes with the asset by itself, and its parts with the entry."""
    connection.execute(
        delete(ENTRIES).where(ENTRIES.c.resource == name_of(compiled), ENTRIES.c.item_id.in_(item_ids))
    )


def remove_dependants(
    connection: Connection, registry: Registry, compiled: CompiledResource, item_id: int
) -> None:
    """Forget the items that the database will delete along with this one."""
    for other, field in registry.pointing_at(compiled.name):
        assert field.column is not None
        rule = next(iter(field.column.foreign_keys)).ondelete
        if rule == "CASCADE" and other.table is not ASSETS and is_indexed(other):
            inside = select(other.table.c.id).where(field.column == item_id)
            connection.execute(
                delete(ENTRIES).where(ENTRIES.c.resource == other.name, ENTRIES.c.item_id.in_(inside))
            )


def name_of(compiled: CompiledResource) -> str:
    """The resource that entries stand under: an asset's is ``assets``, whichever resource wrote it."""
    return "assets" if compiled.table is ASSETS else compiled.name


def add_entries(connection: Connection, compiled: CompiledResource, entries: Sequence[Entry]) -> None:
    """Write entries of items that have none yet."""
    connection.execute(insert(ENTRIES), [_row(compiled, entry) for entry in entries])
    ids = connection.execute(
        select(ENTRIES.c.item_id, ENTRIES.c.id).where(
            ENTRIES.c.resource == name_of(compiled),
            ENTRIES.c.item_id.in_([entry.item_id for entry in entries]),
        )
    ).all()
    by_item = {row.item_id: row.id for row in ids}
    insert_parts(
        connection,
        sorted((part, by_item[one.item_id]) for one in entries for part in parts_of(one.body, one.own_body)),
    )


def _add(connection: Connection, compiled: CompiledResource, entry: Entry) -> None:
    result = connection.execute(insert(ENTRIES).values(_row(compiled, entry)))
    assert result.inserted_primary_key is not None
    entry_id = int(result.inserted_primary_key[0])
    insert_parts(connection, [(part, entry_id) for part in sorted(parts_of(entry.body, entry.own_body))])


def _row(compiled: CompiledResource, entry: Entry) -> dict[str, Any]:
    is_asset = compiled.table is ASSETS
    return {
        "resource": name_of(compiled),
        "plugin": "core" if is_asset else compiled.declared.plugin,
        "item_id": entry.item_id,
        "asset_id": entry.item_id if is_asset else None,
        "asset_type_id": entry.asset_type_id,
        "own_resource": entry.own_resource,
        "title": entry.title,
        "body": entry.body,
        "own_body": entry.own_body,
    }


def insert_parts(connection: Connection, rows: Sequence[tuple[str, int]]) -> None:
    """Write parts, many to a statement."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for at in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[at : at + ROWS_AT_ONCE]
        connection.exec_driver_sql(_insert_text(len(some), mark), tuple(_flat(some)))


def _flat(rows: Iterable[tuple[str, int]]) -> Iterable[Any]:
    return (value for row in rows for value in row)


@lru_cache(maxsize=ROWS_AT_ONCE)
def _insert_text(count: int, mark: str) -> str:
    table, (part, entry_id) = search_parts.name, search_parts.c.keys()
    return f"INSERT INTO {table} ({part}, {entry_id}) VALUES {', '.join([f'({mark}, {mark})'] * count)}"
