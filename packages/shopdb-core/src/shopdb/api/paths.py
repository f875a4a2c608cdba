"""OpenAPI of the paths that no resource makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from shopdb.plugins.values import Views
from shopdb.resources.parameters import DEFAULT_LIMIT, MAX_LIMIT
from shopdb.search.term import LONGEST_TERM

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_LOGIN_BODY: Json = {
    "type": "object",
    "required": ["username", "password"],
    "additionalProperties": False,
    "properties": {
        "username": {"type": "string", "maxLength": 255},
        "password": {"type": "string", "maxLength": 1024},
    },
}
_TOKEN: Json = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in"],
    "properties": {
        "access_token": {"type": "string"},
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds."},
    },
}
_HIT: Json = {
    "type": "object",
    "required": ["resource", "id", "title", "detail", "url", "kind", "source", "exact"],
    "properties": {
        "resource": {
            "type": ["string", "null"],
            "description": "null: the hit leads to a page, not to an item.",
        },
        "id": {"type": ["integer", "null"]},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "url": {"type": "string", "description": "Of its page, from the site's root."},
        "kind": {"type": "string"},
        "source": {"type": ["string", "null"], "description": "The plugin's search source that found it."},
        "exact": {"type": "boolean", "description": "It is what was asked for, not something like it."},
    },
}
_FOUND: Json = {
    "type": "object",
    "required": ["items", "next", "left_out"],
    "properties": {
        "items": {"type": "array", "items": _HIT},
        "next": {"type": ["string", "null"]},
        "left_out": {
            "type": "array",
            "description": "Sources that failed or took too long.",
            "items": {
                "type": "object",
                "required": ["source", "reason"],
                "properties": {"source": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}


def _json(schema: Json, description: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _query(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


PATHS: list[tuple[str, Json]] = [
    (
        "/api/v1/auth/login",
        {
            "post": {
                "tags": ["Sign-in"],
                "summary": "Sign in",
                "security": [],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": _LOGIN_BODY}},
                },
                "responses": {
                    "200": _json(_TOKEN, "A token for the Authorization header."),
                    **dict.fromkeys(("400", "401", "422", "429"), _PROBLEM),
                },
            }
        },
    ),
    (
        "/api/v1/auth/me",
        {
            "get": {
                "tags": ["Sign-in"],
                "summary": "Who am I, and what may I do",
                "responses": {"200": _json({"type": "object"}, "The signed-in user."), "401": _PROBLEM},
            }
        },
    ),
    (
        "/api/v1/search",
        {
            "get": {
                "tags": ["Search"],
                "summary": "Find anything that the caller may see",
                "parameters": [
                    _query("q", {"type": "string", "minLength": 1, "maxLength": LONGEST_TERM}, required=True),
                    _query(
                        "limit",
                        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
                    ),
                    _query("cursor", {"type": "string"}),
                    _query(
                        "type",
                        {"type": "string", "description": "A resource or a source. assets: every asset."},
                    ),
                ],
                "responses": {
                    "200": _json(_FOUND, "What was found, the best first."),
                    **dict.fromkeys(("401", "422"), _PROBLEM),
                },
            }
        },
    ),
    (
        "/api/v1/plugins",
        {
            "get": {
                "tags": ["Plugins"],
                "summary": "What is found, installed, and wrong",
                "responses": {
                    "200": _json({"type": "object"}, "Every plugin with its state and problems."),
                    **dict.fromkeys(("401", "403"), _PROBLEM),
                },
            }
        },
    ),
]


def paths_of(views: Iterable[tuple[str, Views]]) -> Iterator[tuple[str, Json]]:
    """What plugins say of their own views under the API.

    Args:
        views: Each with its plugin's name.
    """
    refused = dict.fromkeys(("401", "403"), _PROBLEM)
    for plugin, each in views:
        for path, operations in each.paths.items() if each.api else ():
            yield (
                f"/api/v1/{plugin}{path}",
                {
                    method: {
                        "tags": [plugin.capitalize()],
                        **operation,
                        "responses": {**operation.get("responses", {}), **refused},
                    }
                    for method, operation in operations.items()
                },
            )
