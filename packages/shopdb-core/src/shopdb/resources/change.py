"""The change record, its event and the search index, written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert
from sqlalchemy.orm import Session

from shopdb.models import ChangeRecord, Event
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.declare import Actor
from shopdb.search.index import index_change

LABEL_LENGTH = 255


def record_change(
    session: Session,
    compiled: CompiledResource,
    *,
    action: str,
    item_id: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    fields: Sequence[str],
    actor: Actor,
    at: datetime,
) -> int:
    """Write who changed what, with the whole item before and after, the event that tells of it, and what finds it.

    Secrets are in neither: an item never holds them.

    Returns:
        The id of the change.
    """
    shown: Mapping[str, Any] = after or before or {}
    label = shown.get(compiled.declared.label) or shown.get("name") or shown.get("asset_tag")
    connection = session.connection()
    result = connection.execute(
        insert(ChangeRecord).values(
            at=at,
            resource=compiled.name,
            item_id=item_id,
            label=None if label is None else str(label)[:LABEL_LENGTH],
            action=action,
            version=shown.get("version", 1) + (1 if action == "delete" else 0),
            user_id=actor.user_id,
            actor=actor.name,
            source=actor.source,
            fields=list(fields),
            before=plain_json(before),
            after=plain_json(after),
        )
    )
    assert result.inserted_primary_key is not None
    change_id = int(result.inserted_primary_key[0])
    payload = {
        "change": change_id,
        "resource": compiled.name,
        "item_id": item_id,
        "action": action,
        "fields": list(fields),
    }
    connection.execute(insert(Event).values(at=at, kind=f"item.{action}", payload=payload))
    index_change(connection, compiled, item_id, before=before, after=after)
    return change_id


def plain_json(item: Mapping[str, Any] | None) -> Any:
    """An item as JSON values only: times as text."""
    return None if item is None else orjson.loads(orjson.dumps(item, option=orjson.OPT_UTC_Z))
