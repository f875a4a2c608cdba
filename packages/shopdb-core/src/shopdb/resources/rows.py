"""From a resource to the columns it selects, and from a row to the item that callers see.

The function that makes an item of a row is written once for each resource: a dict display over the
row's positions, which is several times faster than walking the fields for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, case, cast, func, null, select

from shopdb.models import Tag, asset_tags
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.resources.registry import Registry, label_of

Item = dict[str, Any]


@dataclass
class RowPlan:
    """What is selected for an item, and how the row becomes one.

    Attributes:
        source: The joined tables.
        columns: What is selected, in order.
        labels: Field name -> the column that shows and sorts a reference.
        to_item: Row -> item.
    """

    source: FromClause
    base: FromClause
    columns: list[ColumnElement[Any]] = field(default_factory=list)
    labels: dict[str, ColumnElement[Any]] = field(default_factory=dict)
    to_item: Callable[[Sequence[Any]], Item] = dict


def plan_rows(compiled: CompiledResource, registry: Registry) -> RowPlan:
    """Work out the select of a resource and write its row function."""
    base: FromClause = compiled.table
    if compiled.own is not None:
        base = base.outerjoin(compiled.own, compiled.own.c.asset_id == compiled.table.c.id)
    plan = RowPlan(source=base, base=base)
    parts: list[str] = []
    for each in (compiled.id_field, *compiled.fields, *compiled.bookkeeping):
        parts.append(_add(plan, each, registry))
    source = "def to_item(r):\n    return {" + ", ".join(parts) + "}\n"
    scope: dict[str, Any] = {"_tags": _tags}
    exec(compile(source, f"<row of {compiled.name}>", "exec"), scope)  # noqa: S102 - our own text, from identifiers
    plan.to_item = scope["to_item"]
    return plan


def _add(plan: RowPlan, each: Field, registry: Registry) -> str:
    at = len(plan.columns)
    if each.kind == "tags":
        plan.columns.append(_tags_column().label("tags"))
        return f"'tags': _tags(r[{at}])"
    assert each.column is not None
    if each.secret:
        plan.columns.append(case((each.column.is_(None), 0), else_=1).label(f"{each.name}_set"))
        return f"{each.name + '_set'!r}: bool(r[{at}])"
    if each.kind != "reference":
        plan.columns.append(each.column)
        if each.kind == "json" and each.name == "custom_fields":
            return f"{each.name!r}: r[{at}] or {{}}"
        return f"{each.name!r}: r[{at}]"
    plan.columns += [each.column, _join(plan, each, registry)]
    return f"{each.name!r}: None if r[{at}] is None else {{'id': r[{at}], 'name': r[{at + 1}]}}"


def _join(plan: RowPlan, each: Field, registry: Registry) -> ColumnElement[Any]:
    assert each.references is not None and each.column is not None
    target = registry.find(each.references)
    if target is None:  # its plugin is absent: the id is all that is known
        return cast(null(), String(1)).label(f"{each.name}_name")
    other = target.table.alias(f"{each.name}_ref")
    plan.source = plan.source.outerjoin(other, other.c.id == each.column)
    label = label_of(target, other)
    plan.labels[each.name] = label
    return label.label(f"{each.name}_name")


def _tags_column() -> ColumnElement[Any]:
    tag = Tag.__table__
    one = cast(tag.c.id, String(12)) + " " + tag.c.name
    return (
        select(func.aggregate_strings(one, "\n"))
        .select_from(asset_tags.join(tag, tag.c.id == asset_tags.c.tag_id))
        .where(asset_tags.c.asset_id == ASSETS.c.id)
        .correlate(ASSETS)
        .scalar_subquery()
    )


def _tags(text: str | None) -> list[Item]:
    if not text:
        return []
    pairs = (line.split(" ", 1) for line in text.split("\n"))
    return sorted(({"id": int(id_), "name": name} for id_, name in pairs), key=lambda tag: str(tag["name"]))


def raw_values(compiled: CompiledResource, item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as it goes in: references as ids, tags as a list of ids, without what nobody may set."""
    values: dict[str, Any] = {}
    for each in compiled.fields:
        if each.secret or each.name not in item:
            continue
        value = item[each.name]
        if each.kind == "reference" and isinstance(value, Mapping):
            value = value["id"]
        elif each.kind == "tags":
            value = sorted(tag["id"] for tag in value)
        values[each.name] = value
    return values
