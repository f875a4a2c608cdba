"""What the API reads from a request: JSON bodies, ids, versions."""

from __future__ import annotations

import re
from typing import Any

import orjson
from flask import request

from shopdb.errors import (
    InvalidError,
    MalformedRequestError,
    NotFoundError,
    StaleVersionError,
    VersionRequiredError,
)
from shopdb.resources.values import MAX_ID

_ETAG = re.compile(r'(W/)?"([^"]*)"')


def json_body() -> Any:
    """The body as JSON values.

    Raises:
        MalformedRequestError: it is not JSON.
    """
    data = request.get_data(cache=False)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedRequestError(f"The body is not JSON: {error}.") from None


def json_object(*, optional: bool = False) -> dict[str, Any]:
    """The body as an object.

    Args:
        optional: Whether an empty body means an empty object.

    Raises:
        MalformedRequestError: it is not JSON.
        InvalidError: it is something else than an object.
    """
    if optional and not request.get_data():
        return {}
    data = orjson_loads_cached() if optional else json_body()
    if not isinstance(data, dict):
        raise InvalidError("Expected a JSON object of fields.")
    return data


def orjson_loads_cached() -> Any:
    """As `json_body`, for a body that was looked at before."""
    try:
        return orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise MalformedRequestError(f"The body is not JSON: {error}.") from None


def item_id(text: str) -> int:
    """The id in a path.

    Raises:
        NotFoundError: it is no number, or one that no item has.
    """
    if text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= MAX_ID:
        return int(text)
    raise NotFoundError(f"There is no item with id {text[:40]!r}.")


def expected_version(id_: int, *, required: bool = True) -> int | None:
    """The version that ``If-Match`` names; None where any will do.

    Raises:
        VersionRequiredError: there is no ``If-Match``.
        StaleVersionError: it names no version of this item.
    """
    header = request.headers.get("If-Match")
    if header is None or not header.strip():
        if not required:
            return None
        raise VersionRequiredError(
            "Send If-Match with the ETag that you read, so that nobody's change is overwritten."
        )
    if header.strip() == "*":
        return None
    for weak, tag in _ETAG.findall(header):
        own, _, version = tag.partition("-")
        if not weak and own == str(id_) and version.isascii() and version.isdigit() and len(version) <= 10:
            return int(version)
    raise StaleVersionError(f"If-Match {header[:80]!r} is no ETag of this item: read it again.")
