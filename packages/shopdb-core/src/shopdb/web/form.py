"""The form of a resource: a new item, a changed one, and two versions that have to become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError, RequestError, StaleVersionError
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.resources.query import get_item
from shopdb.resources.rows import Item
from shopdb.resources.write import create_item, update_item
from shopdb.web import here
from shopdb.web.choices import Choice, list_choices
from shopdb.web.form_values import differing, form_fields, inputs_of, inputs_sent, values_of
from shopdb.web.list_rows import item_label
from shopdb.web.stale import stale_page

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
        return stale_page(compiled, item_id, inputs, version)
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
        goes_back="back" in request.values,
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
