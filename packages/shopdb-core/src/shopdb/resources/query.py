"""Reading a resource: one page, one item, a count.

Each shape of request (which filters, which sort, first page or later) is built into a statement once and
kept; a request then only binds its values.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError
from shopdb.models import AssetType, asset_tags
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.resources.parameters import ORDER, Filter, ParameterTable, Query, key_values
from shopdb.resources.registry import Registry, registry_of
from shopdb.resources.rows import Item, RowPlan, plan_rows

KEPT_SHAPES = 256


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection."""

    items: list[Item]
    next: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class _Built:
    statement: Select[Any]
    sort_at: int


@dataclass
class Reader:
    """Everything worked out for reading one resource."""

    compiled: CompiledResource
    plan: RowPlan
    parameters: ParameterTable
    one: Select[Any]
    shapes: OrderedDict[tuple[Any, ...], _Built] = field(default_factory=OrderedDict)


def reader_of(registry: Registry, name: str) -> Reader:
    """The reader of a resource, made at its first use and kept with the registry."""
    compiled = registry.get(name)
    reader: Reader | None = getattr(compiled, "reader", None)
    if reader is None:
        plan = plan_rows(compiled, registry)
        one = select(*plan.columns).select_from(plan.source).where(compiled.table.c.id == bindparam("id"))
        one = one.where(*_scope(compiled))
        reader = Reader(compiled, plan, ParameterTable(compiled), one)
        compiled.reader = reader  # type: ignore[attr-defined]  # kept on what it is made from
    return reader


def _scope(compiled: CompiledResource) -> list[ColumnElement[bool]]:
    slug = compiled.declared.asset_type
    if slug is None:
        return []
    types = AssetType.__table__
    wanted = select(types.c.id).where(types.c.slug == slug).scalar_subquery()
    return [ASSETS.c.asset_type_id == wanted]


def get_item(session: Session, name: str, item_id: int, *, with_extra: bool = True) -> Item:
    """One item as callers see it.

    Raises:
        NotFoundError: there is none of that id.
    """
    reader = reader_of(registry_of(session), name)
    row = session.connection().execute(reader.one, {"id": item_id}).first()
    if row is None:
        raise NotFoundError(f"There is no {reader.compiled.declared.title_one.lower()} with id {item_id}.")
    item = reader.plan.to_item(row)
    if with_extra:
        add_extra(session, reader.compiled, [item])
    return item


def list_page(session: Session, name: str, query: Query, *, with_extra: bool = True) -> Page:
    """One page of a collection, in one statement, and one more each for readings and for the total."""
    reader = reader_of(registry_of(session), name)
    query, told = _by_readings(session, reader, query)
    built = _statement(reader, query)
    statement = built.statement.where(*told) if told else built.statement
    rows = session.connection().execute(statement, _bound(reader, query)).all()
    following = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        following = reader.parameters.write_cursor(query.sort, rows[-1][built.sort_at :])
    to_item = reader.plan.to_item
    items = [to_item(row) for row in rows]
    if with_extra:
        add_extra(session, reader.compiled, items)
    total = _count(session, reader, query, told) if query.with_total else None
    return Page(items, following, total)


def count(session: Session, name: str, query: Query) -> int:
    """How many items the filters leave."""
    reader = reader_of(registry_of(session), name)
    return _count(session, reader, *_by_readings(session, reader, query))


def _count(session: Session, reader: Reader, query: Query, told: Sequence[ColumnElement[bool]]) -> int:
    shape = ("count", *_shape(query)[:2])
    built = reader.shapes.get(shape)
    if built is None:
        statement = select(func.count()).select_from(reader.plan.base).where(*_where(reader, query))
        built = _keep(reader, shape, _Built(statement, 0))
    statement = built.statement.where(*told) if told else built.statement
    return int(session.connection().execute(statement, _bound(reader, query, page=False)).scalar_one())


