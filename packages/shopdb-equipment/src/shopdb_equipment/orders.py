"""The rules of work orders: what follows from what is written in one, and what it does to its machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError
from shopdb.plugins import Actor, Written, now
from shopdb.services import get_item, key_of, update_item
from shopdb_equipment.days import day_of
from shopdb_equipment.meters import hours_at
from shopdb_equipment.models import WorkOrder

ORDERS = "equipment/work-orders"
MACHINES = "equipment"
CLOCKS_DIFFER = timedelta(minutes=5)
LONGEST_DOWNTIME = timedelta(days=3653)
_LAST_DONE = {"maintenance": "maintained_on", "calibration": "calibrated_on"}
"""Kind of order -> the machine's field that it moves."""


def status_of(order: Mapping[str, Any]) -> str:
    """What stands in an order, as one word."""
    if order.get("cancelled_because"):
        return "cancelled"
    if order.get("finished_at"):
        return "done"
    if order.get("waiting_for"):
        return "waiting"
    return "in_progress" if order.get("started_at") else "open"


def derive_order(state: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Status and downtime. A machine that is down until nobody knows when is up as soon as the work is done."""
    begins, ends, finished = (state.get(name) for name in ("downtime_from", "downtime_until", "finished_at"))
    if begins is not None and ends is None and finished is not None and finished >= begins:
        ends = finished
    return {
        "status": status_of(state),
        "opened_at": state.get("opened_at") or now(),
        "downtime_until": ends,
        "downtime_minutes": None
        if begins is None or ends is None
        else int((ends - begins).total_seconds() // 60),
    }


def check_order(session: Session, state: Mapping[str, Any], order_id: int | None) -> None:
    """Times in their order, and a calibration that says how it ended.

    Raises:
        InvalidError: with a sentence for each field that is wrong.
    """
    errors = _wrong_times(state)
    if state.get("kind") == "calibration" and status_of(state) == "done" and state.get("result") is None:
        errors["result"] = ["Say how the calibration ended: passed, adjusted or failed."]
    if errors:
        name, texts = next(iter(errors.items()))
        raise InvalidError(f"{name}: {texts[0]}", errors=errors)


def _wrong_times(state: Mapping[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    finished = state.get("finished_at")
    for name, earlier in (("finished_at", "started_at"), ("downtime_until", "downtime_from")):
        ends, begins = state.get(name), state.get(earlier)
        if ends is not None and begins is not None and ends < begins:
            errors[name] = [f"{_told(ends)} is before {_told(begins)}, when it began."]
    if finished is not None and finished > now() + CLOCKS_DIFFER:
        errors["finished_at"] = [f"{_told(finished)} is yet to come: give the time when it was finished."]
    begins, ends = state.get("downtime_from"), state.get("downtime_until") or finished
    if begins is not None and ends is not None and ends - begins > LONGEST_DOWNTIME:
        errors["downtime_from"] = [f"{_told(begins)} is more than ten years before {_told(ends)}."]
    if state.get("downtime_until") is not None and begins is None:
        errors["downtime_from"] = ["Say since when the machine is down."]
    return errors


def follow_up(session: Session, written: Written) -> None:
    """Number a new order; move the machine's due date when it is done, and back when it is reopened."""
    if written.before is None and not written.after.get("number"):
        _give_number(session, written.item_id)
    was, is_now = _service_of(written.before), _service_of(written.after)
    if was == is_now:
        return
    if was is not None:
        _take_back(session, written.item_id, was, actor=written.actor)
    if is_now is not None:
        _count(session, written.item_id, is_now, actor=written.actor)


@dataclass(frozen=True, slots=True)
class _Service:
    """A maintenance or calibration that was done."""

    machine_id: int
    kind: str
    finished_at: datetime
    result: str | None
    certificate: str | None


def _service_of(order: Mapping[str, Any] | None) -> _Service | None:
    if order is None or order["status"] != "done" or order["kind"] not in _LAST_DONE:
        return None
    return _Service(
        machine_id=order["equipment"],
        kind=order["kind"],
        finished_at=order["finished_at"],
        result=order.get("result"),
        certificate=order.get("certificate_number"),
    )


def _give_number(session: Session, order_id: int) -> None:
    """``WO-00042``, or with a letter behind it where somebody has written that by hand."""
    number = f"WO-{order_id:05}"
    for letter in ("", *"bcdefghijklmnopqrstuvwxyz"):
        free = f"{number}{letter}"
        if not session.scalar(select(exists().where(WorkOrder.number_key == key_of(free)))):
            break
    numbered = update(WorkOrder).where(WorkOrder.id == order_id)
    session.execute(numbered.values(number=free, number_key=key_of(free)))


def _count(session: Session, order_id: int, service: _Service, *, actor: Actor) -> None:
    machine = get_item(session, MACHINES, service.machine_id, with_extra=False)
    day = day_of(session, service.finished_at)
    last: date | None = machine[_LAST_DONE[service.kind]]
    if last is not None and last > day:
        return
    changes: dict[str, Any] = {_LAST_DONE[service.kind]: day}
    if service.kind == "calibration":
        changes["calibration_result"] = service.result
        if service.certificate:
            changes["certificate_number"] = service.certificate
    elif (hours := hours_at(session, service.machine_id, service.finished_at)) is not None:
        changes["maintained_at_h"] = hours
    before = {name: machine[name] for name in changes}
    session.execute(update(WorkOrder).where(WorkOrder.id == order_id).values(machine_before=before))
    update_item(session, MACHINES, service.machine_id, changes, actor=actor)


def _take_back(session: Session, order_id: int, service: _Service, *, actor: Actor) -> None:
    """As it was before the order counted, unless something later counts by now."""
    before = session.scalar(select(WorkOrder.machine_before).where(WorkOrder.id == order_id))
    if before is None:
        return
    session.execute(update(WorkOrder).where(WorkOrder.id == order_id).values(machine_before=None))
    machine = get_item(session, MACHINES, service.machine_id, with_extra=False)
    if machine[_LAST_DONE[service.kind]] == day_of(session, service.finished_at):
        update_item(session, MACHINES, service.machine_id, before, actor=actor)


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
