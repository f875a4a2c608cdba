"""Lists for plugins, by the same parameters as the API's."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from shopdb.resources.query import list_page, reader_of
from shopdb.resources.registry import registry_of
from shopdb.resources.rows import Item


def list_items(session: Session, name: str, parameters: Mapping[str, str] | None = None) -> list[Item]:
    """The first page of a resource.

    Args:
        parameters: As in the address of the collection, texts: ``{"host__isnull": "false", "limit": "1000"}``.

    Raises:
        InvalidError: a parameter is unknown or its value is wrong.
    """
    reader = reader_of(registry_of(session), name)
    return list_page(session, name, reader.parameters.parse((parameters or {}).items())).items
