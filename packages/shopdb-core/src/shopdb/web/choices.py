"""What a reference field can point at: for selects, for the search box in forms, for the filter menu."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from shopdb.models import AssetType
from shopdb.resources.compiled import ASSETS, CompiledResource
from shopdb.resources.registry import Registry, label_of
from shopdb.resources.values import MAX_ID
from shopdb.web import here

SHOWN = 50
MOST = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """An item as a choice: its id and what names it."""

    id: int
    text: str


def list_choices(
    session: Session,
    registry: Registry,
    name: str,
    *,
    q: str = "",
    ids: Sequence[int] = (),
    limit: int = SHOWN,
) -> list[Choice]:
    """Items whose name holds every word of ``q``, by name; those of ``ids`` in any case, and first.

    One statement.
    """
    compiled = registry.get(name)
    text = _text_of(compiled)
    table = compiled.table
    wanted = [func.lower(text).like(f"%{_escaped(word)}%", escape="/") for word in q.lower().split()[:8]]
    statement = select(table.c.id, text).where(*_scope(compiled))
    if wanted:
        statement = statement.where(*wanted)
    if ids:
        chosen = table.c.id.in_([i for i in ids if 0 < i <= MAX_ID])
        statement = select(table.c.id, text).where(chosen | table.c.id.in_(_first(compiled, wanted, limit)))
        statement = statement.order_by(chosen.desc(), text, table.c.id)
    else:
        statement = statement.order_by(text, table.c.id).limit(limit)
    rows = session.connection().execute(statement).all()
    return [Choice(id_, label or f"{compiled.declared.title_one} {id_}") for id_, label in rows]


def show_choices(name: str) -> ResponseReturnValue:
    """``GET /<resource>/choices?q=``: JSON for the search box; with ``name``, ticks for the filter menu."""
    field = request.args.get("name", "")
    parts = [*request.args.get("ticked", "").split(","), *(request.args.getlist(field) if field else ())]
    ticked = [int(part) for part in parts if _is_id(part)]
    with here.runtime().database.read() as session:
        found = list_choices(
            session,
            here.registry(),
            name,
            q=request.args.get("q", "")[:200],
            ids=ticked[:MOST],
            limit=SHOWN + 1,
        )
    if not field:
        more = len(found) > SHOWN
        return jsonify(items=[{"id": c.id, "name": c.text} for c in found[:SHOWN]], more=more)
    return render_template(
        "choices.html",
        name=field,
        url=here.page_url(name, "choices"),
        choices=found,
        ticked=set(ticked),
        shown=SHOWN,
    )


def _first(compiled: CompiledResource, wanted: Sequence[ColumnElement[bool]], limit: int) -> Sequence[int]:
    table, text = compiled.table, _text_of(compiled)
    inner = (
        select(table.c.id)
        .where(*_scope(compiled), *wanted)
        .order_by(text, table.c.id)
        .limit(limit)
        .subquery()
    )
    return select(inner.c.id)  # type: ignore[return-value]  # one column, which the types don't show


def _text_of(compiled: CompiledResource) -> ColumnElement[str]:
    """What tells items apart: the full path of a place, name and tag of an asset, else the label."""
    table = compiled.table
    if compiled.table is ASSETS:
        tag = func.coalesce(table.c.asset_tag, "")
        return func.coalesce(table.c.name + " · " + tag, tag)
    return table.c.path if "path" in table.c else label_of(compiled, table)


def _scope(compiled: CompiledResource) -> list[ColumnElement[bool]]:
    slug = compiled.declared.asset_type
    if slug is None:
        return []
    types = AssetType.__table__
    return [ASSETS.c.asset_type_id == select(types.c.id).where(types.c.slug == slug).scalar_subquery()]


def _escaped(word: str) -> str:
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_").replace("\x00", "")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11
