"""The one way in: every create, change and delete of every resource, from every edge.

One transaction holds validation, the version check, the rows, the change record and the event. References
and unique values are looked up together in one statement, so that a create costs nine,
two of them for the search index.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.columns import stored_key
from shopdb.errors import ConflictError, InUseError, InvalidError, StaleVersionError, TakenError
from shopdb.models import asset_tags
from shopdb.resources.change import record_change
from shopdb.resources.compiled import ASSETS, CompiledResource
from shopdb.resources.counter import next_asset_tag, note_asset_tag
from shopdb.resources.custom_value import check_custom_values
from shopdb.resources.declare import Actor, Written
from shopdb.resources.incoming import load
from shopdb.resources.lookup import look_up, name_of, refuse_if_used
from shopdb.resources.part import check_whole
from shopdb.resources.query import get_item
from shopdb.resources.registry import registry_of
from shopdb.resources.rows import Item, raw_values
from shopdb.resources.turn import hold_rows, take_turn
from shopdb.search.index import remove_dependants


def create_item(session: Session, name: str, values: Mapping[str, Any], *, actor: Actor) -> Item:
    """Make one item.

    Returns:
        The item as callers see it, without readings.

    Raises:
        InvalidError: a value is wrong or missing.
        TakenError: a value that must be unique belongs to another item.
    """
    return _Write(session, name, actor).create(values)


def update_item(
    session: Session,
    name: str,
    item_id: int,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    version: int | None = None,
) -> Item:
    """Change some fields of one item; what is not named stays.

    Args:
        version: The version that the caller read; None means any.

    Raises:
        NotFoundError: there is no such item.
        StaleVersionError: it has changed since.
        InvalidError: a value is wrong.
        TakenError: a value that must be unique belongs to another item.
    """
    return _Write(session, name, actor).update(item_id, changes, version)


def delete_item(
    session: Session, name: str, item_id: int, *, actor: Actor, version: int | None = None
) -> Item:
    """Delete one item.

    Returns:
        The item as it was.

    Raises:
        NotFoundError: there is no such item.
        StaleVersionError: it has changed since.
        InUseError: something refers to it.
    """
    return _Write(session, name, actor).delete(item_id, version)


class _Write:
    def __init__(self, session: Session, name: str, actor: Actor):
        self.session = session
        self.connection = session.connection()
        self.registry = registry_of(session)
        self.compiled: CompiledResource = self.registry.get(name)
        self.actor = actor
        self.now = clock.now()

    def create(self, values: Mapping[str, Any]) -> Item:
        clean = load(self.compiled, values, partial=False)
        if self.compiled.takes_turns:
            take_turn(self.connection, self.compiled.turn)
        for field in self.compiled.fields:
            if clean.get(field.name) is None and field.default is not None and not field.readonly:
                clean[field.name] = field.default
        found = look_up(self.connection, self.registry, self.compiled, clean, state=clean, item_id=None)
        self._fill_asset(clean, found)
        self._check_custom(clean, clean, clean.get("custom_fields") or {}, found)
        self._check(clean, None, {})
        clean |= self._derived(clean, None)
        try:
            item_id = self._insert(clean)
        except IntegrityError as error:
            raise self._conflict(error) from error
        self._follow_up(item_id, None, clean)
        return self._finish("create", item_id, None, set(clean))

    def update(self, item_id: int, changes: Mapping[str, Any], version: int | None) -> Item:
        clean = load(self.compiled, changes, partial=True)
        if self.compiled.takes_turns or (self.compiled.table is ASSETS and clean.get("parent") is not None):
            take_turn(self.connection, self.compiled.turn)
        if version is None:
            hold_rows(self.connection, self.compiled.table, [item_id])
        before = get_item(self.session, self.compiled.name, item_id, with_extra=False)
        _check_version(before, version)
        state = raw_values(self.compiled, before)
        custom = clean.get("custom_fields")
        if custom is not None:  # what is not named stays; null takes a value away
            merged = {**state["custom_fields"], **custom}
            clean["custom_fields"] = {name: value for name, value in merged.items() if value is not None}
        changed = {
            name: value
            for name, value in clean.items()
            if self.compiled.by_name[name].secret or state.get(name) != value
        }
        if not changed:
            return before
        found = look_up(
            self.connection, self.registry, self.compiled, changed, state=state | changed, item_id=item_id
        )
        self._check_custom(changed, state | changed, custom or {}, found)
        if self.compiled.table is ASSETS:
            check_whole(self.connection, item_id, changed.get("parent"))
        self._check(state | changed, item_id, before)
        changed |= self._derived(state | changed, state)
        if changed.get("asset_tag") is not None:
            note_asset_tag(self.session, changed["asset_tag"])
        try:
            self._update(item_id, changed, before)
        except IntegrityError as error:
            raise self._conflict(error) from error
        self._follow_up(item_id, state, state | changed)
        return self._finish("update", item_id, before, set(changed))

    def delete(self, item_id: int, version: int | None) -> Item:
        on_deleting = self.compiled.declared.on_deleting
        if on_deleting is not None:
            take_turn(self.connection, self.compiled.turn)
        if version is None:
            hold_rows(self.connection, self.compiled.table, [item_id])
        before = get_item(self.session, self.compiled.name, item_id, with_extra=False)
        _check_version(before, version)
        refuse_if_used(self.connection, self.registry, self.compiled, before)
        if on_deleting is not None:
            on_deleting(self.session, item_id)
        remove_dependants(self.connection, self.registry, self.compiled, item_id)
        table = self.compiled.table
        try:
            gone = self.connection.execute(delete(table).where(table.c.id == item_id))
        except IntegrityError as error:
            raise InUseError(
                f"{name_of(self.compiled, before)} is still referred to, by a plugin that is not loaded: "
                "install that plugin again, or purge it, then delete."
            ) from error
        if gone.rowcount != 1:
            raise StaleVersionError(f"{name_of(self.compiled, before)} was deleted by someone else.")
        self._record("delete", item_id, before, None, set())
        return before

    def _check_custom(
        self,
        values: Mapping[str, Any],
        state: Mapping[str, Any],
        given: Mapping[str, Any],
        found: Mapping[str, Any],
    ) -> None:
        """Custom values by their definitions, which are read only where there are any."""
        defined = found.get("defined:custom_fields")
        if defined or (given and "custom_fields" in values):
            check_custom_values(
                self.session, state.get("custom_fields") or {}, state.get("asset_type"), given=given
            )

    def _check(self, state: Mapping[str, Any], item_id: int | None, before: Mapping[str, Any]) -> None:
        check = self.compiled.declared.check
        if check is not None:
            check(self.session, {**state, **self._secrets_set(state, before)}, item_id)

    def _derived(self, state: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
        """What follows from the new state and differs from it."""
        derive = self.compiled.declared.derive
        following = derive(state, before) if derive is not None else {}
        return {name: value for name, value in following.items() if state.get(name) != value}

    def _secrets_set(self, state: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, bool]:
        """Whether each secret has a value, as items tell it; a kept one is not read."""
        return {
            f"{each.name}_set": bool(
                state[each.name] if each.name in state else before.get(f"{each.name}_set")
            )
            for each in self.compiled.fields
            if each.secret
        }

    # -- rows -----------------------------------------------------------------------------------

    def _fill_asset(self, clean: dict[str, Any], found: Mapping[str, Any]) -> None:
        if self.compiled.table is not ASSETS:
            return
        for name in ("status", "asset_type"):
            if found.get(f"default:{name}") is not None:
                clean[name] = found[f"default:{name}"]
        if clean.get("asset_type") is None:
            slug = self.compiled.declared.asset_type
            raise ConflictError(
                f"Asset type {slug!r} is not in the database. Run: shopdb plugin install "
                f"{self.compiled.declared.plugin}"
            )
        if clean.get("status") is None:
            raise InvalidError(
                "There is no status yet: add one first.", errors={"status": ["There is no status yet."]}
            )
        if clean.get("asset_tag") is None:
            clean["asset_tag"] = next_asset_tag(self.session)
        else:
            note_asset_tag(self.session, clean["asset_tag"])
        if "custom_fields" in clean:
            given = clean["custom_fields"] or {}
            clean["custom_fields"] = {name: value for name, value in given.items() if value is not None}

    def _columns(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Values by column, of the main table and of the plugin's own."""
        main: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for name, value in values.items():
            field = self.compiled.by_name.get(name)
            if field is not None and field.column is not None:
                side = own if field.column.table is self.compiled.own else main
                side[field.column.name] = value
            key = self.compiled.keys.get(name)
            if key is not None:
                side = own if key.table is self.compiled.own else main
                side[key.name] = stored_key(key, value)
        return main, own

    def _insert(self, clean: Mapping[str, Any]) -> int:
        main, own = self._columns(clean)
        table = self.compiled.table
        if self.compiled.is_versioned:
            main |= {"version": 1, "created_at": self.now, "updated_at": self.now}
        if table is ASSETS:
            main.setdefault("custom_fields", {})
        result = self.connection.execute(insert(table).values(main))
        assert result.inserted_primary_key is not None
        item_id = int(result.inserted_primary_key[0])
        if self.compiled.own is not None:
            self.connection.execute(insert(self.compiled.own).values({"asset_id": item_id, **own}))
        if clean.get("tags"):
            self._set_tags(item_id, clean["tags"])
        return item_id

    def _update(self, item_id: int, changed: Mapping[str, Any], before: Item) -> None:
        main, own = self._columns(changed)
        table = self.compiled.table
        if self.compiled.is_versioned:
            main |= {"version": before["version"] + 1, "updated_at": self.now}
        statement = update(table).where(table.c.id == item_id).values(main)
        if self.compiled.is_versioned:
            statement = statement.where(table.c.version == before["version"])
        if self.connection.execute(statement).rowcount != 1:
            raise StaleVersionError(f"{name_of(self.compiled, before)} was changed by someone else just now.")
        if self.compiled.own is not None and (own or self.compiled.own is not None):
            self._upsert_own(item_id, own)
        if "tags" in changed:
            self.connection.execute(delete(asset_tags).where(asset_tags.c.asset_id == item_id))
            if changed["tags"]:
                self._set_tags(item_id, changed["tags"])

    def _upsert_own(self, item_id: int, own: dict[str, Any]) -> None:
        table = self.compiled.own
        assert table is not None
        if own:
            result = self.connection.execute(update(table).where(table.c.asset_id == item_id).values(own))
            if result.rowcount:
                return
        missing = ~exists().where(table.c.asset_id == item_id)
        defaults = {
            f.column.name: f.default
            for f in self.compiled.fields
            if f.column is not None and f.column.table is table and f.default is not None
        }
        row = {"asset_id": item_id, **defaults, **own}
        source = select(*(literal(value, table.c[name].type) for name, value in row.items())).where(missing)
        self.connection.execute(insert(table).from_select(list(row), source, include_defaults=False))

    def _set_tags(self, item_id: int, tag_ids: list[int]) -> None:
        self.connection.execute(insert(asset_tags), [{"asset_id": item_id, "tag_id": t} for t in tag_ids])

    # -- afterwards -----------------------------------------------------------------------------

    def _follow_up(self, item_id: int, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
        follow_up = self.compiled.declared.follow_up
        if follow_up is not None:
            follow_up(self.session, Written(item_id=item_id, before=before, after=after, actor=self.actor))

    def _finish(self, action: str, item_id: int, before: Item | None, fields: set[str]) -> Item:
        if self.compiled.declared.on_saved is not None:
            self.compiled.declared.on_saved(self.session, item_id)
        after = get_item(self.session, self.compiled.name, item_id, with_extra=False)
        self._record(action, item_id, before, after, fields)
        return after

    def _record(
        self, action: str, item_id: int, before: Item | None, after: Item | None, fields: set[str]
    ) -> None:
        record_change(
            self.session,
            self.compiled,
            action=action,
            item_id=item_id,
            before=before,
            after=after,
            fields=sorted(fields),
            actor=self.actor,
            at=self.now,
        )

    def _conflict(self, error: IntegrityError) -> ConflictError:
        return TakenError(
            f"Another {self.compiled.declared.title_one.lower()} was saved with one of these values at the "
            f"same moment. Look at it and try again. ({type(error.orig).__name__})"
        )


def _check_version(item: Mapping[str, Any], version: int | None) -> None:
    if version is not None and item.get("version") != version:
        raise StaleVersionError(
            f"You read version {version}, and it is at {item.get('version')} now: read it again.",
            current=item.get("version"),
        )
