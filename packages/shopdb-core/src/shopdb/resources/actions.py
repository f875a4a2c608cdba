"""Running an action on an item, from the API, a page or a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shopdb.errors import InvalidError
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.declare import Action, ActionCall, ActionField, Actor
from shopdb.resources.query import get_item
from shopdb.resources.values import MAX_ID, parse_date, parse_datetime, parse_string

if TYPE_CHECKING:
    from shopdb.runtime import Runtime

MAX_TEXT = 10_000
MAX_LINE = 255
LARGEST = 1e300


def run_action(
    runtime: Runtime,
    compiled: CompiledResource,
    action: Action,
    item_id: int,
    values: Mapping[str, Any],
    actor: Actor,
) -> Mapping[str, Any]:
    """Check what was sent, read the item, and do it. No transaction is open meanwhile.

    Returns:
        What the action tells besides the item, by the keys of its ``answers``.

    Raises:
        NotFoundError: there is no such item.
        InvalidError: a value is wrong, unknown or missing.
    """
    clean = check_values(action, values)
    with runtime.database.read() as session:
        item = get_item(session, compiled.name, item_id)
    context = runtime.context_of(compiled.declared.plugin)
    told = action.run(ActionCall(context=context, item=item, values=clean, actor=actor)) or {}
    return {key: told[key] for key in action.answers}


def check_values(action: Action, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a caller sent, by the action's fields.

    Raises:
        InvalidError: with a message for each wrong, unknown or missing value.
    """
    fields = {field.name: field for field in action.fields}
    errors: dict[str, list[str]] = {
        str(name)[:80]: [f"is not taken by {action.name}."] for name in values if name not in fields
    }
    clean: dict[str, Any] = {}
    for name, field in fields.items():
        value = values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if field.required:
                errors[name] = [f"{field.label or name} is needed."]
            continue
        try:
            clean[name] = _taken(field, value)
        except ValueError as error:
            errors[name] = [str(error)]
    if errors:
        name, texts = next(iter(errors.items()))
        raise InvalidError(f"{name}: {texts[0]}", errors=errors)
    return clean


def _taken(field: ActionField, value: Any) -> Any:
    if field.kind == "integer" or field.kind.startswith("reference:"):
        if isinstance(value, bool) or not isinstance(value, int) or not -MAX_ID - 1 <= value <= MAX_ID:
            raise ValueError("Expected a whole number within 32 bits.")
        return value
    if field.kind in ("number", "boolean"):
        return _taken_number(value) if field.kind == "number" else _taken_boolean(value)
    if not isinstance(value, str):
        raise ValueError("Expected text.")
    if field.kind in ("date", "datetime"):
        return parse_date(value) if field.kind == "date" else parse_datetime(value)
    limit = MAX_TEXT if field.kind == "text" else MAX_LINE
    if len(value) > limit:
        raise ValueError(f"Is {len(value)} characters long; at most {limit} are kept.")
    if field.choices is not None and value not in field.choices:
        raise ValueError(f"{value[:60]!r} is not one of: {', '.join(field.choices)}.")
    return parse_string(value)


def _taken_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise ValueError("Expected a finite number within ±1e300.")
    return float(value)


def _taken_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("Expected true or false.")
    return value
