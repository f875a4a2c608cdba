"""The page of one item: who it is, what it is doing, what belongs to it, what plugins add."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, redirect, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shopdb.models import RELATION_KINDS, RELATION_KINDS_BACK, Asset, Relationship
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.resources.history import list_history
from shopdb.resources.query import get_item
from shopdb.resources.rows import Item
from shopdb.web import here
from shopdb.web.action import offered_actions
from shopdb.web.cell import show_reading, show_value
from shopdb.web.custom_input import custom_inputs, custom_value
from shopdb.web.known import Known
from shopdb.web.list_rows import item_label

RECENT = 5
IN_HEAD = frozenset({"asset_tag", "name", "status", "asset_type", "location"})
"""What an asset's page shows at its head, and not again below."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the item as it is shown."""

    label: str
    shown: Markup


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation as it reads from the asset whose page it is."""

    words: str
    other_id: int
    other_name: str
    relationship_id: int


@dataclass(frozen=True, slots=True)
class Reference:
    """How many items of another resource point here, with their list."""

    title: str
    icon: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class DrawnPanel:
    """A panel of a plugin, drawn."""

    title: str
    order: int
    body: Markup
    tells: frozenset[str] = frozenset()


def show_item(name: str, item_id: int) -> ResponseReturnValue:
    """``GET /<resource>/<id>``."""
    compiled = here.compiled(name)
    pages = current_app.extensions["shopdb_pages"]
    with here.runtime().database.read() as session:
        item = get_item(session, name, item_id)
        known = pages.known.refresh(session)
        own = _own_page(compiled, item, known)
        if own is not None:
            return redirect(own)
        here.note_page(name, item)
        is_asset = compiled.table is ASSETS
        relations = _relations(session, item_id) if is_asset and here.may_see("relationships") else None
        references = _references(session, compiled, item_id)
        recent = list_history(session, name, item_id, limit=RECENT).items if _keeps_history(compiled) else []
        panels = _draw_panels(compiled, item, session)
    told = frozenset[str]().union(*(panel.tells for panel in panels))
    may = {
        "change": here.may_open(compiled.declared, "edit"),
        "delete": here.may_open(compiled.declared, "delete"),
    }
    return render_template(
        "detail.html",
        resource=compiled.declared,
        item=item,
        label=item_label(compiled, item),
        is_asset=is_asset,
        known=known,
        missing_plugin=_missing_plugin(item, known) if is_asset else None,
        facts=_facts(compiled, item, known, own=True, told=told)
        + ([] if panels else _readings(compiled, item)),
        asset_facts=_facts(compiled, item, known, own=False) if compiled.own is not None else [],
        panels=panels,
        relations=relations,
        references=references,
        recent=recent,
        labels={field.name: field.label for field in compiled.fields},
        actions=offered_actions(compiled, item),
        may=may,
        may_relate=is_asset and "relationships" in here.registry() and _may_add_relation(),
    )


def _own_page(compiled: CompiledResource, item: Item, known: Known) -> str | None:
    """The page that an asset has under its plugin's resource, where the person may see that."""
    if compiled.name != "assets":
        return None
    type_ = known.types.get(item["asset_type"]["id"])
    target = here.registry().by_asset_type.get(type_.slug) if type_ else None
    if target is None or not here.may(target.declared, "view"):
        return None
    return here.page_url(target.name, "item", item_id=item["id"])


def _missing_plugin(item: Item, known: Known) -> str | None:
    """The plugin that brings the asset's type to life, where it is not loaded."""
    type_ = known.types.get(item["asset_type"]["id"])
    if type_ is None or type_.plugin is None or type_.slug in here.registry().by_asset_type:
        return None
    return type_.plugin


def _facts(
    compiled: CompiledResource, item: Item, known: Known, *, own: bool, told: frozenset[str] = frozenset()
) -> list[Fact]:
    """The plugin's own fields, or all where the resource has no row beside the asset; else the asset's.

    Args:
        told: Fields that a panel tells already.
    """
    fields = [f for f in compiled.fields if _stands_here(compiled, f, own=own) and f.name not in told]
    facts = [
        Fact(f.label, _shown(compiled, f, item, known))
        for f in fields
        if f.name != "custom_fields" and _means_something(f, item) and (f.secret or not _is_bare(f, item))
    ]
    if any(f.name == "custom_fields" for f in fields):
        facts += _custom_facts(compiled, item, known)
    return facts


def _shown(compiled: CompiledResource, field: Field, item: Item, known: Known) -> Markup:
    """The field's value; a choice whose values have badges, as its badge."""
    extra = compiled.declared.extra
    badges = extra.badges.get(field.name) if extra is not None else None
    if badges and field.kind == "choice" and item.get(field.name) in badges:
        return show_reading(item[field.name], badges)
    return show_value(field, item, known)


