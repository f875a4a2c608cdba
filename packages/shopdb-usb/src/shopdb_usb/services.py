"""Check-out and check-in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb.errors import ConflictError, InvalidError
from shopdb.plugins import Actor, CardLine, now
from shopdb.services import create_item, get_item, list_items, table_of, update_item
from shopdb_usb.models import Checkout

RESOURCE = "usb/checkouts"


def check_out(
    session: Session,
    device_id: int,
    *,
    person_id: int,
    due_at: datetime | None,
    purpose: str | None,
    actor: Actor,
) -> None:
    """Hand a device to a person.

    Raises:
        ConflictError: it is with someone already.
        InvalidError: there is no such person, or it would be due in the past.
    """
    at = now()
    current = find_open(session, device_id)
    if current is not None:
        item = get_item(session, RESOURCE, current)
        raise ConflictError(
            f"It is with {item['person']['name']} since {item['checked_out_at']:%Y-%m-%d %H:%M} UTC: check it in first."
        )
    if due_at is not None and due_at <= at:
        text = f"{due_at:%Y-%m-%d %H:%M} UTC is past: choose a later time."
        raise InvalidError(f"due_at: {text}", errors={"due_at": [text]})
    values = {
        "device": device_id,
        "person": person_id,
        "purpose": purpose,
        "due_at": due_at,
        "checked_out_at": at,
        "checked_out_by": actor.name,
    }
    made = create_item(session, RESOURCE, values, actor=actor)
    try:
        session.execute(update(Checkout).where(Checkout.id == made["id"]).values(open_device_id=device_id))
    except IntegrityError as error:
        raise ConflictError("Someone else checked it out at the same moment. Look at it again.") from error


def check_in(
    session: Session, device_id: int, *, scan_result: str | None, notes: str | None, actor: Actor
) -> None:
    """Take a device back.

    Raises:
        ConflictError: it is not out.
    """
    current = find_open(session, device_id)
    if current is None:
        raise ConflictError("It is not checked out.")
    still_out = update(Checkout).where(Checkout.id == current, Checkout.open_device_id == device_id)
    if session.connection().execute(still_out.values(open_device_id=None)).rowcount != 1:
        raise ConflictError("Someone else took it back at the same moment.")
    changes = {"returned_at": now(), "returned_by": actor.name, "scan_result": scan_result, "notes": notes}
    update_item(session, RESOURCE, current, changes, actor=actor)


def find_open(session: Session, device_id: int) -> int | None:
    """The check-out that a device is out by, or None."""
    return session.execute(select(Checkout.id).where(Checkout.open_device_id == device_id)).scalar()


def load_open(session: Session, device_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """Who has each device, by device id; devices that are in are left out.

    Each is ``{"custody": "out" | "late", "held_by": name, "checkout": {…}}``.
    """
    people = table_of("people")
    columns = (
        Checkout.open_device_id,
        Checkout.id,
        Checkout.person_id,
        people.c.name,
        Checkout.purpose,
        Checkout.checked_out_at,
        Checkout.due_at,
    )
    statement = (
        select(*columns)
        .join(people, people.c.id == Checkout.person_id)
        .where(Checkout.open_device_id.in_(device_ids))
    )
    at = now()
    return {
        device: {
            "custody": "late" if due is not None and due < at else "out",
            "held_by": name,
            "checkout": {
                "id": id_,
                "person": {"id": person, "name": name},
                "purpose": purpose,
                "checked_out_at": since,
                "due_at": due,
                "overdue": due is not None and due < at,
            },
        }
        for device, id_, person, name, purpose, since, due in session.execute(statement)
    }


def has_custody(session: Session, custody: str) -> ColumnElement[bool]:
    """The condition on assets that are ``in``, ``out`` or ``late``."""
    is_out = table_of("assets").c.id == Checkout.open_device_id
    late = exists().where(is_out, Checkout.due_at < now())
    out = exists().where(is_out)
    return {"in": ~out, "out": and_(out, ~late), "late": late}[custody]


def list_log(session: Session, device_id: int) -> list[dict[str, Any]]:
    """The last check-outs of a device, newest first."""
    return list_items(session, RESOURCE, {"device": str(device_id), "sort": "-checked_out_at", "limit": "10"})


def list_late(session: Session, *, limit: int = 10) -> tuple[list[CardLine], int, str]:
    """The devices that are overdue, longest first; how many there are; where all are listed."""
    at = now()
    is_late = (Checkout.open_device_id.is_not(None), Checkout.due_at < at)
    assets, people = table_of("assets"), table_of("people")
    statement = (
        select(assets.c.id, func.coalesce(assets.c.name, assets.c.asset_tag), people.c.name, Checkout.due_at)
        .join_from(Checkout, assets, assets.c.id == Checkout.open_device_id)
        .join(people, people.c.id == Checkout.person_id)
        .where(*is_late)
        .order_by(Checkout.due_at, Checkout.id)
        .limit(limit)
    )
    lines = [
        CardLine(text=f"{name}: {person}", url=f"/usb/devices/{id_}", tone="danger", at=due)
        for id_, name, person, due in session.execute(statement)
    ]
    count = session.scalar(select(func.count()).select_from(Checkout).where(*is_late)) or 0
    query = {"returned_at__isnull": "true", "due_at__lt": at.isoformat(timespec="seconds"), "sort": "due_at"}
    return lines, count, f"/usb/checkouts?{urlencode(query)}"
