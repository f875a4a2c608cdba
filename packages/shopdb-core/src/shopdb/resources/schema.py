"""What comes in: marshmallow schemas, made from a resource's fields at the first write.

Importing this module imports marshmallow; readers don't.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields as mf

from shopdb.errors import InvalidError
from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.values import (
    MAX_ID,
    integer_range,
    parse_date,
    parse_datetime,
    parse_string,
)

MAX_TAGS = 100
_TEXTS = ("string", "text", "choice")


class _Checked(mf.Field[Any]):
    """A field that knows its resource field; for a text, blank means nothing given."""

    kind_name = "a value"

    def __init__(self, field: Field, **kwargs: Any):
        super().__init__(**kwargs)
        self.field = field

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """A blank text is no value; then the base class' rules, then the field's own check."""
        if self.field.kind in _TEXTS and isinstance(value, str) and not value.strip():
            value = None
        result = super().deserialize(value, *args, **kwargs)
        if result is None or result is ma.missing:
            return result
        try:
            if self.field.check is not None:
                result = self.field.check(result)
        except ValueError as error:
            raise ma.ValidationError(str(error)) from None
        limit = self.field.max_length
        if limit is not None and len(result) > limit:
            raise ma.ValidationError(f"Is {len(result)} characters long; at most {limit} are kept.")
        return result

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return self.take(value)
        except (ValueError, OverflowError) as error:
            raise ma.ValidationError(str(error)) from None

    def take(self, value: Any) -> Any:
        """The stored value that a JSON value means; ValueError with a sentence when none."""
        return value


class TextField(_Checked):
    """One line, or several where the field is a text."""

    def take(self, value: Any) -> str:
        """A string that every engine keeps."""
        if not isinstance(value, str):
            raise ValueError(f"Expected text, got {_named(value)}.")
        text = parse_string(value)
        allowed = "\t\n\r" if self.field.kind == "text" else ""
        bad = next((c for c in text if (c < " " or c == "\x7f") and c not in allowed), None)
        if bad is not None:
            raise ValueError(
                f"Has the control character {bad!r}; {'' if allowed else 'one line of '}plain text is kept."
            )
        if self.field.choices is not None and text not in self.field.choices:
            raise ValueError(f"{text[:60]!r} is not one of: {', '.join(self.field.choices)}.")
        return text


class IntegerField(_Checked):
    """A whole number."""

    def take(self, value: Any) -> int:
        """An int within what the column holds and the field's bounds."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"Expected a whole number, got {_named(value)}.")
        low, high = integer_range(self.field)
        low = low if self.field.minimum is None else int(self.field.minimum)
        high = high if self.field.maximum is None else int(self.field.maximum)
        if not low <= value <= high:
            raise ValueError(f"{value} is out of range: {low} to {high}.")
        return value


class NumberField(_Checked):
    """A finite number."""

    def take(self, value: Any) -> float:
        """A float within the field's bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"Expected a number, got {_named(value)}.")
        number = float(value)
        if not abs(number) <= 1e300:  # so NaN is refused too
            raise ValueError(f"{value} is not a finite number within ±1e300.")
        low, high = self.field.minimum, self.field.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            raise ValueError(f"{value} is out of range: {_bounds(low, high)}.")
        return number


class BooleanField(_Checked):
    """True or false."""

    def take(self, value: Any) -> bool:
        """A JSON boolean."""
        if not isinstance(value, bool):
            raise ValueError(f"Expected true or false, got {_named(value)}.")
        return value


class DateField(_Checked):
    """A calendar date."""

    def take(self, value: Any) -> date:
        """From ``YYYY-MM-DD``."""
        if type(value) is date:
            return value
        if not isinstance(value, str):
            raise ValueError(f"Expected a date as 2026-03-31, got {_named(value)}.")
        return parse_date(value)


class DateTimeField(_Checked):
    """A moment."""

    def take(self, value: Any) -> datetime:
        """From ISO 8601 with a zone."""
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value
        if not isinstance(value, str):
            raise ValueError(f"Expected a time as 2026-03-31T14:00:00Z, got {_named(value)}.")
        return parse_datetime(value)


class ReferenceField(_Checked):
    """The id of an item of another resource; whether there is one, the writer checks."""

    def take(self, value: Any) -> int:
        """A positive id."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"Expected the id of one of {self.field.references}, got {_named(value)}.")
        if not 1 <= value <= MAX_ID:
            raise ValueError(f"There is no item {value} in {self.field.references}.")
        return value


