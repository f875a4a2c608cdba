"""The one way in: every create, change and delete of every resource, from every edge.

One transaction holds validation, the version check, the rows, the change record and the event. References
and unique values are looked up together in one statement, so that a create costs seven.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.columns import key_of
from shopdb.errors import ConflictError, InUseError, InvalidError, StaleVersionError, TakenError
from shopdb.models import AssetType, Status, Tag, asset_tags
from shopdb.resources.change import record_change
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.resources.counter import next_asset_tag, note_asset_tag
from shopdb.resources.declare import Actor
from shopdb.resources.query import get_item
from shopdb.resources.registry import registry_of
from shopdb.resources.rows import Item, raw_values


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

    def load(self, values: Mapping[str, Any], *, partial: bool) -> dict[str, Any]:
        """Checked values. Readers never get here, so only a process that writes imports marshmallow."""
        from shopdb.resources.schema import load

        return load(self.compiled, values, partial=partial)

    def create(self, values: Mapping[str, Any]) -> Item:
        clean = self.load(values, partial=False)
        for field in self.compiled.fields:
            if clean.get(field.name) is None and field.default is not None and not field.readonly:
                clean[field.name] = field.default
        found = self._look_up(clean, clean, None)
        self._fill_asset(clean, found)
        self._check(clean, None)
        try:
            item_id = self._insert(clean)
        except IntegrityError as error:
            raise self._conflict(error) from error
        return self._finish("create", item_id, None, set(clean))

    def update(self, item_id: int, changes: Mapping[str, Any], version: int | None) -> Item:
        clean = self.load(changes, partial=True)
        before = get_item(self.session, self.compiled.name, item_id, with_extra=False)
        _check_version(before, version)
        state = raw_values(self.compiled, before)
        changed = {
            name: value
            for name, value in clean.items()
            if self.compiled.by_name[name].secret or state.get(name) != value
        }
        if not changed:
            return before
        self._look_up(changed, state | changed, item_id)
        self._check(state | changed, item_id)
        if changed.get("asset_tag") is not None:
            note_asset_tag(self.session, changed["asset_tag"])
        try:
            self._update(item_id, changed, before)
        except IntegrityError as error:
            raise self._conflict(error) from error
        return self._finish("update", item_id, before, set(changed))

    def delete(self, item_id: int, version: int | None) -> Item:
        before = get_item(self.session, self.compiled.name, item_id, with_extra=False)
        _check_version(before, version)
        self._refuse_if_used(item_id, before)
        table = self.compiled.table
        try:
            gone = self.connection.execute(delete(table).where(table.c.id == item_id))
        except IntegrityError as error:
            raise InUseError(
                f"{_label(self.compiled, before)} is still referred to, by a plugin that is not loaded: "
                "install that plugin again, or purge it, then delete."
            ) from error
        if gone.rowcount != 1:
            raise StaleVersionError(f"{_label(self.compiled, before)} was deleted by someone else.")
        self._record("delete", item_id, before, None, set())
        return before

    # -- checks ---------------------------------------------------------------------------------

    def _look_up(
        self, values: Mapping[str, Any], state: Mapping[str, Any], item_id: int | None
    ) -> dict[str, Any]:
        """One statement that answers for every reference whether it is there, for every key who has it."""
        asked: dict[str, ColumnElement[Any]] = {}
        for name, value in values.items():
            field = self.compiled.by_name[name]
            if field.kind == "reference" and value is not None:
                asked[f"ref:{name}"] = self._reference(field, value)
            elif field.kind == "tags" and value:
                asked[f"tags:{name}"] = (
                    select(func.count()).select_from(Tag).where(Tag.id.in_(value)).scalar_subquery()
                )
        asked |= self._asked_keys(values, state, item_id)
        if item_id is None and self.compiled.table is ASSETS:
            asked |= self._asked_defaults(values)
        if not asked:
            return {}
        row = self.connection.execute(
            select(*(column.label(f"a{i}") for i, column in enumerate(asked.values())))
        ).one()
        found = dict(zip(asked, row, strict=True))
        self._refuse_unknown(values, found)
        self._refuse_taken(state, found)
        return found

    def _reference(self, field: Field, value: int) -> ColumnElement[Any]:
        assert field.references is not None and field.column is not None
        target = self.registry.find(field.references)
        if target is None:
            key = next(iter(field.column.foreign_keys)).column
            return select(key).where(key == value).scalar_subquery()
        statement = select(target.table.c.id).where(target.table.c.id == value)
        if target.declared.asset_type is not None:
            types = AssetType.__table__
            slug = select(types.c.id).where(types.c.slug == target.declared.asset_type)
            statement = statement.where(ASSETS.c.asset_type_id == slug.scalar_subquery())
        return statement.scalar_subquery()

    def _asked_keys(
        self, values: Mapping[str, Any], state: Mapping[str, Any], item_id: int | None
    ) -> dict[str, ColumnElement[Any]]:
        asked: dict[str, ColumnElement[Any]] = {}
        for name, column in self.compiled.keys.items():
            within = column.info["within"]
            shared = within.removesuffix("_id") if within else None
            key = key_of(state.get(name))
            if key is None or (name not in values and shared not in values):
                continue
            other = column.table.alias()
            id_column = other.c.asset_id if "asset_id" in other.c else other.c.id
            statement = select(id_column).where(other.c[column.name] == key).limit(1)
            if shared is not None:
                statement = statement.where(other.c[within].is_not_distinct_from(state.get(shared)))
            if item_id is not None:
                statement = statement.where(id_column != item_id)
            asked[f"key:{name}"] = statement.scalar_subquery()
        return asked

    def _asked_defaults(self, values: Mapping[str, Any]) -> dict[str, ColumnElement[Any]]:
        asked: dict[str, ColumnElement[Any]] = {}
        if values.get("status") is None:
            chosen = select(Status.id).order_by(Status.is_default.desc(), Status.id).limit(1)
            asked["default:status"] = chosen.scalar_subquery()
        slug = self.compiled.declared.asset_type
        if slug is not None:
            asked["default:asset_type"] = select(AssetType.id).where(AssetType.slug == slug).scalar_subquery()
        return asked

    def _refuse_unknown(self, values: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        errors: dict[str, list[str]] = {}
        for key, answer in found.items():
            kind, name = key.split(":", 1)
            field = self.compiled.by_name[name]
            if kind == "ref" and answer is None:
                errors[name] = [f"There is no item {values[name]} in {field.references}."]
            elif kind == "tags" and answer != len(values[name]):
                errors[name] = ["Not every one of these tags is there."]
        if errors:
            name, texts = next(iter(errors.items()))
            raise InvalidError(f"{name}: {texts[0]}", errors=errors)

    def _refuse_taken(self, state: Mapping[str, Any], found: Mapping[str, Any]) -> None:
        errors: dict[str, list[str]] = {}
        for key, answer in found.items():
            if key.startswith("key:") and answer is not None:
                name = key[4:]
                label = self.compiled.by_name[name].label if name in self.compiled.by_name else name
                errors[name] = [f"{label} {state[name]!r} belongs to item {answer} already."]
        if errors:
            raise TakenError(next(iter(errors.values()))[0], errors=errors)

    def _check(self, state: Mapping[str, Any], item_id: int | None) -> None:
        check = self.compiled.declared.check
        if check is not None:
            check(self.session, state, item_id)

    def _refuse_if_used(self, item_id: int, item: Mapping[str, Any]) -> None:
        asked: dict[str, ColumnElement[Any]] = {}
        for compiled, field in self.registry.pointing_at(self.compiled.name):
            assert field.column is not None
            rule = next(iter(field.column.foreign_keys)).ondelete
            if rule not in ("CASCADE", "SET NULL"):
                counted = select(func.count()).where(field.column == item_id).scalar_subquery()
                asked.setdefault(compiled.declared.title.lower(), counted)
        if not asked:
            return
        row = self.connection.execute(select(*asked.values())).one()
        used = [f"{n} {title}" for title, n in zip(asked, row, strict=True) if n]
        if used:
            raise InUseError(
                f"{_label(self.compiled, item)} is still used by {', '.join(used)}: "
                "point those elsewhere first."
            )

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
            clean["custom_fields"] = clean["custom_fields"] or {}

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
                side[key.name] = key_of(value)
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
            raise StaleVersionError(f"{_label(self.compiled, before)} was changed by someone else just now.")
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


def _label(compiled: CompiledResource, item: Mapping[str, Any]) -> str:
    name = item.get(compiled.declared.label) or item.get("name") or item.get("asset_tag") or item.get("id")
    return f"{compiled.declared.title_one} {str(name)!r}"
