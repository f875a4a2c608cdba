"""Bulletins as banners, and who has pressed “Got it”."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Notice, Panel, Viewer
from shopdb.services import list_items
from shopdb_notifications.bulletin import (
    RESOURCE,
    TONES,
    VIEW,
    Concern,
    Whereabouts,
    list_concerns,
    list_readers,
)

SHOWN_CHARACTERS = 280
_ICONS = {"info": "info-circle", "warning": "alert-triangle", "danger": "alert-octagon"}
_NAMED = 50


def list_notices(session: Session, whereabouts: Whereabouts, viewer: Viewer) -> list[Notice]:
    """The banners of a page."""
    return [_notice(each, viewer) for each in list_concerns(session, whereabouts, viewer.user_id)]


def _notice(concern: Concern, viewer: Viewer) -> Notice:
    """Whoever can't open the bulletin's page reads all of it here."""
    text = " ".join((concern.text or "").split())
    may_read = viewer.may(VIEW)
    if may_read and len(text) > SHOWN_CHARACTERS:
        text = f"{text[:SHOWN_CHARACTERS].rsplit(' ', 1)[0]} …"
    return Notice(
        title=concern.title if concern.title.endswith((".", "!", "?")) else f"{concern.title}.",
        text=f"Planned downtime. {text}".strip() if concern.is_planned_downtime else text,
        tone=TONES[concern.severity],
        icon="barrier-block" if concern.is_planned_downtime else _ICONS[concern.severity],
        until=concern.ends_at,
        url=f"/{RESOURCE}/{concern.id}" if may_read else "",
        button="" if concern.is_read or not _is_acknowledged(concern) else "Got it",
        post_to=f"/{RESOURCE}/{concern.id}/acknowledge",
    )


def _is_acknowledged(concern: Concern) -> bool:
    """A danger stays on the page whoever has read it, so it has a button only where it is to be confirmed."""
    return concern.wants_acknowledgement or concern.severity != "danger"


def list_panels(session: Session, item: Mapping[str, Any]) -> list[Panel]:
    """Who has acknowledged a bulletin; who has not, for those who may know the accounts."""
    readers = list_readers(session, item["id"])
    values = {"readers": readers[:_NAMED], "more": max(0, len(readers) - _NAMED), "item": item}
    panels = [Panel(title="Got it", template="notifications/readers.html", values=values, order=60)]
    if item["wants_acknowledgement"] and item["state"] == "shown":
        current = {user for user, _, _, is_current in readers if is_current}
        accounts = list_items(session, "users", {"is_active": "true", "limit": "1000", "sort": "username"})
        missing = [each["display_name"] or each["username"] for each in accounts if each["id"] not in current]
        told = {"missing": missing[:_NAMED], "more": max(0, len(missing) - _NAMED), "count": len(missing)}
        panels.append(
            Panel(
                title="Not yet",
                template="notifications/missing.html",
                values=told,
                order=61,
                permission="core.users.view",
            )
        )
    return panels
