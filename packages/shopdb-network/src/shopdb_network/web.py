"""The free addresses of a prefix, as many as are asked for."""

from typing import Any

from flask import Blueprint, request

from shopdb.errors import InvalidError
from shopdb.plugins import Views, current_context
from shopdb_network.usage import SCHEMA, get_plan, tell_plan

DEFAULT_LIMIT, MAX_LIMIT = 50, 1000
MAX_ID = 2**31 - 1
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_ANSWER = {
    "type": "object",
    "required": ["items", "prefix", *SCHEMA],
    "properties": {
        "items": {"type": "array", "items": {"type": "string"}, "title": "The lowest free addresses"},
        "prefix": {"type": "string"},
        **SCHEMA,
    },
}
_FREE: dict[str, Any] = {
    "tags": ["Prefixes"],
    "summary": "The lowest free addresses of a prefix",
    "parameters": [
        {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_ID},
        },
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        },
    ],
    "responses": {
        "200": {"description": "Free addresses.", "content": {"application/json": {"schema": _ANSWER}}},
        **dict.fromkeys(("404", "422"), _PROBLEM),
    },
}


def views() -> Views:
    """The plugin's part of the API."""
    blueprint = Blueprint("network", __name__)
    blueprint.add_url_rule(f"/prefixes/<int(min=1, max={MAX_ID}):prefix_id>/free", "free", list_free)
    permissions = {"free": "network.prefixes.view"}
    return Views(
        blueprint=blueprint, permissions=permissions, api=True, paths={"/prefixes/{id}/free": {"get": _FREE}}
    )


def list_free(prefix_id: int) -> dict[str, Any]:
    """``GET /api/v1/network/prefixes/{id}/free?limit=``: ``{"items": [addresses], "prefix", "size", "used", …}``."""
    limit = _read_limit()
    with current_context("network").database.read() as session:
        plan = get_plan(session, prefix_id)
    return {
        "items": [str(address) for address in plan.find_free(limit)],
        "prefix": str(plan.network),
        **tell_plan(plan),
    }


def _read_limit() -> int:
    unknown = sorted(set(request.args) - {"limit"})
    if unknown:
        raise _wrong(unknown[0][:80], "is not a parameter of free addresses: limit is the only one.")
    texts = request.args.getlist("limit")
    if not texts:
        return DEFAULT_LIMIT
    text = texts[0]
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    if len(texts) > 1 or not is_number or not 1 <= int(text) <= MAX_LIMIT:
        raise _wrong("limit", f"{', '.join(texts)[:60]!r} is not a number from 1 to {MAX_LIMIT}.")
    return int(text)


def _wrong(name: str, text: str) -> InvalidError:
    return InvalidError(f"{name} {text}", errors={name: [text]})