def _custom_facts(compiled: CompiledResource, item: Item, known: Known) -> list[Fact]:
    """The site's own fields that have a value, by their titles."""
    values = (
        [(f, custom_value(item, f.name)) for f in custom_inputs(compiled)] if item["custom_fields"] else []
    )
    return [Fact(f.label, show_value(f, {f.name: value}, known)) for f, value in values if value is not None]


def _readings(compiled: CompiledResource, item: Item) -> list[Fact]:
    """What lists show beside the columns, for items of which no panel draws it."""
    extra = compiled.declared.extra
    if extra is None:
        return []
    return [
        Fact(heading, show_reading(item[key], extra.badges.get(key)))
        for key, heading in extra.listed.items()
        if item.get(key)
    ]


def _stands_here(compiled: CompiledResource, field: Field, *, own: bool) -> bool:
    if compiled.table is ASSETS and field.name in IN_HEAD:
        return False
    if compiled.own is None:
        return True
    return (field.column is not None and field.column.table is compiled.own) is own


def _means_something(field: Field, item: Item) -> bool:
    """Whether the item has the choice with which the field goes, such as a v3 password with SNMP v3."""
    if field.only_when is None:
        return True
    name, values = field.only_when
    return item.get(name) in values


def _is_bare(field: Field, item: Item) -> bool:
    """Empty, and nothing that people look for in every item: not worth a line."""
    return (field.folded or not field.listed) and item.get(field.name) in (None, "", [], {})


def _may_add_relation() -> bool:
    return here.may_do(here.compiled("relationships").declared, "add")


def _keeps_history(compiled: CompiledResource) -> bool:
    return compiled.is_versioned and here.has_page(compiled.declared, "edit")


def _relations(session: Session, asset_id: int) -> list[Relation]:
    """Relations both ways, in one statement, by their words."""
    relations, other = Relationship.__table__, Asset.__table__.alias("other")
    is_source = relations.c.source_id == asset_id
    far = func.coalesce(func.nullif(relations.c.source_id, asset_id), relations.c.target_id)
    statement = (
        select(
            relations.c.id,
            relations.c.kind,
            is_source,
            other.c.id,
            func.coalesce(other.c.name, other.c.asset_tag),
        )
        .join_from(relations, other, other.c.id == far)
        .where(or_(is_source, relations.c.target_id == asset_id))
        .order_by(relations.c.kind, other.c.id)
        .limit(200)
    )
    return [
        Relation(
            (RELATION_KINDS if forth else RELATION_KINDS_BACK).get(kind, kind),
            other_id,
            text or f"Asset {other_id}",
            id_,
        )
        for id_, kind, forth, other_id, text in session.connection().execute(statement)
    ]


def _references(session: Session, compiled: CompiledResource, item_id: int) -> list[Reference]:
    """What else points here and may be seen, counted in one statement."""
    asked: list[tuple[CompiledResource, Field]] = [
        (source, field)
        for source, field in here.registry().pointing_at(compiled.name)
        if source.name != "relationships" and here.may(source.declared, "view") and field.sortable
    ]
    if not asked:
        return []
    counts = [
        select(func.count()).where(field.column == item_id).scalar_subquery()
        for _, field in asked
        if field.column is not None
    ]
    row = session.connection().execute(select(*counts)).one()
    found = []
    for (source, field), count in zip(asked, row, strict=True):
        if count:
            ways = sum(other is source for other, _ in asked)
            title = source.declared.title
            shown = title if ways == 1 else f"{title} ({field.label[:1].lower()}{field.label[1:]})"
            url = here.page_url(source.name, **{field.name: str(item_id)})
            found.append(Reference(shown, source.declared.icon, count, url))
    return found


def _draw_panels(
    compiled: CompiledResource, item: Mapping[str, Any], session: Session
) -> Sequence[DrawnPanel]:
    """The plugins' panels, smallest order first; one whose template fails is left out and logged."""
    drawn = []
    for plugin, panel in here.runtime().plugins.add_panels(compiled.name, dict(item), session):
        if panel.permission and not here.viewer().may(panel.permission):
            continue
        try:
            body = render_template(panel.template, **panel.values)
        except Exception:  # noqa: BLE001 - a plugin's template: whatever it raises, the page stands
            here.runtime().plugins.note_failure(plugin, f"panel {panel.title!r}")
            continue
        tells = frozenset(panel.tells) if plugin == compiled.declared.plugin else frozenset[str]()
        drawn.append(DrawnPanel(panel.title, panel.order, Markup(body), tells))
    return sorted(drawn, key=lambda panel: panel.order)
