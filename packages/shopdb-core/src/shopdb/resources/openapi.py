"""OpenAPI 3.1 of every resource, from the same fields that check and render it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apispec import APISpec

from shopdb import __version__
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.declare import Action
from shopdb.resources.openapi_schema import item_schema, parameter_schema, write_schema
from shopdb.resources.parameters import DEFAULT_LIMIT, MAX_LIMIT, ParameterTable
from shopdb.resources.registry import Registry
from shopdb.resources.values import INT_MAX, INT_MIN, MAX_ID

Json = dict[str, Any]
PREFIX = "/api/v1"
_PROBLEM_REF = {"$ref": "#/components/responses/Problem"}
_STATUS = {
    "400": "The body can't be read.",
    "401": "Not signed in.",
    "403": "The permission is missing.",
    "404": "There is no such item.",
    "409": "Taken, or still in use.",
    "412": "Changed since it was read.",
    "422": "A value is wrong or unknown.",
    "428": "If-Match is missing.",
    "503": "The database or its schema is not ready.",
}


def build_spec(registry: Registry, more: Iterable[tuple[str, Json]] = ()) -> Json:
    """The whole document.

    Args:
        more: Paths beside the resources', each with its operations.
    """
    spec = APISpec(
        title="ShopDB",
        version=__version__,
        openapi_version="3.1.0",
        info={"description": "The asset database of a manufacturing site."},
        security=[{"bearer": []}],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _PROBLEM)
    spec.components.schema("Reference", _REFERENCE)
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    spec.components.response("Problem", {"description": "A problem document (RFC 9457).", "content": content})
    for compiled in registry:
        _add_resource(spec, compiled)
    for path, operations in more:
        spec.path(path, operations=operations)
    document: Json = spec.to_dict()
    return document


_PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"description": "Messages by field; for bulk requests a list, each with its index."},
    },
}
_REFERENCE: Json = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": ["string", "null"]}},
}


def _name_of(compiled: CompiledResource, suffix: str = "") -> str:
    return "".join(part.title() for part in compiled.name.replace("/", "-").split("-")) + suffix


def _add_resource(spec: APISpec, compiled: CompiledResource) -> None:
    declared = compiled.declared
    spec.components.schema(_name_of(compiled), item_schema(compiled))
    root = f"{PREFIX}/{compiled.name}"
    tag = [declared.title]
    one = declared.title_one.lower()
    a_one = f"an {one}" if one[0] in "aeio" else f"a {one}"
    many: Json = {"get": _list(compiled, tag)}
    single: Json = {
        "get": _operation(tag, f"One {one}", {"200": _answer(compiled)}, ["401", "403", "404"]),
    }
    if declared.writable:
        spec.components.schema(_name_of(compiled, "Create"), write_schema(compiled, partial=False))
        spec.components.schema(_name_of(compiled, "Change"), write_schema(compiled, partial=True))
        many["post"] = _operation(
            tag,
            f"Add {a_one}",
            {"201": _answer(compiled)},
            ["400", "401", "403", "409", "422", "503"],
            body=_ref(compiled, "Create"),
        )
        single["patch"] = _operation(
            tag,
            f"Change {a_one}",
            {"200": _answer(compiled)},
            ["400", "401", "403", "404", "409", "412", "422", "428", "503"],
            body=_ref(compiled, "Change"),
            parameters=[_IF_MATCH],
        )
        if declared.deletable:
            single["delete"] = _operation(
                tag,
                f"Delete {a_one}",
                {"204": {"description": "Gone."}},
                ["401", "403", "404", "409", "412", "428", "503"],
                parameters=[_IF_MATCH],
            )
        _add_writes(spec, compiled, root, tag)
    spec.path(root, operations=many)
    spec.path(f"{root}/{{id}}", operations=single, parameters=[_ID])
    _add_reads(spec, compiled, root, tag)
    for action in declared.actions:
        spec.path(
            f"{root}/{{id}}/{action.name}", parameters=[_ID], operations={"post": _act(compiled, action, tag)}
        )


def _add_writes(spec: APISpec, compiled: CompiledResource, root: str, tag: list[str]) -> None:
    change_with_id: Json = {
        "allOf": [
            {
                "type": "object",
                "required": ["id", "version"],
                "properties": {"id": {"type": "integer"}, "version": {"type": "integer"}},
            },
            {"type": "object"},
        ]
    }
    bulk: Json = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "create": {"type": "array", "items": _ref(compiled, "Create")},
            "update": {"type": "array", "items": change_with_id},
            "delete": {"type": "array", "items": {"type": ["integer", "object"]}},
        },
    }
    errors = ["400", "401", "403", "404", "409", "412", "422", "503"]
    done = {"200": _json({"type": "object"}, "What was done: created, updated, deleted.")}
    spec.path(f"{root}/bulk", operations={"post": _operation(tag, "Many at once", done, errors, body=bulk)})
    took = {"200": _json({"type": "object"}, "Counts of rows, and the errors of rejected ones.")}
    switches = [_query(name, {"type": "boolean"}) for name in ("dry_run", "update", "skip_unknown")]
    switches += [_query(name, {"type": "string"}) for name in ("encoding", "delimiter")]
    take = _operation(tag, "Import a sheet", took, ["400", "401", "403", "422", "503"], parameters=switches)
    take["requestBody"] = {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
    spec.path(f"{root}/import", operations={"post": take})
    version = {
        "type": "object",
        "required": ["version"],
        "additionalProperties": False,
        "properties": {"version": {"type": "integer"}},
    }
    revert = _operation(
        tag,
        "Go back to an earlier version",
        {"200": _answer(compiled)},
        ["400", "401", "403", "404", "409", "412", "422", "503"],
        body=version,
    )
    spec.path(f"{root}/{{id}}/revert", parameters=[_ID], operations={"post": revert})


def _add_reads(spec: APISpec, compiled: CompiledResource, root: str, tag: list[str]) -> None:
    listing = _json(_page_of({"type": "object"}), "Newest first.")
    paging = [p for p in _paging() if p["name"] in ("limit", "cursor")]
    told = _operation(
        tag, "What happened to it", {"200": listing}, ["401", "403", "404", "422"], parameters=paging
    )
    spec.path(f"{root}/{{id}}/history", parameters=[_ID], operations={"get": told})
    sheet: Json = {
        "description": "The sheet.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "array", "items": _ref(compiled)}},
        },
    }
    parameters = [_query("format", {"type": "string", "enum": ["csv", "json"]}), *_filters(compiled)]
    export = _operation(
        tag, "Export as a sheet", {"200": sheet}, ["401", "403", "422"], parameters=parameters
    )
    spec.path(f"{root}/export", operations={"get": export})


def _list(compiled: CompiledResource, tag: list[str]) -> Json:
    answer = _json(_page_of(_ref(compiled)), "One page.")
    parameters = [*_paging(), *_filters(compiled)]
    return _operation(
        tag, compiled.declared.title, {"200": answer}, ["401", "403", "422"], parameters=parameters
    )


def _act(compiled: CompiledResource, action: Action, tag: list[str]) -> Json:
    properties: Json = {}
    for each in action.fields:
        properties[each.name] = _action_field(each.kind, each.choices)
    body: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    required = [each.name for each in action.fields if each.required]
    if required:
        body["required"] = required
    operation = _operation(
        tag,
        action.title,
        {"200": _answer(compiled, answers=action.answers)},
        ["400", "401", "403", "404", "409", "422", "503"],
        body=body,
    )
    operation["requestBody"]["required"] = bool(required)
    return operation


def _action_field(kind: str, choices: Mapping[str, str] | None) -> Json:
    if kind == "integer" or kind.startswith("reference:"):
        return {"type": ["integer", "null"], "minimum": INT_MIN, "maximum": INT_MAX}
    if kind in ("number", "boolean"):
        return {"type": [kind, "null"]}
    schema: Json = {"type": ["string", "null"]}
    if choices is not None:
        schema = {"enum": [*choices, None]}
    elif kind in ("date", "datetime"):
        schema["format"] = "date" if kind == "date" else "date-time"
    return schema


def _operation(
    tags: list[str],
    summary: str,
    answers: Json,
    problems: Iterable[str],
    *,
    body: Json | None = None,
    parameters: Iterable[Json] = (),
) -> Json:
    operation: Json = {
        "tags": tags,
        "summary": summary,
        "responses": {**answers, **{status: _PROBLEM_REF for status in problems}},
    }
    if parameters:
        operation["parameters"] = list(parameters)
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _json(schema: Json, description: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _answer(compiled: CompiledResource, *, answers: Mapping[str, Any] | None = None) -> Json:
    schema = _ref(compiled)
    if answers:
        besides = {"type": "object", "required": [*answers], "properties": {**answers}}
        schema = {"allOf": [schema, besides]}
    answer = _json(schema, "The item.")
    if compiled.is_versioned:
        etag = {"schema": {"type": "string"}, "description": "Send it as If-Match to change the item."}
        answer["headers"] = {"ETag": etag}
    return answer


def _page_of(item: Json) -> Json:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": ["string", "null"]},
            "total": {"type": "integer"},
        },
    }


def _ref(compiled: CompiledResource, suffix: str = "") -> Json:
    return {"$ref": f"#/components/schemas/{_name_of(compiled, suffix)}"}


def _query(name: str, schema: Json, description: str = "") -> Json:
    parameter: Json = {"name": name, "in": "query", "schema": schema}
    if description:
        parameter["description"] = description
    return parameter


_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": MAX_ID},
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "The ETag that was read.",
}


def _paging() -> list[Json]:
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    return [
        _query("q", {"type": "string"}, "Words to look for; each must be found."),
        _query("sort", {"type": "string"}, "Field names, comma-separated; a leading - goes down."),
        _query("limit", limit),
        _query("cursor", {"type": "string"}, "'next' of the page before."),
        _query("total", {"type": "boolean"}, "Count all that the filters leave."),
    ]


def _filters(compiled: CompiledResource) -> list[Json]:
    table = ParameterTable(compiled)
    found = []
    for name, (field, op) in table.filters.items():
        schema: Json = {"type": "boolean"} if op == "isnull" else {"type": "string"}
        if op not in ("isnull", "in", "contains", "startswith"):
            schema = parameter_schema(field)
        found.append(_query(name, schema))
    return found
