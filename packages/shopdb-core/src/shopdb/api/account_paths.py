"""OpenAPI of what changes users, roles and tokens, and of signing in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
_TEXT: Json = {"type": "string"}
_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that was read.",
    "schema": _TEXT,
}
_USER: Json = {
    "username": {"type": "string", "maxLength": 80},
    "password": {"type": "string", "minLength": 8, "maxLength": 1000, "writeOnly": True},
    "display_name": {"type": ["string", "null"], "maxLength": 160},
    "email": {"type": ["string", "null"], "maxLength": 254},
    "is_active": {"type": "boolean"},
    "is_admin": {"type": "boolean"},
    "roles": {"type": "array", "items": {"type": "integer"}},
}
_ROLE: Json = {
    "name": {"type": "string", "maxLength": 80},
    "notes": {"type": ["string", "null"], "maxLength": 500},
    "permissions": {"type": "array", "items": _TEXT, "example": ["*.view", "printers.*"]},
}
_TOKEN: Json = {
    "name": {"type": "string", "maxLength": 120},
    "read_only": {"type": "boolean"},
    "expires_at": {"type": ["string", "null"], "format": "date-time"},
    "user": {"type": "integer", "description": "Whom it acts as; for administrators."},
}
_TOKEN_ITEM: Json = {
    "type": "object",
    "required": ["id", "name", "user", "hint", "read_only", "version"],
    "properties": {
        "id": {"type": "integer"},
        "name": _TEXT,
        "user": {"$ref": "#/components/schemas/Reference"},
        "hint": _TEXT,
        "read_only": {"type": "boolean"},
        **{
            name: {"type": ["string", "null"], "format": "date-time"}
            for name in ("expires_at", "revoked_at", "last_used_at", "created_at", "updated_at")
        },
        "version": {"type": "integer"},
        "token": {"type": "string", "description": "The secret; in the answer that makes it, and no other."},
    },
}
_OBJECT: Json = {"type": "object"}
_READ, _WRITE = ("401", "403", "404"), ("400", "401", "403", "404", "409", "422", "503")
_CHANGE = (*_WRITE, "412", "428")


def _body(properties: Json, *required: str) -> Json:
    schema: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        schema["required"] = list(required)
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _operation(
    tag: str,
    summary: str,
    errors: Sequence[str],
    *,
    answer: tuple[str, Json | None] = ("204", None),
    body: Json | None = None,
    is_change: bool = False,
) -> Json:
    status, schema = answer
    done: Json = {"description": "Done."}
    if schema is not None:
        done["content"] = {"application/json": {"schema": schema}}
    problems = {error: {"$ref": "#/components/responses/Problem"} for error in errors}
    operation: Json = {"tags": [tag], "summary": summary, "responses": {status: done, **problems}}
    if body is not None:
        operation["requestBody"] = body
    if is_change:
        operation["parameters"] = [_IF_MATCH]
    return operation


def _with_id(operations: Json) -> Json:
    return {
        method: operation | {"parameters": [_ID, *operation.get("parameters", ())]}
        for method, operation in operations.items()
    }


def _writes(title: str, item: Json, properties: Json, *required: str) -> tuple[Json, Json]:
    """The operations that a collection and its items have beside reading."""
    one = {"Users": "a user", "Roles": "a role", "API tokens": "an API token"}[title]
    create = _operation(title, f"Add {one}", _WRITE, answer=("201", item), body=_body(properties, *required))
    change = _operation(
        title, f"Change {one}", _CHANGE, answer=("200", item), body=_body(properties), is_change=True
    )
    remove = _operation(title, f"Delete {one}", _CHANGE, is_change=True)
    return {"post": create}, _with_id({"patch": change, "delete": remove})


_USERS = _writes("Users", {"$ref": "#/components/schemas/Users"}, _USER, "username")
_ROLES = _writes("Roles", {"$ref": "#/components/schemas/Roles"}, _ROLE, "name")
_TOKENS = _writes("API tokens", _TOKEN_ITEM, _TOKEN, "name")
_TOKEN_PAGE: Json = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": _TOKEN_ITEM},
        "next": {"type": ["string", "null"]},
        "total": {"type": "integer"},
    },
}
_PASSWORDS: Json = {"current_password": _TEXT, "new_password": {"type": "string", "minLength": 8}}

PATHS: list[tuple[str, Json]] = [
    ("/api/v1/users", _USERS[0]),
    ("/api/v1/users/{id}", _USERS[1]),
    (
        "/api/v1/users/{id}/sign-out",
        _with_id({"post": _operation("Users", "End every sign-in of a user", _READ)}),
    ),
    ("/api/v1/roles", _ROLES[0]),
    ("/api/v1/roles/{id}", _ROLES[1]),
    (
        "/api/v1/roles/permissions",
        {"get": _operation("Roles", "Every permission there is", ("401", "403"), answer=("200", _OBJECT))},
    ),
    (
        "/api/v1/tokens",
        _TOKENS[0]
        | {"get": _operation("API tokens", "API tokens", ("401", "422"), answer=("200", _TOKEN_PAGE))},
    ),
    (
        "/api/v1/tokens/{id}",
        _with_id({"get": _operation("API tokens", "One API token", _READ, answer=("200", _TOKEN_ITEM))})
        | _TOKENS[1]
        | _with_id(
            {
                "patch": _operation(
                    "API tokens",
                    "Rename an API token",
                    _CHANGE,
                    answer=("200", _TOKEN_ITEM),
                    body=_body({"name": _TOKEN["name"]}),
                    is_change=True,
                )
            }
        ),
    ),
    (
        "/api/v1/auth/logout",
        {
            "post": _operation("Sign-in", "End this sign-in, or all", ("400", "401", "409", "422"))
            | {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "additionalProperties": False,
                                "properties": {"everywhere": {"type": "boolean"}},
                            }
                        }
                    }
                }
            }
        },
    ),
    (
        "/api/v1/auth/password",
        {
            "post": _operation(
                "Sign-in",
                "Change one's own password",
                ("400", "401", "403", "422", "429"),
                body=_body(_PASSWORDS, *_PASSWORDS),
            )
        },
    ),
]
