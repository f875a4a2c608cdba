"""A resource's fields as JSON schemas: what goes out, what comes in, what an address takes."""

from __future__ import annotations

from typing import Any

from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.values import MAX_ID, integer_range

Json = dict[str, Any]


def parameter_schema(field: Field) -> Json:
    """What a filter of the field takes in an address."""
    if field.kind in ("reference", "integer", "tags"):
        low, high = integer_range(field)
        return {"type": "integer", "minimum": low, "maximum": high}
    if field.kind == "choice" and field.column is None:
        return {"type": "string", "enum": list(field.choices or ())}
    return {k: v for k, v in _value_schema(field).items() if k in ("type", "format")}


_TYPES: dict[str, Json] = {
    "string": {"type": "string"},
    "text": {"type": "string"},
    "choice": {"type": "string"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "json": {},
}


def _value_schema(field: Field) -> Json:
    if field.kind in ("integer", "number"):
        bounds: Json = {}
        if field.kind == "integer":
            bounds["minimum"], bounds["maximum"] = integer_range(field)
        own = {"minimum": field.minimum, "maximum": field.maximum}
        bounds |= {name: value for name, value in own.items() if value is not None}
        return {"type": field.kind, **bounds}
    schema = dict(_TYPES[field.kind])
    if field.max_length is not None:
        schema["maxLength"] = field.max_length
    if field.choices is not None:
        schema["enum"] = list(field.choices)
    return schema


def _or_null(schema: Json) -> Json:
    if "type" not in schema:
        return schema
    nullable = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable


def item_schema(compiled: CompiledResource) -> Json:
    """An item as callers see it."""
    properties: Json = {}
    for field in (compiled.id_field, *compiled.fields, *compiled.bookkeeping):
        if field.secret:
            properties[f"{field.name}_set"] = {"type": "boolean"}
        elif field.kind == "reference":
            properties[field.name] = {
                "anyOf": [{"$ref": "#/components/schemas/Reference"}, {"type": "null"}],
                "title": field.label,
            }
        elif field.kind == "tags":
            properties[field.name] = {"type": "array", "items": {"$ref": "#/components/schemas/Reference"}}
        else:
            shown = {
                k: v for k, v in _value_schema(field).items() if k not in ("maxLength", "minimum", "maximum")
            }
            properties[field.name] = {**_or_null(shown), "title": field.label}
    if compiled.declared.extra is not None:
        properties |= dict(compiled.declared.extra.schema)
    return {"type": "object", "required": ["id"], "properties": properties}


def write_schema(compiled: CompiledResource, *, partial: bool) -> Json:
    """What creates an item, or with ``partial`` changes one."""
    properties: Json = {}
    required: list[str] = []
    for field in compiled.fields:
        if not field.writable:
            continue
        if field.kind == "reference":
            schema: Json = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
        elif field.kind == "tags":
            schema = {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": MAX_ID}}
        elif field.kind == "json":
            schema = {"type": "object"}
        else:
            schema = _value_schema(field)
        if not field.required and field.default is None:
            schema = _or_null(schema)
        described = {"title": field.label, **({"description": field.help} if field.help else {})}
        properties[field.name] = {**schema, **described}
        if field.required and field.default is None and field.name != "status":
            required.append(field.name)
    body: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    if required and not partial:
        body["required"] = required
    return body
