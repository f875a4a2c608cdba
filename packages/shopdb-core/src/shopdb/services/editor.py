"""Who stands behind what an item does on its own: the person who changed it last, with the rights they have now."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from shopdb.models import ChangeRecord
from shopdb.plugins.values import Viewer
from shopdb.resources.registry import registry_of
from shopdb.services.principal import find_principal_of_user

_OF_THE_HOST = frozenset({"cli", "demo", "job"})
"""Ways in that nobody signs in for: whoever has them has the site."""


def find_editor(session: Session, resource: str, item_id: int) -> Viewer | None:
    """Who last changed an item: what it shows or tells to others goes no further than they may see.

    Returns:
        None where that is nobody any more: the account is gone or switched off, or the item has no history.
        For what was written on the command line, someone who may see everything.
    """
    last = (
        select(ChangeRecord.user_id, ChangeRecord.actor, ChangeRecord.source)
        .where(ChangeRecord.resource == resource, ChangeRecord.item_id == item_id)
        .order_by(ChangeRecord.id.desc())
        .limit(1)
    )
    row = session.connection().execute(last).first()
    if row is None:
        return None
    if row.user_id is not None:
        principal = find_principal_of_user(session, row.user_id)
        return None if principal is None else principal.as_viewer()
    if row.source in _OF_THE_HOST:
        return Viewer(user_id=0, name=row.actor, may=lambda permission: True)
    return None


def may_view(session: Session, viewer: Viewer, resource: str) -> bool:
    """Whether someone may see the items of a resource; no where there is no such resource here."""
    found = registry_of(session).find(resource)
    return found is not None and viewer.may(found.declared.permission("view"))
