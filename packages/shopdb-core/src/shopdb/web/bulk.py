"""The ticked rows of a list: change a field of all, or delete all; all or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shopdb.errors import InvalidError, NotFoundError, PermissionDeniedError, RequestError
from shopdb.resources.bulk import MAX_OPERATIONS, apply_bulk
from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.query import get_item
from shopdb.resources.rows import Item
from shopdb.web import here
from shopdb.web.choices import list_choices
from shopdb.web.form import CHOICES, Control, back_url
from shopdb.web.form_values import form_fields, values_of
from shopdb.web.list_rows import item_label

CLEARED = "(clear)"
VERBS = {"edit": "change", "delete": "delete"}


def change_many(name: str) -> ResponseReturnValue:
    """``POST /<resource>/bulk``: first a page that asks, then, confirmed, the change."""
    compiled = here.compiled(name)
    wanted = request.form.get("do", "")
    if wanted not in VERBS:
        raise InvalidError(f"{wanted[:40]!r} is not one of {', '.join(VERBS)}.")
    if not here.may_do(compiled.declared, VERBS[wanted]):
        raise PermissionDeniedError(f"You lack the permission {compiled.declared.permission(VERBS[wanted])}.")
    ticked = _ticked(request.form.getlist("item"))
    back = back_url(here.page_url(name))
    if not ticked:
        flash("Tick the rows first.", "warning")
        return redirect(back, 303)
    if not request.form.get("confirmed"):
        return _ask(compiled, wanted, ticked, back), 200
    try:
        body = {"delete": ticked} if wanted == "delete" else {"update": _updates(compiled, ticked)}
        with here.runtime().database.write() as session:
            apply_bulk(session, name, body, actor=here.actor())
    except RequestError as error:
        return _ask(compiled, wanted, ticked, back, problem=error), error.status
    words = "deleted" if wanted == "delete" else "changed"
    one, many = compiled.declared.title_one.lower(), compiled.declared.title.lower()
    flash(f"{len(ticked)} {one if len(ticked) == 1 else many} {words}.", "good")
    return redirect(back, 303)


def _ticked(texts: Sequence[str]) -> list[dict[str, int]]:
    found = []
    for text in texts[:MAX_OPERATIONS]:
        id_, _, version = text.partition(":")
        if id_.isascii() and id_.isdigit() and version.isascii() and version.isdigit() and len(text) < 24:
            found.append({"id": int(id_), "version": int(version)})
    return found


def _updates(compiled: CompiledResource, ticked: Sequence[Mapping[str, int]]) -> list[dict[str, Any]]:
    inputs = {}
    for field in _offered(compiled):
        text = request.form.get(field.name, "")
        if text:
            inputs[field.name] = "" if text == CLEARED else text
    if not inputs:
        raise InvalidError("Choose what to change: every field says to keep what is there.")
    values = values_of(compiled, inputs)
    return [{**each, **values} for each in ticked]


def _offered(compiled: CompiledResource) -> list[Field]:
    """What many items can share."""
    kinds = ("reference", "choice", "boolean", "date")
    return [
        f for f in form_fields(compiled) if f.kind in kinds and f.column is not None and f.name != "parent"
    ]


def _ask(
    compiled: CompiledResource,
    wanted: str,
    ticked: Sequence[Mapping[str, int]],
    back: str,
    problem: RequestError | None = None,
) -> str:
    controls = []
    items: list[Item] = []
    with here.runtime().database.read() as session:
        for each in ticked[:10]:
            try:
                items.append(get_item(session, compiled.name, each["id"], with_extra=False))
            except NotFoundError:
                continue
        if wanted == "edit":
            for field in _offered(compiled):
                found = None
                if field.references in here.registry():
                    found = list_choices(session, here.registry(), str(field.references), limit=CHOICES)
                controls.append(Control(field, request.form.get(field.name, ""), (), found))
    return render_template(
        "bulk.html",
        resource=compiled.declared,
        wanted=wanted,
        ticked=ticked,
        labels=[item_label(compiled, item) for item in items],
        controls=controls,
        cleared=CLEARED,
        back=back,
        problem=problem,
    )
