"""Between a form and an item: what inputs hold, and what they mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from shopdb.errors import InvalidError
from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.values import parse_date, parse_text
from shopdb.web.custom_input import PREFIX, custom_inputs, custom_value

PRESENT = "_present"
"""Names of the fields that a form shows, so that an empty tick means No and a field left out means nothing."""


def form_fields(compiled: CompiledResource) -> list[Field]:
    """The fields that a form takes, in order."""
    return [f for f in compiled.fields if f.writable and f.kind != "json"] + custom_inputs(compiled)


def inputs_of(compiled: CompiledResource, item: Mapping[str, Any]) -> dict[str, Any]:
    """What the inputs hold for an item: texts, ids as texts, a list of texts for tags."""
    return {f.name: _input_of(f, _held(f, item)) for f in form_fields(compiled)}


def _held(field: Field, item: Mapping[str, Any]) -> Any:
    return custom_value(item, field.name) if field.name.startswith(PREFIX) else item.get(field.name)


def _input_of(field: Field, value: Any) -> Any:
    if field.kind == "tags":
        return [str(tag["id"] if isinstance(tag, Mapping) else tag) for tag in value or ()]
    if field.secret or value is None:
        return ""
    if isinstance(value, Mapping):
        return str(value["id"])
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat(timespec="seconds") if hasattr(value, "tzinfo") else str(value)


def inputs_sent(compiled: CompiledResource, form: MultiDict[str, str]) -> dict[str, Any]:
    """What the person sent, for each field that the form showed."""
    shown = set(form.getlist(PRESENT))
    sent: dict[str, Any] = {}
    for field in form_fields(compiled):
        if field.name not in form and field.name not in shown:
            continue
        if field.kind == "tags":
            sent[field.name] = [text for text in form.getlist(field.name) if text]
        elif field.kind == "boolean":
            sent[field.name] = form.get(field.name, "false")
        else:
            sent[field.name] = form.get(field.name, "").replace("\r\n", "\n")
    return sent


def values_of(compiled: CompiledResource, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the inputs mean. An empty secret says nothing: what is kept stays.

    Raises:
        InvalidError: with a message for each input that means none.
    """
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    fields = {field.name: field for field in form_fields(compiled)}
    for name, text in inputs.items():
        field = fields[name]
        if field.secret and text == "":
            continue
        try:
            value = _value_of(field, text)
        except ValueError as error:
            errors[name] = [_as_sentence(str(error))]
            continue
        if name.startswith(PREFIX):
            values.setdefault("custom_fields", {})[name.removeprefix(PREFIX)] = value
        else:
            values[name] = value
    if errors:
        name, texts = next(iter(errors.items()))
        raise InvalidError(f"{name}: {texts[0]}", errors=errors)
    return values


def _value_of(field: Field, text: str | Sequence[str]) -> Any:
    if not isinstance(text, str):
        return [parse_text(field, each) for each in text]
    if field.kind in ("string", "text", "choice"):
        return text if field.secret or text.strip() else None
    stripped = text.strip()
    if not stripped:
        return None
    if field.kind == "date" and field.name.startswith(PREFIX):
        return parse_date(stripped).isoformat()  # custom values are JSON, which has no dates
    return parse_text(field, stripped)


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``after`` that are not as in ``before``."""
    return {name: value for name, value in after.items() if before.get(name) != value}
