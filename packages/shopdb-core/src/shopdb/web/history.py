"""What happened to an item: each change with before and after, who made it, when, and by which way in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from shopdb.errors import InvalidError, NotFoundError, RequestError
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.history import list_history, revert_item
from shopdb.resources.query import get_item, reader_of
from shopdb.web import here
from shopdb.web.cell import show_recorded
from shopdb.web.list_rows import item_label

SOURCES = {
    "ui": ("on a page", "browser"),
    "api": ("through the API", "api"),
    "cli": ("on the command line", "terminal-2"),
    "import": ("by importing a sheet", "file-import"),
    "job": ("by a job", "clock-play"),
    "agent": ("by an agent", "robot"),
    "demo": ("as sample data", "flask"),
}
ACTIONS = {
    "create": ("added", "plus", "good"),
    "update": ("changed", "pencil", "notice"),
    "delete": ("deleted", "trash", "danger"),
}
_HIDDEN = frozenset({"version", "created_at", "updated_at", "id"})


@dataclass(frozen=True, slots=True)
class ChangedField:
    """A field that a change touched, before and after."""

    label: str
    before: Markup
    after: Markup
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """One change as the page shows it."""

    record: Mapping[str, Any]
    fields: list[ChangedField]
    words: str
    icon: str
    tone: str
    source: str
    source_icon: str
    may_revert: bool


def show_history(name: str, item_id: int) -> ResponseReturnValue:
    """``GET /<resource>/<id>/history``; also of an item that is gone."""
    compiled = here.compiled(name)
    cursor = request.args.get("cursor")
    after = None
    if cursor:
        try:
            after = reader_of(here.registry(), "changes").parameters.read_cursor(cursor)[1]
        except ValueError as error:
            raise InvalidError(f"cursor: {error}") from None
    with here.runtime().database.read() as session:
        page = list_history(session, name, item_id, after=after)
        try:
            item = get_item(session, name, item_id, with_extra=False)
        except NotFoundError:
            item = None
    label = item_label(compiled, item) if item else _last_label(compiled, item_id, page.items)
    may_change = item is not None and here.may_do(compiled.declared, "change")
    changes = [_shown(compiled, record, item, may_change) for record in page.items]
    return render_template(
        "history.html",
        resource=compiled.declared,
        item=item,
        item_id=item_id,
        label=label,
        changes=changes,
        next_cursor=page.next,
        is_first=after is None,
    )


def revert(name: str, item_id: int) -> ResponseReturnValue:
    """``POST /<resource>/<id>/revert``: make the item what it was."""
    to_version = request.form.get("to", type=int)
    version = request.form.get("version", type=int)
    if to_version is None:
        raise InvalidError("Say which version to go back to.")
    try:
        with here.runtime().database.write() as session:
            revert_item(session, name, item_id, to_version, actor=here.actor(), version=version)
    except NotFoundError:
        raise
    except RequestError as error:
        flash(str(error), "danger")
        return redirect(here.page_url(name, "history", item_id=item_id), 303)
    flash(f"It is again as it was at version {to_version}. That is a change like any other.", "good")
    return redirect(here.page_url(name, "item", item_id=item_id), 303)


def _last_label(compiled: CompiledResource, item_id: int, records: list[Any]) -> str:
    for record in records:
        if record.get("label"):
            return str(record["label"])
    return f"{compiled.declared.title_one} {item_id}"


def _shown(
    compiled: CompiledResource, record: Mapping[str, Any], item: Mapping[str, Any] | None, may_change: bool
) -> ChangeShown:
    words, image, tone = ACTIONS.get(record["action"], (record["action"], "pencil", "muted"))
    source, source_icon = SOURCES.get(record["source"], (record["source"], "arrow-right"))
    is_current = item is not None and record["version"] == item.get("version")
    return ChangeShown(
        record,
        _fields(compiled, record),
        words,
        image,
        tone,
        source,
        source_icon,
        may_change and not is_current and record["action"] != "delete",
    )


def _fields(compiled: CompiledResource, record: Mapping[str, Any]) -> list[ChangedField]:
    # An asset's changes are told by the resource that made them, as long as it is loaded.
    compiled = here.registry().find(record["resource"]) or compiled
    before, after = record.get("before") or {}, record.get("after") or {}
    names = record["fields"] if record["action"] == "update" else [*(after or before)]
    found = []
    for name in names:
        field = compiled.by_name.get(name)
        if name in _HIDDEN or name.endswith("_set"):
            continue
        if field is not None and field.secret:
            found.append(ChangedField(field.label, Markup(""), Markup(""), is_secret=True))
            continue
        then, now = before.get(name), after.get(name)
        if then == now or (record["action"] != "update" and (then or now) in (None, "", [], {})):
            continue
        label = field.label if field is not None else name.replace("_", " ").capitalize()
        found.append(ChangedField(label, show_recorded(field, then), show_recorded(field, now)))
    return found
