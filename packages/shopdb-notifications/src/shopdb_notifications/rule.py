"""Rules: which changes are told, and when."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError, NotFoundError, SettingsError
from shopdb.plugins import Change, now
from shopdb.services import Condition, find_editor, list_items, may_view, settings_of, table_of
from shopdb_notifications.message import describe
from shopdb_notifications.models import Channel, Delivery, Rule
from shopdb_notifications.settings import zone_of

RESOURCE = "notifications/rules"
EVERY = "*"
_FLAGS = {"create": Rule.on_create, "update": Rule.on_update, "delete": Rule.on_delete}


def check_rule(session: Session, state: Mapping[str, Any], rule_id: int | None) -> None:
    """It names a resource that is here, and something that may happen to it.

    Raises:
        InvalidError: it doesn't.
    """
    name = state["resource"]
    if name != EVERY:
        try:
            list_items(session, name, {"limit": "1"})
        except NotFoundError:
            text = f"There is no {name!r} here. Write it as the API does: assets, printers, usb/devices."
            raise InvalidError(f"resource: {text}", errors={"resource": [text]}) from None
    if not any(state.get(f"on_{action}") for action in _FLAGS):
        text = "Tick at least one of added, changed and deleted."
        raise InvalidError(f"on_update: {text}", errors={"on_update": [text]})
    if state.get("digest") == "daily":
        try:
            zone_of(settings_of(session, "notifications"))
        except SettingsError as error:
            raise InvalidError(f"daily_at: {error}", errors={"daily_at": [str(error)]}) from error


def queue(session: Session, change: Change) -> int:
    """Write what is to be sent of a change, once however often it is told; returns how many deliveries."""
    rules = _list_rules(session, change)
    if not rules:
        return 0
    changes = table_of("changes")
    found = session.connection().execute(select(changes).where(changes.c.id == change.id)).mappings().first()
    if found is None:
        return 0
    known = set(session.scalars(select(Delivery.rule_id).where(Delivery.change_id == change.id)))
    payload = describe(dict(found))
    rows = [row for rule in rules if rule.id not in known for row in _deliver(session, rule, change, payload)]
    if rows:
        session.execute(insert(Delivery), rows)
    return len(rows)


def _list_rules(session: Session, change: Change) -> list[Rule]:
    flag = _FLAGS.get(change.action)
    if flag is None:
        return []
    statement = (
        select(Rule)
        .join(Channel, Channel.id == Rule.channel_id)
        .where(
            Rule.is_active,
            Channel.is_active,
            flag,
            or_(Rule.resource == change.resource, Rule.resource == EVERY),
        )
        .order_by(Rule.id)
    )
    return [rule for rule in session.scalars(statement) if _names(rule, change)]


def _names(rule: Rule, change: Change) -> bool:
    wanted = {name.strip() for name in (rule.fields or "").split(",") if name.strip()}
    return change.action != "update" or not wanted or bool(wanted & set(change.fields))


def _deliver(
    session: Session, rule: Rule, change: Change, payload: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The delivery of a change by a rule; none where its condition says no or its editor may not see it."""
    editor = find_editor(session, RESOURCE, rule.id)
    if editor is None or not may_view(session, editor, change.resource):
        return []
    at = now()
    problem = None
    try:
        if rule.condition and not Condition(str(rule.condition)).holds(payload):
            return []
    except (InvalidError, ValueError) as error:
        problem = f"The rule's condition can't be answered: {error}"
    due, message_id = _slot(rule, change, at, settings_of(session, "notifications"))
    return [
        {
            "rule_id": rule.id,
            "channel_id": rule.channel_id,
            "change_id": change.id,
            "resource": change.resource,
            "item_id": change.item_id,
            "label": payload["label"][:255],
            "action": change.action,
            "state": "waiting" if problem is None else "failed",
            "due_at": due,
            "attempts": 0,
            "last_error": problem,
            "message_id": message_id,
            "payload": dict(payload),
            "version": 1,
            "created_at": at,
            "updated_at": at,
        }
    ]


def _slot(rule: Rule, change: Change, at: datetime, settings: Mapping[str, Any]) -> tuple[datetime, str]:
    """When it is sent, and the id of the message; what goes together has one id."""
    if rule.digest == "at_once":
        return at, str(
            uuid5(NAMESPACE_URL, f"shopdb:rule:{rule.id}:change:{change.id}:{change.at.isoformat()}")
        )
    due = _next_hour(at) if rule.digest == "hourly" else _next_day(at, str(rule.daily_at), settings)
    return due, str(uuid5(NAMESPACE_URL, f"shopdb:rule:{rule.id}:digest:{due.isoformat()}"))


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _next_day(at: datetime, clock_time: str, settings: Mapping[str, Any]) -> datetime:
    hour, _, minute = clock_time.partition(":")
    try:
        zone: tzinfo = zone_of(settings)
    except SettingsError:  # told where a rule is written; a change is not lost over it
        zone = UTC
    local = at.astimezone(zone)
    due = local.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return due if due > local else due + timedelta(days=1)
