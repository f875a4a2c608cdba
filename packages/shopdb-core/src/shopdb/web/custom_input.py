"""The site's own fields, as inputs of an asset's form."""

from collections.abc import Mapping
from typing import Any

from flask import g
from sqlalchemy import select

from shopdb.models import AssetType, CustomField
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.resources.custom_value import MAX_TEXT, options_of
from shopdb.web import here

PREFIX = "custom_fields."
"""Before the name of such an input, which no column's name begins with."""


def custom_inputs(compiled: CompiledResource) -> list[Field]:
    """The inputs of a resource's custom fields, in the order of their titles; asked once a request.

    A plugin's form has those of its own type and of all types. The form of all assets has every one, each
    with the type that it is for.
    """
    if compiled.table is not ASSETS:
        return []
    kept: dict[str, list[Field]] = g.setdefault("shopdb_custom_inputs", {})
    if compiled.name not in kept:
        kept[compiled.name] = _read(compiled.declared.asset_type)
    return kept[compiled.name]


def _read(slug: str | None) -> list[Field]:
    columns = (CustomField.name, CustomField.title, CustomField.kind, CustomField.required)
    statement = (
        select(*columns, CustomField.options, CustomField.notes, AssetType.name.label("type"), AssetType.slug)
        .outerjoin(AssetType, AssetType.id == CustomField.asset_type_id)
        .order_by(CustomField.title)
    )
    with here.runtime().database.read() as session:
        rows = session.execute(statement).all()
    return [_field(row, slug) for row in rows if row.slug is None or slug in (None, row.slug)]


def _field(row: Any, slug: str | None) -> Field:
    only = f" ({row.type} only)" if row.type and slug is None else ""
    choices = {option: option for option in options_of(row.options)} if row.kind == "choice" else None
    return Field(
        name=PREFIX + row.name,
        kind="string" if row.kind == "text" else row.kind,
        label=row.title + only,
        column=None,
        help=row.notes or "",
        required=row.required and not only,
        choices=choices,
        max_length=MAX_TEXT if row.kind == "text" else None,
        folded=not row.required,
    )


def custom_value(item: Mapping[str, Any], name: str) -> Any:
    """What an item holds for such an input."""
    return (item.get("custom_fields") or {}).get(name.removeprefix(PREFIX))
