"""Many changes of one resource at once: all or nothing, each error with its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from shopdb.errors import InvalidError, RequestError
from shopdb.resources.declare import Actor
from shopdb.resources.registry import registry_of
from shopdb.resources.rows import Item
from shopdb.resources.turn import take_turn
from shopdb.resources.values import MAX_ID
from shopdb.resources.write import create_item, delete_item, update_item

MAX_OPERATIONS = 1000


class BulkError(RequestError):
    """Some operations of a bulk request can't be done, so none was. Carries the status of the first."""

    title = "Nothing was changed"

    def __init__(self, failures: list[tuple[str, int, RequestError]]):
        first = failures[0][2]
        self.status = first.status
        errors = [each for failure in failures for each in _told(*failure)]
        super().__init__(
            f"{len(failures)} of the operations can't be done, so none was: {failures[0][0]} "
            f"{failures[0][1]}: {first}",
            errors=errors,
        )


def apply_bulk(session: Session, name: str, body: Any, *, actor: Actor) -> dict[str, Any]:
    """Create, update and delete in one transaction, which the caller commits.

    Args:
        body: ``{"create": [fields], "update": [{"id", "version", fields}], "delete": [id | {"id", "version"}]}``.

    Returns:
        ``{"created": [items], "updated": [items], "deleted": [ids]}``.

    Raises:
        InvalidError: the body's shape is wrong.
        BulkError: an operation failed.
    """
    operations = _operations(body)
    take_turn(session.connection(), registry_of(session).get(name).turn)
    done: dict[str, list[Any]] = {"created": [], "updated": [], "deleted": []}
    failures: list[tuple[str, int, RequestError]] = []
    for verb, entries in operations.items():
        run, kept = _VERBS[verb]
        for index, entry in enumerate(entries):
            try:
                done[kept].append(run(session, name, entry, actor))
            except RequestError as error:
                failures.append((verb, index, error))
    if failures:
        raise BulkError(failures)
    return done


def _operations(body: Any) -> dict[str, list[Any]]:
    shape = 'Expected {"create": […], "update": […], "delete": […]}'
    if not isinstance(body, Mapping):
        raise InvalidError(f"{shape}, got something else.")
    errors: dict[str, list[str]] = {}
    for key, value in body.items():
        if key not in _VERBS:
            errors[str(key)[:80]] = [f"is none of {', '.join(_VERBS)}."]
        elif not isinstance(value, list):
            errors[key] = ["is not a list."]
    if errors:
        raise InvalidError(shape, errors=errors)
    count = sum(len(value) for value in body.values())
    if count > MAX_OPERATIONS:
        raise InvalidError(f"{count} operations are asked for; at most {MAX_OPERATIONS} are done at once.")
    return {verb: body[verb] for verb in _VERBS if verb in body}


def _create(session: Session, name: str, entry: Any, actor: Actor) -> Item:
    return create_item(session, name, entry, actor=actor)


def _update(session: Session, name: str, entry: Any, actor: Actor) -> Item:
    if not isinstance(entry, Mapping):
        raise InvalidError("Expected an object with id, version and the fields to change.")
    fields = {key: value for key, value in entry.items() if key not in ("id", "version")}
    version = _whole(entry, "version")
    return update_item(session, name, _whole(entry, "id"), fields, actor=actor, version=version)


def _delete(session: Session, name: str, entry: Any, actor: Actor) -> int:
    if not isinstance(entry, Mapping):
        entry = {"id": entry}
    version = _whole(entry, "version") if "version" in entry else None
    item_id = _whole(entry, "id")
    delete_item(session, name, item_id, actor=actor, version=version)
    return item_id


def _whole(entry: Mapping[str, Any], key: str) -> int:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidError(
            f"{key} is needed, as a whole number.", errors={key: ["A whole number is needed."]}
        )
    return value if 0 <= value <= MAX_ID else 0


_VERBS: dict[str, tuple[Callable[[Session, str, Any, Actor], Any], str]] = {
    "create": (_create, "created"),
    "update": (_update, "updated"),
    "delete": (_delete, "deleted"),
}


def _told(verb: str, index: int, error: RequestError) -> list[dict[str, Any]]:
    if isinstance(error.errors, Mapping) and error.errors:
        return [
            {"operation": verb, "index": index, "field": field, "message": text, "status": error.status}
            for field, texts in error.errors.items()
            for text in texts
        ]
    return [{"operation": verb, "index": index, "field": None, "message": str(error), "status": error.status}]
