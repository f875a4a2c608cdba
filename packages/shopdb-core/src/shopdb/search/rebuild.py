"""Indexing anew what is stored: for sites that had no index, for new rules, and to mend; and saying what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.orm import Session

from shopdb.db import Database
from shopdb.models import SearchRule
from shopdb.resources.compiled import ASSETS, CompiledResource
from shopdb.resources.parameters import Filter, Query
from shopdb.resources.query import list_page
from shopdb.resources.registry import Registry
from shopdb.resources.turn import hold_rows
from shopdb.search.entry import Entry, is_indexed, make_entry, rule_of
from shopdb.search.index import ENTRIES, add_entries, name_of

BATCH = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """What ``db check`` says of one resource's index.

    Args:
        missing: Items that are not found.
        stale: Items that are found by something else than they hold now.
        dangling: Entries of items that are gone.
    """

    resource: str
    missing: int
    stale: int
    dangling: int

    @property
    def message(self) -> str:
        """One sentence with the remedy."""
        told = {"missing": self.missing, "out of date": self.stale, "of items that are gone": self.dangling}
        counts = ", ".join(f"{count} {what}" for what, count in told.items() if count)
        return f"The search index of {self.resource} differs from the data: {counts}. Run: shopdb db reindex"


def find_stale(session: Session, registry: Registry) -> list[str]:
    """Resources that were indexed by other rules than the code's, or never."""
    known = {row.resource: row.rule for row in session.connection().execute(select(SearchRule.__table__))}
    return [c.name for c in registry if is_indexed(c) and known.get(c.name) != rule_of(c)]


def refresh(database: Database, registry: Registry) -> dict[str, int]:
    """Index what was indexed by other rules, or never; nothing else is touched.

    Returns:
        How many items were indexed, by resource.
    """
    with database.read() as session:
        stale = find_stale(session, registry)
    return rebuild(database, registry, stale) if stale else {}


def rebuild(database: Database, registry: Registry, names: Sequence[str] | None = None) -> dict[str, int]:
    """Index resources anew, in short transactions, while the site goes on.

    Args:
        names: Which; by default all. Any asset resource stands for all assets.

    Returns:
        How many items were indexed, by resource; assets by ``assets``.
    """
    chosen = [c for c in registry if is_indexed(c) and (names is None or c.name in names)]
    tables = {name_of(c): registry.get(name_of(c)) for c in chosen}
    done = {name: _rebuild_one(database, registry, compiled) for name, compiled in tables.items()}
    if "assets" in done:
        chosen = [c for c in registry if is_indexed(c) and (c in chosen or c.table is ASSETS)]
    with database.write() as session:
        note_rules(session.connection(), chosen)
    return done


def note_rules(connection: Connection, resources: Sequence[CompiledResource]) -> None:
    """Note that these resources are indexed by the code's rules."""
    if resources:
        rows = [{"resource": c.name, "rule": rule_of(c)} for c in resources]
        connection.execute(delete(SearchRule).where(SearchRule.resource.in_([r["resource"] for r in rows])))
        connection.execute(insert(SearchRule), rows)


def find_differences(session: Session, registry: Registry) -> list[Difference]:
    """Compare every entry with its item, resource by resource."""
    found = []
    for compiled in {name_of(c): registry.get(name_of(c)) for c in registry if is_indexed(c)}.values():
        missing = stale = 0
        for ids in _batches(session.connection(), compiled):
            wanted = _make_entries(session, registry, compiled, ids)
            kept = _read_entries(session.connection(), compiled, ids)
            missing += sum(id_ not in kept for id_ in wanted)
            stale += sum(
                id_ in kept and _keep_own(one, kept[id_]) != kept[id_] for id_, one in wanted.items()
            )
        gone = select(ENTRIES.c.id).where(_is_dangling(compiled))
        dangling = len(session.connection().execute(gone).all())
        if missing or stale or dangling:
            found.append(Difference(name_of(compiled), missing, stale, dangling))
    return found


def _rebuild_one(database: Database, registry: Registry, compiled: CompiledResource) -> int:
    with database.write() as session:
        session.connection().execute(delete(ENTRIES).where(_is_dangling(compiled)))
    with database.read() as session:
        batches = list(_batches(session.connection(), compiled))
    count = 0
    for ids in batches:
        with database.write() as session:
            hold_rows(session.connection(), compiled.table, ids)
            count += index_items(session, registry, compiled, ids)
    return count


def index_items(session: Session, registry: Registry, compiled: CompiledResource, ids: Sequence[int]) -> int:
    """Write the entries of some items anew, from what is stored now."""
    connection = session.connection()
    kept = _read_entries(connection, compiled, ids)
    wanted = _make_entries(session, registry, compiled, ids)
    entries = [_keep_own(one, kept.get(id_)) for id_, one in wanted.items()]
    connection.execute(
        delete(ENTRIES).where(ENTRIES.c.resource == name_of(compiled), ENTRIES.c.item_id.in_(ids))
    )
    if entries:
        add_entries(connection, compiled, entries)
    return len(entries)


def _batches(connection: Connection, compiled: CompiledResource) -> Iterator[list[int]]:
    last = 0
    key = compiled.table.c.id
    while True:
        ids = list(connection.execute(select(key).where(key > last).order_by(key).limit(BATCH)).scalars())
        if not ids:
            return
        yield ids
        last = ids[-1]


def _make_entries(
    session: Session, registry: Registry, compiled: CompiledResource, ids: Sequence[int]
) -> dict[int, Entry]:
    """Entries from the items as they are; an asset by its plugin's resource, where that is loaded."""
    entries = {}
    for one in _resources_of(registry, compiled):
        for item in read_items(session, one, ids):
            entries[item["id"]] = make_entry(one, item)
    return entries


def _resources_of(registry: Registry, compiled: CompiledResource) -> list[CompiledResource]:
    if compiled.table is not ASSETS:
        return [compiled]
    return [compiled, *(c for c in registry if c.own is not None)]


def read_items(session: Session, compiled: CompiledResource, ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """The items of these ids, without readings, in the order of their ids; what is gone is left out."""
    query = Query(filters=(Filter("id", "in", tuple(ids)),), sort=(("id", False),), limit=len(ids))
    return list(list_page(session, compiled.name, query, with_extra=False).items)


def _read_entries(connection: Connection, compiled: CompiledResource, ids: Sequence[int]) -> dict[int, Entry]:
    columns = ("item_id", "asset_type_id", "title", "body", "own_resource", "own_body")
    statement = select(*(ENTRIES.c[name] for name in columns)).where(
        ENTRIES.c.resource == name_of(compiled), ENTRIES.c.item_id.in_(ids)
    )
    return {row.item_id: Entry(**row._mapping) for row in connection.execute(statement)}


def _keep_own(entry: Entry, old: Entry | None) -> Entry:
    """Keep what an absent plugin's fields hold: only its own code can read them again."""
    if old is None or entry.own_resource is not None or entry.asset_type_id != old.asset_type_id:
        return entry
    return replace(entry, own_resource=old.own_resource, own_body=old.own_body)


def _is_dangling(compiled: CompiledResource) -> Any:
    return (ENTRIES.c.resource == name_of(compiled)) & ENTRIES.c.item_id.not_in(select(compiled.table.c.id))