def _by_readings(
    session: Session, reader: Reader, query: Query
) -> tuple[Query, Sequence[ColumnElement[bool]]]:
    """The query without its filters by readings, whose statements are kept, and those filters' conditions."""
    extra, readings = reader.compiled.declared.extra, reader.compiled.readings
    if extra is None or not any(each.field in readings for each in query.filters):
        return query, ()
    told = [
        or_(*(extra.filters[each.field](session, value) for value in values))
        for each in query.filters
        if each.field in readings
        for values in (each.value if each.op == "in" else (each.value,),)
    ]
    plain = tuple(each for each in query.filters if each.field not in readings)
    return replace(query, filters=plain), told


def iterate(
    session: Session, name: str, query: Query, *, step: int = 500, with_extra: bool = True
) -> Iterator[Item]:
    """Every item that the filters leave, page by page; for exports and jobs."""
    query = replace(query, limit=step, with_total=False)
    reader = reader_of(registry_of(session), name)
    while True:
        page = list_page(session, name, query, with_extra=with_extra)
        yield from page.items
        if page.next is None:
            return
        query = replace(query, after=reader.parameters.read_cursor(page.next)[1])


def find_ids(session: Session, name: str, query: Query, *, limit: int) -> list[int]:
    """Ids of the first ``limit`` items that the filters leave."""
    reader = reader_of(registry_of(session), name)
    query, told = _by_readings(session, reader, query)
    statement = (
        select(reader.compiled.table.c.id)
        .select_from(reader.plan.base)
        .where(*_where(reader, query), *told)
        .order_by(reader.compiled.table.c.id)
        .limit(limit)
    )
    return list(session.connection().execute(statement, _bound(reader, query, page=False)).scalars())


def add_empty_extra(compiled: CompiledResource, item: Item) -> None:
    """Add what an item shows that has just been made: nobody has read anything of it yet."""
    if compiled.declared.extra is not None:
        item.update(compiled.declared.extra.empty)


def add_extra(session: Session, compiled: CompiledResource, items: Sequence[Item]) -> None:
    """Put the resource's readings into items that were read without."""
    extra = compiled.declared.extra
    if extra is None or not items:
        return
    loaded = extra.load(session, [item["id"] for item in items])
    for item in items:
        item.update(extra.empty)
        item.update(loaded.get(item["id"], {}))


def _shape(query: Query) -> tuple[Any, ...]:
    return (
        tuple((f.field, f.op, f.value if f.op == "isnull" else None) for f in query.filters),
        tuple(_variants(word)[1] for word in query.words),
        query.sort,
        None if query.after is None else tuple(value is None for value in query.after),
    )


def _keep(reader: Reader, shape: tuple[Any, ...], built: _Built) -> _Built:
    reader.shapes[shape] = built
    while len(reader.shapes) > KEPT_SHAPES:
        reader.shapes.popitem(last=False)
    return built


def _statement(reader: Reader, query: Query) -> _Built:
    shape = _shape(query)
    built = reader.shapes.get(shape)
    if built is not None:
        return built
    keys = [(_sort_column(reader, name), down) for name, down in query.sort]
    columns = [*reader.plan.columns, *(column.label(f"sort_{i}") for i, (column, _) in enumerate(keys))]
    statement = select(*columns).select_from(reader.plan.source).where(*_where(reader, query))
    if query.after is not None:
        statement = statement.where(_behind(reader, keys, query.after))
    for column, down in keys:
        if _may_be_null(reader, column):
            statement = statement.order_by(column.is_(None))
        statement = statement.order_by(column.desc() if down else column.asc())
    statement = statement.limit(bindparam("page_rows", type_=literal_column("1").type))
    return _keep(reader, shape, _Built(statement, len(reader.plan.columns)))


def _sort_column(reader: Reader, name: str) -> ColumnElement[Any]:
    label = reader.plan.labels.get(name)
    if label is not None:
        return label
    column = reader.compiled.sortable[name].order
    assert column is not None
    return column


def _may_be_null(reader: Reader, column: ColumnElement[Any]) -> bool:
    """Whatever its own table says, a column of a joined table is null where no row was joined."""
    joined = getattr(column, "table", None) is not reader.compiled.table
    return joined or bool(getattr(column, "nullable", True))


