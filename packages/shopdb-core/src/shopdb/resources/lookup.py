"""Before a write: are the references there, whose are the unique values, who uses what goes.

Everything that one write has to know is asked in one statement of scalar subqueries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from shopdb.columns import stored_key
from shopdb.errors import InUseError, InvalidError, TakenError
from shopdb.models import AssetType, CustomField, Status, Tag
from shopdb.resources.compiled import ASSETS, CompiledResource, Field, column_of
from shopdb.resources.registry import Registry

Asked = dict[str, ColumnElement[Any]]


def look_up(
    connection: Connection,
    registry: Registry,
    compiled: CompiledResource,
    values: Mapping[str, Any],
    *,
    state: Mapping[str, Any],
    item_id: int | None,
) -> dict[str, Any]:
    """Check what is written against what is stored.

    Args:
        values: The fields that are written.
        state: The whole item as it will be.
        item_id: None for a new item.

    Returns:
        The defaults that a new item needs, as ``default:status`` and ``default:asset_type``, and how many
        custom fields there are, as ``defined:custom_fields``.

    Raises:
        InvalidError: a reference points at nothing.
        TakenError: a unique value belongs to another item.
    """
    asked: Asked = {}
    for name, value in values.items():
        field = compiled.by_name[name]
        if field.kind == "reference" and value is not None:
            asked[f"ref:{name}"] = _reference(registry, field, value)
        elif field.kind == "tags" and value:
            counted = select(func.count()).select_from(Tag).where(Tag.id.in_(value))
            asked[f"tags:{name}"] = counted.scalar_subquery()
    asked |= _keys(compiled, values, state, item_id)
    asked |= _together(compiled, values, state, item_id)
    if compiled.table is ASSETS:
        if item_id is None:
            asked |= _defaults(compiled, values)
        if item_id is None or "custom_fields" in values:
            asked["defined:custom_fields"] = select(func.count()).select_from(CustomField).scalar_subquery()
    if not asked:
        return {}
    columns = (column.label(f"a{i}") for i, column in enumerate(asked.values()))
    found = dict(zip(asked, connection.execute(select(*columns)).one(), strict=True))
    _refuse_unknown(compiled, values, found)
    _refuse_taken(compiled, state, found)
    return found


def _reference(registry: Registry, field: Field, value: int) -> ColumnElement[Any]:
    assert field.references is not None and field.column is not None
    target = registry.find(field.references)
    if target is None:
        key = next(iter(field.column.foreign_keys)).column
        return select(key).where(key == value).scalar_subquery()
    statement = select(target.table.c.id).where(target.table.c.id == value)
    if target.declared.asset_type is not None:
        slug = select(AssetType.id).where(AssetType.slug == target.declared.asset_type)
        statement = statement.where(ASSETS.c.asset_type_id == slug.scalar_subquery())
    return statement.scalar_subquery()


def _keys(
    compiled: CompiledResource, values: Mapping[str, Any], state: Mapping[str, Any], item_id: int | None
) -> Asked:
    asked: Asked = {}
    for name, column in compiled.keys.items():
        within = column.info["within"]
        shared = within.removesuffix("_id") if within else None
        key = stored_key(column, state.get(name))
        if key is None or (name not in values and shared not in values):
            continue
        table = column.table
        statement = select(_id_of(table)).where(column == key).limit(1)
        if shared is not None:
            statement = statement.where(table.c[within].is_not_distinct_from(state.get(shared)))
        if item_id is not None:
            statement = statement.where(_id_of(table) != item_id)
        asked[f"key:{name}"] = statement.scalar_subquery()
    return asked


def _id_of(table: Table) -> ColumnElement[int]:
    """What holds an item's id: a plugin's own row beside an asset has the asset's."""
    return table.c.id if "id" in table.c else table.c.asset_id


def _together(
    compiled: CompiledResource, values: Mapping[str, Any], state: Mapping[str, Any], item_id: int | None
) -> Asked:
    """Who has the values already that must be unique together."""
    asked: Asked = {}
    for number, group in enumerate(compiled.unique_together):
        if not any(field.name in values for field in group):
            continue
        table = column_of(group[0]).table
        statement = select(_id_of(table)).limit(1)
        for field in group:
            statement = statement.where(column_of(field).is_not_distinct_from(state.get(field.name)))
        if item_id is not None:
            statement = statement.where(_id_of(table) != item_id)
        asked[f"together:{number}"] = statement.scalar_subquery()
    return asked


def _defaults(compiled: CompiledResource, values: Mapping[str, Any]) -> Asked:
    asked: Asked = {}
    if values.get("status") is None:
        chosen = select(Status.id).order_by(Status.is_default.desc(), Status.id).limit(1)
        asked["default:status"] = chosen.scalar_subquery()
    slug = compiled.declared.asset_type
    if slug is not None:
        asked["default:asset_type"] = select(AssetType.id).where(AssetType.slug == slug).scalar_subquery()
    return asked


def _refuse_unknown(compiled: CompiledResource, values: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for key, answer in found.items():
        kind, name = key.split(":", 1)
        if kind == "ref" and answer is None:
            errors[name] = [f"There is no item {values[name]} in {compiled.by_name[name].references}."]
        elif kind == "tags" and answer != len(values[name]):
            errors[name] = ["Not every one of these tags is there."]
    if errors:
        name, texts = next(iter(errors.items()))
        raise InvalidError(f"{name}: {texts[0]}", errors=errors)


def _refuse_taken(compiled: CompiledResource, state: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for key, answer in found.items():
        kind, name = key.split(":", 1)
        if kind == "key" and answer is not None:
            label = compiled.by_name[name].label
            errors[name] = [f"{label} {state[name]!r} belongs to item {answer} already."]
        elif kind == "together" and answer is not None:
            group = compiled.unique_together[int(name)]
            *first, last = (field.label.lower() for field in group)
            errors[group[-1].name] = [f"Item {answer} has the same {', '.join(first)} and {last} already."]
    if errors:
        raise TakenError(next(iter(errors.values()))[0], errors=errors)


def refuse_if_used(
    connection: Connection, registry: Registry, compiled: CompiledResource, item: Mapping[str, Any]
) -> None:
    """Refuse to delete what something else names; what goes along with it does not count.

    Raises:
        InUseError: says how many of what use it.
    """
    counts: dict[str, list[ColumnElement[Any]]] = {}
    for other, field in registry.pointing_at(compiled.name):
        assert field.column is not None
        rule = next(iter(field.column.foreign_keys)).ondelete
        if rule not in ("CASCADE", "SET NULL"):
            counted = select(func.count()).where(field.column == item["id"]).scalar_subquery()
            counts.setdefault(other.declared.title.lower(), []).append(counted)
    if not counts:
        return
    row = connection.execute(select(*(sum(c[1:], start=c[0]) for c in counts.values()))).one()
    used = [f"{n} {title}" for title, n in zip(counts, row, strict=True) if n]
    if used:
        raise InUseError(
            f"{name_of(compiled, item)} is still used by {', '.join(used)}: point those elsewhere first."
        )


def name_of(compiled: CompiledResource, item: Mapping[str, Any]) -> str:
    """What messages call an item: ``Location 'Hall 1'``."""
    name = item.get(compiled.declared.label) or item.get("name") or item.get("asset_tag") or item.get("id")
    return f"{compiled.declared.title_one} {str(name)!r}"
