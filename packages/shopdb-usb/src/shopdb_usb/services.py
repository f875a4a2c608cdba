"""Check-out and check-in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb.errors import ConflictError, InvalidError
from shopdb.plugins import Actor, CardLine, now
from shopdb.services import create_item, get_item, list_items, table_of, update_item
from shopdb_usb.certificate import find_standing, hold, quarantine
from shopdb_usb.models import STANDING, Certificate, Checkout

RESOURCE = "usb/checkouts"
SCAN_WITHIN = timedelta(minutes=15)
BARRED = {
    "lost": "It is recorded as lost: press Found again on its page first.",
    "destroyed": "It is recorded as destroyed.",
    "quarantined": "Its last scan found something: sanitise it first.",
}
"""Standing -> why a device is not handed out, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """To whom a device goes, and what for."""

    person_id: int
    due_at: datetime | None = None
    purpose: str | None = None
    used_on_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What was done with a device when it came back."""

    scan_result: str | None = None
    wipe: str | None = None
    notes: str | None = None


def check_out(session: Session, device_id: int, handover: Handover, *, actor: Actor) -> None:
    """Hand a device to a person.

    Raises:
        ConflictError: it is with someone already, lost, destroyed, quarantined or retired.
        InvalidError: there is no such person or machine, or it would be due in the past.
    """
    at = now()
    hold(session, device_id)
    _refuse_if_out(session, device_id)
    _refuse_if_barred(session, device_id)
    due_at = handover.due_at
    if due_at is not None and due_at <= at:
        text = f"{due_at:%Y-%m-%d %H:%M} UTC is past: choose a later time."
        raise InvalidError(f"due_at: {text}", errors={"due_at": [text]})
    people = table_of("people")
    number = select(people.c.employee_number).where(people.c.id == handover.person_id)
    values = {
        "device": device_id,
        **evidence_of(session, device_id),
        "person": handover.person_id,
        "employee_number": session.execute(number).scalar(),
        "purpose": handover.purpose,
        "used_on": handover.used_on_id,
        "due_at": due_at,
        "checked_out_at": at,
        "checked_out_by": actor.name,
    }
    made = create_item(session, RESOURCE, values, actor=actor)
    try:
        session.execute(update(Checkout).where(Checkout.id == made["id"]).values(open_device_id=device_id))
    except IntegrityError as error:
        raise ConflictError("Someone else checked it out at the same moment. Look at it again.") from error


def check_in(session: Session, device_id: int, came_back: Return, *, actor: Actor) -> int:
    """Take a device back; one that is infected is quarantined until it is sanitised.

    Returns:
        The id of the check-out that ends with it.

    Raises:
        ConflictError: it is not out.
    """
    hold(session, device_id)
    changes = {"scan_result": came_back.scan_result, "wipe": came_back.wipe, "notes": came_back.notes}
    checkout = close(session, device_id, "returned", changes, actor=actor)
    if came_back.scan_result == "infected":
        quarantine(session, device_id, checkout, actor=actor)
    return checkout


def note_scan(session: Session, checkout_id: int, scan_result: str, *, actor: Actor) -> int:
    """Say what the scan of a device found that was taken back just now without one.

    Returns:
        The device's id.

    Raises:
        ConflictError: it was scanned before, is out again, or came back more than a quarter of an hour ago.
    """
    item = get_item(session, RESOURCE, checkout_id)
    hold(session, item["device"]["id"])
    item = get_item(session, RESOURCE, checkout_id)
    back = item["returned_at"]
    is_open = (
        item["scan_result"] in (None, "not_scanned") and find_open(session, item["device"]["id"]) is None
    )
    if not is_open or back is None or back < now() - SCAN_WITHIN:
        raise ConflictError("The scan of this return can't be noted any more: open the device's page.")
    update_item(session, RESOURCE, checkout_id, {"scan_result": scan_result}, actor=actor)
    if scan_result == "infected":
        quarantine(session, item["device"]["id"], checkout_id, actor=actor)
    return int(item["device"]["id"])


def close(session: Session, device_id: int, outcome: str, changes: Mapping[str, Any], *, actor: Actor) -> int:
    """End the check-out that a device is out by; which one that is.

    Raises:
        ConflictError: it is not out.
    """
    current = find_open(session, device_id)
    if current is None:
        raise ConflictError("It is not checked out.")
    still_out = update(Checkout).where(Checkout.id == current, Checkout.open_device_id == device_id)
    if session.connection().execute(still_out.values(open_device_id=None)).rowcount != 1:
        raise ConflictError("Someone else took it back at the same moment.")
    told = {"returned_at": now(), "returned_by": actor.name, "outcome": outcome, **changes}
    update_item(session, RESOURCE, current, told, actor=actor)
    return current


def _refuse_if_out(session: Session, device_id: int) -> None:
    current = find_open(session, device_id)
    if current is not None:
        item = get_item(session, RESOURCE, current)
        raise ConflictError(
            f"It is with {item['person']['name']} since {item['checked_out_at']:%Y-%m-%d %H:%M} UTC: check it in first."
        )


def _refuse_if_barred(session: Session, device_id: int) -> None:
    standing = find_standing(session, device_id)
    if standing is not None:
        raise ConflictError(BARRED[standing])
    assets, statuses = table_of("assets"), table_of("statuses")
    status = select(statuses.c.name).join(assets, assets.c.status_id == statuses.c.id)
    retired = status.where(assets.c.id == device_id, statuses.c.kind == "archived")
    name = session.execute(retired).scalar()
    if name is not None:
        raise ConflictError(f"Its status is {name!r}: it is out of use. Change that first.")


def evidence_of(session: Session, device_id: int) -> dict[str, Any]:
    """Tag and serial number of a device as they are now."""
    assets = table_of("assets")
    row = session.execute(
        select(assets.c.asset_tag, assets.c.serial_number).where(assets.c.id == device_id)
    ).one()
    return {"device_tag": row.asset_tag, "device_serial": row.serial_number}


def find_open(session: Session, device_id: int) -> int | None:
    """The check-out that a device is out by, or None."""
    return session.execute(select(Checkout.id).where(Checkout.open_device_id == device_id)).scalar()


def load_open(session: Session, device_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """Where each device is, by its id; those that are in and may go out are left out.

    Each is ``{"custody": "out" | "late" | "lost" | …, "held_by": name, "checkout": {…}}``.
    """
    assets, people = table_of("assets"), table_of("people")
    machine = assets.alias("machine")
    columns = (
        assets.c.id.label("device"),
        Certificate.event,
        Checkout.id,
        Checkout.person_id,
        people.c.name.label("person"),
        Checkout.purpose,
        Checkout.checked_out_at,
        Checkout.due_at,
        Checkout.used_on_id,
        func.coalesce(machine.c.name, machine.c.asset_tag).label("used_on"),
    )
    statement = (
        select(*columns)
        .outerjoin_from(assets, Checkout, Checkout.open_device_id == assets.c.id)
        .outerjoin(Certificate, Certificate.standing_device_id == assets.c.id)
        .outerjoin(people, people.c.id == Checkout.person_id)
        .outerjoin(machine, machine.c.id == Checkout.used_on_id)
        .where(
            assets.c.id.in_(device_ids),
            or_(Checkout.id.is_not(None), Certificate.id.is_not(None)),
        )
    )
    at = now()
    return {row.device: _where_it_is(row, at) for row in session.execute(statement)}


def _where_it_is(row: Row[Any], at: datetime) -> dict[str, Any]:
    if row.id is None:
        return {"custody": row.event, "held_by": None, "checkout": None}
    is_late = row.due_at is not None and row.due_at < at
    used_on = None if row.used_on_id is None else {"id": row.used_on_id, "name": row.used_on}
    return {
        "custody": row.event or ("late" if is_late else "out"),
        "held_by": row.person,
        "checkout": {
            "id": row.id,
            "person": {"id": row.person_id, "name": row.person},
            "purpose": row.purpose,
            "used_on": used_on,
            "checked_out_at": row.checked_out_at,
            "due_at": row.due_at,
            "overdue": is_late,
        },
    }


def has_custody(session: Session, custody: str) -> ColumnElement[bool]:
    """The condition on assets that are ``in``, ``out``, ``late``, ``lost``, ``destroyed`` or ``quarantined``."""
    device = table_of("assets").c.id
    is_out = device == Checkout.open_device_id
    late, out = exists().where(is_out, Checkout.due_at < now()), exists().where(is_out)
    barred = exists().where(device == Certificate.standing_device_id)
    if custody in STANDING:
        return exists().where(device == Certificate.standing_device_id, Certificate.event == custody)
    told = {"in": ~out, "out": and_(out, ~late), "late": late}
    return and_(told[custody], ~barred)


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