def _behind(
    reader: Reader, keys: Sequence[tuple[ColumnElement[Any], bool]], after: Sequence[Any]
) -> ColumnElement[bool]:
    """Rows that stand behind the last one seen: nulls stand last in both directions."""
    alternatives: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for i, ((column, down), value) in enumerate(zip(keys, after, strict=True)):
        bound = bindparam(f"after_{i}", type_=column.type)
        if value is None:
            same.append(column.is_(None))
            continue
        further = column < bound if down else column > bound
        if _may_be_null(reader, column):
            further = or_(further, column.is_(None))
        alternatives.append(and_(*same, further))
        same.append(column == bound)
    return or_(*alternatives) if alternatives else false()


def _where(reader: Reader, query: Query) -> list[ColumnElement[bool]]:
    conditions = _scope(reader.compiled)
    for i, each in enumerate(query.filters):
        conditions.append(_condition(reader, each, f"f{i}"))
    searched = [f for f in reader.compiled.fields if f.search and not f.secret and f.column is not None]
    for i, word in enumerate(query.words):
        conditions.append(
            or_(*(_like(f.column, f"q{i}", _variants(word)[1]) for f in searched if f.column is not None))
            if searched
            else false()
        )
    return conditions


def _like(column: Any, name: str, variants: int) -> ColumnElement[bool]:
    lowered = func.lower(column)
    return or_(
        *(lowered.like(bindparam(f"{name}_{v}", type_=column.type), escape="/") for v in range(variants))
    )


_COMPARE: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda column, bound: column == bound,
    "lt": lambda column, bound: column < bound,
    "lte": lambda column, bound: column <= bound,
    "gt": lambda column, bound: column > bound,
    "gte": lambda column, bound: column >= bound,
}


def _condition(reader: Reader, each: Filter, name: str) -> ColumnElement[bool]:
    if each.field == "tags":
        wanted = asset_tags.c.tag_id.in_(bindparam(name, expanding=True))
        return exists().where(asset_tags.c.asset_id == ASSETS.c.id, wanted)
    field_: Field = reader.compiled.sortable[each.field]
    column = field_.column
    assert column is not None
    if each.op == "isnull":
        return column.is_(None) if each.value else column.is_not(None)
    if each.op == "in":
        return column.in_(bindparam(name, expanding=True))
    if each.op in ("contains", "startswith"):
        return _like(column, name, 2)
    if each.op in ORDER:
        assert field_.order is not None
        column = field_.order
    if each.op == "within":
        return column.between(
            bindparam(f"{name}_0", type_=column.type), bindparam(f"{name}_1", type_=column.type)
        )
    return _COMPARE[each.op](column, bindparam(name, type_=column.type))


def _bound(reader: Reader, query: Query, *, page: bool = True) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for i, each in enumerate(query.filters):
        values |= _bound_filter(reader, each, f"f{i}")
    for i, word in enumerate(query.words):
        for v, text in enumerate(_variants(word)[0]):
            values[f"q{i}_{v}"] = f"%{text}%"
    if page:
        values["page_rows"] = query.limit + 1
        for i, value in enumerate(query.after or ()):
            if value is not None:
                values[f"after_{i}"] = value
    return values


def _bound_filter(reader: Reader, each: Filter, name: str) -> dict[str, Any]:
    if each.op == "isnull":
        return {}
    if each.op in ("contains", "startswith"):
        before = "%" if each.op == "contains" else ""
        return {f"{name}_{v}": f"{before}{text}%" for v, text in enumerate(_escaped_pair(each.value))}
    if each.op == "in":
        return {name: list(each.value)}
    if each.field == "tags":
        return {name: [each.value]}
    field_ = reader.compiled.sortable[each.field]
    if each.op not in ORDER or field_.form is None:
        return {name: each.value}
    keys = key_values(field_, each.op, each.value)
    return {name: keys[0]} if len(keys) == 1 else {f"{name}_{at}": key for at, key in enumerate(keys)}


_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _escaped(text: str) -> str:
    plain = text.translate(_ASCII_LOWER)
    return plain.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _escaped_pair(text: str) -> tuple[str, str]:
    """Engines fold only ASCII letters under a binary collation, so other letters are tried in both cases."""
    return _escaped(text.lower()), _escaped(text.upper())


def _variants(word: str) -> tuple[tuple[str, ...], int]:
    pair = _escaped_pair(word)
    variants = pair[:1] if pair[0] == pair[1] else pair
    return variants, len(variants)
