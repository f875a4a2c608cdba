"""The form of a resource: a new item, a changed one, and two versions that have to become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError, RequestError, StaleVersionError
from shopdb.models import ChangeRecord
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.resources.query import get_item
from shopdb.resources.rows import Item
from shopdb.resources.write import create_item, update_item
from shopdb.web import here
from shopdb.web.choices import Choice, list_choices
from shopdb.web.form_values import differing, form_fields, inputs_of, inputs_sent, values_of
from shopdb.web.list_rows import item_label

CHOICES = 200


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form as it is drawn.

    Attributes:
        value: What the input holds: a text, or a list of texts for tags.
        errors: What is wrong with it, in words.
        choices: For references and tags; None where the person may not see what it points at.
        has_more: Whether there is more to choose from than ``choices``.
        is_set: Whether a secret is kept.
    """

    field: Field
    value: Any
    errors: Sequence[str]
    choices: Sequence[Choice] | None = None
    has_more: bool = False
    is_set: bool = False

    @property
    def is_folded(self) -> bool:
        """Whether it stands in the folded part; what is wrong never does."""
        f = self.field
        asked = f.required or f.listed or f.name in ("name", "asset_tag") or bool(self.errors)
        return (
            f.folded
            and not self.errors
            or not asked
            and f.column is not None
            and f.column.table.name == "assets"
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two people changed, or that stands otherwise now than this person saw it."""

    field: Field
    stored: Any
    mine: Any
    stored_text: str
    mine_text: str
    keep_mine: bool


def new_item(name: str) -> ResponseReturnValue:
    """``GET`` and ``POST /<resource>/new``. The address may fill fields in: ``?source=12``."""
    compiled = here.compiled(name)
    if request.method == "GET":
        return _form_page(compiled, None, _first_inputs(compiled), {}, 200)
    inputs = inputs_sent(compiled, request.form)
    try:
        values = {k: v for k, v in values_of(compiled, inputs).items() if v is not None and v != []}
        with here.runtime().database.write() as session:
            item = create_item(session, name, values, actor=here.actor())
    except NotFoundError:
        raise
    except RequestError as error:
        return _form_page(compiled, None, inputs, _by_field(error), error.status, _general(error, compiled))
    _forget_known(name)
    flash(f"{item_label(compiled, item)} was added.", "good")
    flash(request.path, "draft")
    if request.form.get("again"):
        return redirect(here.page_url(name, "new"), 303)
    return redirect(back_url(here.page_url(name, "item", item_id=item["id"])), 303)


def edit_item(name: str, item_id: int) -> ResponseReturnValue:
    """``GET`` and ``POST /<resource>/<id>/edit``."""
    compiled = here.compiled(name)
    with here.runtime().database.read() as session:
        item = get_item(session, name, item_id, with_extra=False)
    if request.method == "GET":
        return _form_page(compiled, item, inputs_of(compiled, item), {}, 200)
    inputs = inputs_sent(compiled, request.form)
    version = request.form.get("version", type=int)
    changed = differing(inputs_of(compiled, item), inputs)
    try:
        with here.runtime().database.write() as session:
            values = values_of(compiled, changed)
            saved = update_item(session, name, item_id, values, actor=here.actor(), version=version)
    except StaleVersionError:
        return _stale_page(compiled, item_id, inputs, version)
    except NotFoundError:
        raise
    except RequestError as error:
        return _form_page(compiled, item, inputs, _by_field(error), error.status, _general(error, compiled))
    _forget_known(name)
    flash(f"{item_label(compiled, saved)} was saved." if changed else "Nothing was changed.", "good")
    flash(request.path, "draft")
    return redirect(here.page_url(name, "item", item_id=item_id), 303)


def _first_inputs(compiled: CompiledResource) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for field in form_fields(compiled):
        given = request.args.getlist(field.name)
        default = "" if field.default is None else field.default
        if isinstance(default, bool):
            default = "true" if default else "false"
        inputs[field.name] = given if field.kind == "tags" else (given[0] if given else str(default))
    if compiled.table is ASSETS and not inputs["status"]:
        with here.runtime().database.read() as session:
            known = current_app.extensions["shopdb_pages"].known.refresh(session)
        inputs["status"] = str(known.default_status or "")
    return inputs


def _form_page(
    compiled: CompiledResource,
    item: Item | None,
    inputs: Mapping[str, Any],
    errors: Mapping[str, Sequence[str]],
    status: int,
    problem: str | None = None,
    **context: Any,
) -> ResponseReturnValue:
    with here.runtime().database.read() as session:
        controls = [_control(session, f, inputs.get(f.name, ""), errors, item) for f in form_fields(compiled)]
    open_part = [c for c in controls if not c.is_folded]
    folded = [c for c in controls if c.is_folded]
    text = render_template(
        "form.html",
        resource=compiled.declared,
        item=item,
        label=item_label(compiled, item) if item else None,
        controls=open_part,
        folded=folded,
        error_count=sum(bool(c.errors) for c in controls),
        problem=problem,
        back=back_url(_cancel_url(compiled, item)),
        **context,
    )
    return text, status


def _control(
    session: Session, field: Field, value: Any, errors: Mapping[str, Sequence[str]], item: Item | None
) -> Control:
    told = errors.get(field.name, ())
    if field.references is None:
        is_set = bool(item and item.get(f"{field.name}_set"))
        return Control(field, value, told, is_set=is_set)
    target = here.registry().find(field.references)
    if target is None or not here.may(target.declared, "view"):
        return Control(field, value, told)
    texts = value if isinstance(value, list) else [value]
    ids = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 11]
    found = list_choices(session, here.registry(), field.references, ids=ids, limit=CHOICES + 1)
    if ids:
        found.sort(key=lambda choice: choice.text.lower())
    return Control(field, value, told, found[: CHOICES + len(ids)], len(found) > CHOICES + len(ids))


def _stale_page(
    compiled: CompiledResource, item_id: int, inputs: Mapping[str, Any], version: int | None
) -> ResponseReturnValue:
    """Both versions side by side; what only one side changed is taken as it is."""
    with here.runtime().database.read() as session:
        item = get_item(session, compiled.name, item_id, with_extra=False)
        seen = _as_seen(session, compiled, item_id, version)
        last = _last_change(session, compiled, item_id)
        stored = inputs_of(compiled, item)
        base = inputs_of(compiled, seen) if seen is not None else None
        names = _Names(session)
        differences = []
        merged = dict(stored)
        for field in form_fields(compiled):
            if field.name not in inputs or inputs[field.name] == stored[field.name]:
                continue
            if base is not None and inputs[field.name] == base[field.name]:
                continue  # only the other side changed it
            if field.secret and inputs[field.name] == "":
                continue
            mine = inputs[field.name]
            merged[field.name] = mine
            keep_mine = base is not None and stored[field.name] == base[field.name]
            differences.append(
                Difference(
                    field,
                    stored[field.name],
                    mine,
                    names.text(field, stored[field.name]),
                    names.text(field, mine),
                    keep_mine,
                )
            )
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


def _by_field(error: RequestError) -> Mapping[str, Sequence[str]]:
    return error.errors if isinstance(error.errors, Mapping) else {}


def _general(error: RequestError, compiled: CompiledResource) -> str | None:
    """What is wrong beyond the fields that the form shows."""
    shown = {field.name for field in form_fields(compiled)}
    told = _by_field(error)
    if told and set(told) <= shown:
        return None
    return str(error)


def _cancel_url(compiled: CompiledResource, item: Item | None) -> str:
    if item is None:
        return here.page_url(compiled.name)
    return here.page_url(compiled.name, "item", item_id=item["id"])


def back_url(otherwise: str) -> str:
    """Where the form was opened from, if that is a path of this site."""
    wanted = request.values.get("back", "")
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if inside and wanted.isprintable() else otherwise


def _forget_known(name: str) -> None:
    if name in ("statuses", "asset-types"):
        current_app.extensions["shopdb_pages"].known.forget()
