"""Sample bulletins, a board for the wall and a rule for ``shopdb demo``."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Actor, Demo, JobContext, now
from shopdb.services import create_item, list_items
from shopdb_notifications.board import set_token

TOKEN = "demo"
"""The address of the demo's board ends with it: nothing in a demo is worth a secret."""

_ACTOR = Actor(name="shopdb demo", source="demo")


def seed(context: JobContext) -> None:
    """Write the samples through the ordinary service path."""
    at = now()
    with context.database.write() as session:
        cell = _find(session, "locations", "Cell 2 – milling", "Cell")
        machine = _find(session, "assets", "Mill 2", "Mill")
        bulletins: list[dict[str, Any]] = [
            {
                "title": "Compressed air is off for maintenance",
                "text": "The main line of cell 2 is opened. Finish running parts before, then press feed hold and leave "
                "the spindles at rest. Tom Okafor says when it is back.",
                "severity": "warning",
                "location": cell,
                "is_planned_downtime": True,
                "wants_acknowledgement": True,
                "starts_at": at + timedelta(hours=3),
                "ends_at": at + timedelta(hours=7),
            },
            {
                "title": "Fire drill on Thursday",
                "text": "The alarm sounds between 10 and 11. Leave by the nearest exit and gather at the gatehouse.",
                "starts_at": at - timedelta(hours=2),
                "ends_at": at + timedelta(days=2),
            },
            {
                "title": "Spindle of mill 2 runs hot",
                "text": "At most 6,000 rpm until the bearing is changed.",
                "severity": "danger",
                "asset": machine,
                "wants_acknowledgement": True,
                "starts_at": at - timedelta(hours=26),
            },
        ]
        for values in bulletins:
            if "asset" not in values or values["asset"] is not None:
                create_item(session, "notifications", values, actor=_ACTOR)
        board = {"name": "Shop floor", "ahead_hours": 48}
        made = create_item(session, "notifications/boards", board, actor=_ACTOR)
        set_token(session, made["id"], TOKEN, made_by=_ACTOR.name)
        _write_rule(session)


def _write_rule(session: Session) -> None:
    """A webhook rule that is off: it shows how one is written, and sends nothing."""
    channel = {
        "name": "Maintenance system",
        "kind": "webhook",
        "url": "https://maintenance.example.com/hooks/shopdb",
        "secret": "change me",
        "is_active": False,
    }
    made = create_item(session, "notifications/channels", channel, actor=_ACTOR)
    rule = {
        "name": "Something is in repair",
        "resource": "assets",
        "channel": made["id"],
        "on_delete": False,
        "fields": "status",
        "condition": 'item.status.name == "In repair"',
        "subject": "{{ label }} is in repair",
        "is_active": False,
    }
    create_item(session, "notifications/rules", rule, actor=_ACTOR)


def _find(session: Session, resource: str, name: str, near: str) -> int | None:
    """The item of that name, else one whose name begins so, else none."""
    for parameters in ({"name": name}, {"name__startswith": near}):
        found = list_items(session, resource, {**parameters, "limit": "1"})
        if found:
            return int(found[0]["id"])
    return None


DEMO = Demo(seed=seed, after=("equipment", "printers", "computers", "network", "usb"))
"""What the plugin adds to a demo."""