class TagsField(ReferenceField):
    """A list of ids of tags."""

    def take(self, value: Any) -> Any:
        """Distinct ids, sorted."""
        if not isinstance(value, list) or len(value) > MAX_TAGS:
            raise ValueError(f"Expected a list of at most {MAX_TAGS} ids of tags, got {_named(value)}.")
        return sorted({super(TagsField, self).take(each) for each in value})


class CustomFieldsField(_Checked):
    """Values of the custom fields; their definitions are checked by the writer."""

    def take(self, value: Any) -> dict[str, Any]:
        """An object."""
        if not isinstance(value, dict):
            raise ValueError(f"Expected an object of values by custom field, got {_named(value)}.")
        return value


_FIELDS: dict[str, type[_Checked]] = {
    "string": TextField,
    "text": TextField,
    "choice": TextField,
    "integer": IntegerField,
    "number": NumberField,
    "boolean": BooleanField,
    "date": DateField,
    "datetime": DateTimeField,
    "reference": ReferenceField,
    "tags": TagsField,
    "json": CustomFieldsField,
}


def schema_of(compiled: CompiledResource) -> ma.Schema:
    """The one shared schema of a resource."""
    schema: ma.Schema | None = getattr(compiled, "schema", None)
    if schema is None:
        members = {f.name: _member(f) for f in compiled.fields if f.writable}
        made = ma.Schema.from_dict(members, name=f"{compiled.name.replace('/', '_')}_write")
        schema = made(unknown=ma.RAISE)
        compiled.schema = schema  # type: ignore[attr-defined]  # kept on what it is made from
    return schema


def _member(field: Field) -> mf.Field[Any]:
    must = field.required and field.default is None and field.name != "status"
    messages = {
        "required": f"{field.label} is needed.",
        "null": f"{field.label} can't be empty.",
    }
    may_be_null = not field.required and field.default is None
    return _FIELDS[field.kind](
        field, required=must, allow_none=may_be_null, error_messages=messages, metadata={"title": field.label}
    )


def load_values(compiled: CompiledResource, values: Any, *, partial: bool) -> dict[str, Any]:
    """As `shopdb.resources.incoming.load`, which is the way in."""
    if not isinstance(values, Mapping):
        raise InvalidError(f"Expected an object of fields, got {_named(values)}.")
    try:
        loaded: dict[str, Any] = schema_of(compiled).load(dict(values), partial=partial)
    except ma.ValidationError as error:
        messages = {str(k)[:80]: _explained(compiled, str(k), v) for k, v in error.messages_dict.items()}
        raise InvalidError(_summary(messages), errors=messages) from None
    return loaded


def _explained(compiled: CompiledResource, name: str, messages: Any) -> list[str]:
    texts = messages if isinstance(messages, list) else [str(messages)]
    if texts != ["Unknown field."]:
        return [str(text) for text in texts]
    known = compiled.by_name.get(name)
    if known is not None or name in ("id", "version", "created_at", "updated_at"):
        return [f"{name[:80]} can't be set."]
    return [f"{name[:80]!r} is not a field of {compiled.name}."]


def _summary(messages: Mapping[str, list[str]]) -> str:
    name, texts = next(iter(messages.items()))
    more = f" ({len(messages) - 1} more)" if len(messages) > 1 else ""
    return f"{name}: {texts[0]}{more}"


def _named(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _bounds(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"
