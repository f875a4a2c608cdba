"""Doing something with an item from its page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError, NotFoundError, OutboundError, RequestError
from shopdb.resources import Action, ActionField
from shopdb.resources.actions import run_action
from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.query import get_item
from shopdb.resources.rows import Item
from shopdb.resources.values import parse_boolean, parse_integer, parse_number
from shopdb.web import here
from shopdb.web.choices import list_choices
from shopdb.web.form import CHOICES, Control
from shopdb.web.list_rows import item_label


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as a button: at once, or by way of a page that asks for its values."""

    action: Action
    url: str

    @property
    def asks(self) -> bool:
        """Whether the caller has to say something first."""
        return bool(self.action.fields)


def offered_actions(compiled: CompiledResource, item: Mapping[str, Any]) -> list[Offer]:
    """What the person may do with the item now."""
    offers = []
    for action in compiled.declared.actions:
        if not here.may(compiled.declared, action.permission):
            continue
        if action.shown_when is None or action.shown_when(item):
            url = here.page_url(compiled.name, f"do_{action.name}", item_id=item["id"])
            offers.append(Offer(action, url))
    return offers


def do_action(name: str, action_name: str, item_id: int) -> ResponseReturnValue:
    """``GET`` asks for the action's values; ``POST /<resource>/<id>/do/<action>`` does it."""
    compiled = here.compiled(name)
    action = next(a for a in compiled.declared.actions if a.name == action_name)
    with here.runtime().database.read() as session:
        item = get_item(session, name, item_id)
    if request.method == "GET":
        first = {f.name: request.args.get(f.name, "") for f in action.fields}
        return _action_page(compiled, action, item, first, {}, None), 200
    texts = {f.name: request.form.get(f.name, "") for f in action.fields}
    try:
        values = _values(action, texts)
        outcome = run_action(here.runtime(), compiled, action, item_id, values, here.actor())
    except NotFoundError:
        raise
    except RequestError as error:
        told = error.errors if isinstance(error.errors, Mapping) else {}
        is_told = bool(told) and {field.name for field in action.fields} >= set(told)
        problem = None if is_told else str(error)
        if action.fields:
            return _action_page(compiled, action, item, texts, told, problem), error.status
        flash(str(error), "danger")
    except OutboundError as error:
        flash(str(error), "danger")
    else:
        if outcome:
            return _told_page(compiled, action, item, outcome)
        flash(f"{action.title}: finished. What came of it stands below.", "good")
        flash(request.path, "draft")
    return redirect(here.page_url(name, "item", item_id=item_id), 303)


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "integer": parse_integer,
    "reference": parse_integer,
    "number": parse_number,
    "boolean": parse_boolean,
}
"""Kind of value -> how its text is read; the others are read where the action is run."""


def _told_page(
    compiled: CompiledResource, action: Action, item: Item, outcome: Mapping[str, Any]
) -> ResponseReturnValue:
    """What the action tells, this once: it is not kept anywhere that a later page could read it from."""
    told = [(schema, str(outcome[key])) for key, schema in action.answers.items()]
    label = item_label(compiled, item)
    return render_template(
        "told.html", resource=compiled.declared, action=action, item=item, label=label, told=told
    )


def _values(action: Action, texts: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    errors: dict[str, Sequence[str]] = {}
    for field in action.fields:
        text = texts[field.name].strip()
        if not text:
            continue
        try:
            values[field.name] = _PARSERS.get(field.kind.partition(":")[0], str)(text)
        except ValueError as error:
            errors[field.name] = [str(error)]
    if errors:
        raise InvalidError("A value is wrong.", errors=errors)
    return values


def _action_page(
    compiled: CompiledResource,
    action: Action,
    item: Item,
    texts: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
    problem: str | None,
) -> str:
    with here.runtime().database.read() as session:
        controls = [
            _control(session, f, texts[f.name], errors.get(f.name, ()))
            for f in action.fields
            if f.shown_when is None or f.shown_when(item) or errors.get(f.name)
        ]
    return render_template(
        "action.html",
        resource=compiled.declared,
        action=action,
        item=item,
        label=item_label(compiled, item),
        controls=controls,
        problem=problem,
        error_count=len(errors),
    )


def _control(session: Session, asked: ActionField, text: str, errors: Sequence[str]) -> Control:
    kind, _, target = asked.kind.partition(":")
    field = Field(
        name=asked.name,
        kind="choice" if asked.choices else kind,
        label=asked.label or asked.name.replace("_", " ").capitalize(),
        column=None,
        help=asked.help,
        required=asked.required,
        choices=asked.choices,
        references=target or None,
    )
    if target not in here.registry() or not here.may(here.compiled(target).declared, "view"):
        return Control(field, text, errors)
    chosen = [int(text)] if text.isascii() and text.isdigit() and len(text) < 11 else []
    found = list_choices(session, here.registry(), target, ids=chosen, limit=CHOICES + 1)
    return Control(field, text, errors, found[:CHOICES], len(found) > CHOICES)
