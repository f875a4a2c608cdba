"""A form that was sent after somebody else saved: two versions that have to become one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from shopdb.models import ChangeRecord
from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.query import get_item
from shopdb.resources.rows import Item
from shopdb.web import here
from shopdb.web.choices import list_choices
from shopdb.web.form_values import form_fields, inputs_of
from shopdb.web.list_rows import item_label

Inputs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that this person changed, and that stands otherwise now.

    Attributes:
        keep_mine: Nobody else touched it, so that this person's is proposed.
    """

    field: Field
    stored: Any
    mine: Any
    stored_text: str
    mine_text: str
    keep_mine: bool


def stale_page(
    compiled: CompiledResource, item_id: int, inputs: Inputs, version: int | None
) -> ResponseReturnValue:
    """Both versions side by side; what only one side changed is taken as it is."""
    with here.runtime().database.read() as session:
        item = get_item(session, compiled.name, item_id, with_extra=False)
        seen = _as_seen(session, compiled, item_id, version)
        last = _last_change(session, compiled, item_id)
        stored = inputs_of(compiled, item)
        base = inputs_of(compiled, seen) if seen is not None else None
        names = _Names(session)
        differences = _differences(compiled, inputs, stored, base=base, names=names)
        theirs = _theirs(compiled, base, stored, names)
    if not differences:
        flash("Somebody else saved this meanwhile; nothing that you typed differs from it.", "notice")
        return redirect(here.page_url(compiled.name, "item", item_id=item_id), 303)
    text = render_template(
        "stale.html",
        resource=compiled.declared,
        item=item,
        label=item_label(compiled, item),
        differences=differences,
        theirs=theirs,
        last=last,
    )
    return text, 412


def _differences(
    compiled: CompiledResource, mine: Inputs, stored: Inputs, *, base: Inputs | None, names: "_Names"
) -> list[Difference]:
    """What this person changed and does not stand so now."""
    found = []
    for field in form_fields(compiled):
        text = mine.get(field.name, stored[field.name])
        untouched = base is not None and text == base[field.name]
        if text == stored[field.name] or untouched:
            continue
        found.append(
            Difference(
                field,
                stored[field.name],
                text,
                names.text(field, stored[field.name]),
                names.text(field, text),
                base is not None and stored[field.name] == base[field.name],
            )
        )
    return found


def _as_seen(session: Session, compiled: CompiledResource, item_id: int, version: int | None) -> Item | None:
    """The item at the version that the form was made from, out of the change record."""
    if version is None:
        return None
    names = [c.name for c in here.registry() if c.table is compiled.table]
    statement = select(ChangeRecord.after).where(
        ChangeRecord.resource.in_(names), ChangeRecord.item_id == item_id, ChangeRecord.version == version
    )
    found: Item | None = (
        session.connection().execute(statement.order_by(ChangeRecord.id.desc()).limit(1)).scalar()
    )
    return found


def _last_change(session: Session, compiled: CompiledResource, item_id: int) -> Any:
    names = [c.name for c in here.registry() if c.table is compiled.table]
    statement = select(ChangeRecord.actor, ChangeRecord.at, ChangeRecord.source).where(
        ChangeRecord.resource.in_(names), ChangeRecord.item_id == item_id
    )
    return session.connection().execute(statement.order_by(ChangeRecord.id.desc()).limit(1)).first()


def _theirs(
    compiled: CompiledResource, base: Mapping[str, Any] | None, stored: Mapping[str, Any], names: "_Names"
) -> list[tuple[str, str, str]]:
    """Label, before and after of each field that the other side changed."""
    if base is None:
        return []
    return [
        (field.label, names.text(field, base[field.name]), names.text(field, stored[field.name]))
        for field in form_fields(compiled)
        if base[field.name] != stored[field.name]
    ]


class _Names:
    """Input texts as people read them."""

    def __init__(self, session: Session):
        self.session = session

    def text(self, field: Field, value: Any) -> str:
        """What stands on the page for an input's text."""
        if field.secret:
            return "a new value" if value else "as it is"
        if not value:
            return ""
        if field.references is not None and field.references in here.registry():
            ids = [int(v) for v in (value if isinstance(value, list) else [value]) if str(v).isdigit()]
            found = list_choices(self.session, here.registry(), field.references, ids=ids, limit=0)
            return ", ".join(choice.text for choice in found)
        if field.kind == "boolean":
            return "Yes" if value == "true" else "No"
        return (field.choices or {}).get(value, str(value))
