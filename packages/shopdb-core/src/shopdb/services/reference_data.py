"""What a new site begins with: statuses, asset types, roles."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from shopdb.models import AssetType, Status
from shopdb.resources.declare import Actor
from shopdb.resources.write import create_item
from shopdb.services.role import seed_roles

STATUSES: Final[tuple[dict[str, Any], ...]] = (
    {"name": "Ready", "kind": "deployable", "is_default": True, "notes": "Works and is free to be used."},
    {"name": "In use", "kind": "deployable", "notes": "Works and is in its place."},
    {"name": "In repair", "kind": "undeployable", "notes": "Broken, and someone is on it."},
    {"name": "Spare", "kind": "deployable", "notes": "Kept to replace another one."},
    {"name": "Retired", "kind": "archived", "notes": "Gone for good; its history stays."},
)

ASSET_TYPES: Final[tuple[dict[str, Any], ...]] = (
    {"name": "Tool", "slug": "tool"},
    {"name": "Furniture", "slug": "furniture"},
    {"name": "Vehicle", "slug": "vehicle"},
    {"name": "Other", "slug": "other", "notes": "What no other type fits. Plugins bring their own types."},
)


def seed_reference_data(session: Session, *, actor: Actor) -> None:
    """Write the statuses, asset types and roles of a new site; kinds that have any stay as they are."""
    connection = session.connection()
    for resource, model, rows in (
        ("statuses", Status, STATUSES),
        ("asset-types", AssetType, ASSET_TYPES),
    ):
        if connection.execute(select(model.id).limit(1)).first() is None:
            for row in rows:
                create_item(session, resource, row, actor=actor)
    seed_roles(session, actor=actor)
