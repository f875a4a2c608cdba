"""What is done with a machine or an order by pressing a button."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from shopdb.errors import ConflictError, InvalidError, StaleVersionError
from shopdb.plugins import Action, ActionCall, ActionField, Actor, now
from shopdb.services import create_item, update_item
from shopdb_equipment.meters import READINGS
from shopdb_equipment.orders import ORDERS
from shopdb_equipment.words import CLOSED, METERS, PRIORITIES, RESULTS, STATUSES

OPEN = tuple(status for status in STATUSES if status not in CLOSED)


def _report(call: ActionCall) -> None:
    values = dict(call.values)
    if values.pop("stands_still", False):
        values["downtime_from"] = now()
    reported = {"equipment": call.item["id"], "kind": "breakdown", "opened_by": call.actor.name, **values}
    with call.context.database.write() as session:
        create_item(session, ORDERS, reported, actor=call.actor)


def _read_meter(call: ActionCall) -> None:
    values = call.values
    read = {
        "equipment": call.item["id"],
        "read_at": values.get("read_at"),
        "replaced": values.get("replaced", False),
        "read_by": call.actor.name,
    }
    given = {meter: values[meter] for meter in METERS if values.get(meter) is not None}
    if not given:
        text = "Say what a counter shows: operating hours, parts made, or both."
        raise InvalidError(text, errors={"hours": [text]})
    with call.context.database.write() as session:
        for meter, value in given.items():
            _write_reading(session, {**read, "meter": meter, "value": value}, actor=call.actor)


def _write_reading(session: Session, reading: Mapping[str, Any], *, actor: Actor) -> None:
    """Keep a reading; what is wrong with its value is told of the field that it was typed into."""
    try:
        create_item(session, READINGS, reading, actor=actor)
    except InvalidError as error:
        told = dict(error.errors) if isinstance(error.errors, Mapping) else {}
        errors = {reading["meter"] if name == "value" else name: texts for name, texts in told.items()}
        raise InvalidError(str(error), errors=errors) from error


def _start(call: ActionCall) -> None:
    item, values = call.item, call.values
    assigned = {"assigned_to": values["assigned_to"]} if "assigned_to" in values else {}
    _move(call, OPEN, {"started_at": item["started_at"] or now(), "waiting_for": None, **assigned})


def _wait(call: ActionCall) -> None:
    _move(call, OPEN, {"waiting_for": call.values["waiting_for"]})


def _finish(call: ActionCall) -> None:
    values = dict(call.values)
    hours = values.pop("hours", None)
    _move(call, OPEN, {"finished_at": now(), "waiting_for": None, **values}, hours=hours)


def _cancel(call: ActionCall) -> None:
    _move(call, OPEN, dict(call.values))


def _reopen(call: ActionCall) -> None:
    _move(call, CLOSED, dict.fromkeys(("finished_at", "started_at", "waiting_for", "cancelled_because")))


def _move(
    call: ActionCall, allowed: tuple[str, ...], changes: Mapping[str, Any], *, hours: float | None = None
) -> None:
    """Change an order as it was read: of two people who press at once, one is told that the other was first."""
    item = call.item
    if item["status"] not in allowed:
        raise ConflictError(
            f"It is {STATUSES[item['status']].lower()}, by {item['updated_at']:%Y-%m-%d %H:%M} UTC."
        )
    try:
        with call.context.database.write() as session:
            if hours is not None:
                read = {"equipment": item["equipment"]["id"], "meter": "hours", "value": hours}
                at = {"read_at": changes["finished_at"], "read_by": call.actor.name}
                _write_reading(session, {**read, **at}, actor=call.actor)
            update_item(session, ORDERS, item["id"], changes, actor=call.actor, version=item["version"])
    except StaleVersionError as error:
        raise ConflictError("Someone else changed it at the same moment. Look at it again.") from error


def _is(*statuses: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda item: item["status"] in statuses


def _is_kind(*kinds: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda item: item["kind"] in kinds


MACHINE_ACTIONS = (
    Action(
        name="report",
        title="Report a problem",
        run=_report,
        permission="report",
        icon="alert-triangle",
        fields=(
            ActionField(
                name="title", label="What is wrong", required=True, help="In a few words: coolant pump leaks."
            ),
            ActionField(
                name="description", kind="text", label="More about it", help="When, how often, which message."
            ),
            ActionField(name="stands_still", kind="boolean", label="The machine stands still"),
            ActionField(name="priority", choices=PRIORITIES, label="Priority", help="Normal, when empty."),
        ),
    ),
    Action(
        name="read-meter",
        title="Enter counters",
        run=_read_meter,
        permission="read_meter",
        icon="gauge",
        fields=(
            ActionField(
                name="hours", kind="number", label="Operating hours", help="As the machine shows them."
            ),
            ActionField(name="parts", kind="number", label="Parts made"),
            ActionField(name="read_at", kind="datetime", label="Read", help="Now, when empty."),
            ActionField(name="replaced", kind="boolean", label="The counter was replaced or set back"),
        ),
        shown_when=lambda item: item["kind"] != "gauge",
    ),
)
ORDER_ACTIONS = (
    Action(
        name="start",
        title="Start",
        run=_start,
        permission="work",
        fields=(
            ActionField(
                name="assigned_to", kind="reference:people", label="Who does it", help="As it is, when empty."
            ),
        ),
        shown_when=_is("open", "waiting"),
    ),
    Action(
        name="wait",
        title="Wait",
        run=_wait,
        permission="work",
        icon="player-pause",
        fields=(
            ActionField(
                name="waiting_for",
                label="What for",
                required=True,
                help="A part, a technician, a free machine.",
            ),
        ),
        shown_when=_is("open", "in_progress"),
    ),
    Action(
        name="finish",
        title="Finish",
        run=_finish,
        permission="work",
        icon="circle-check",
        fields=(
            ActionField(name="work_done", kind="text", label="What was done"),
            ActionField(
                name="result",
                label="Result",
                choices=RESULTS,
                help="A calibration needs one.",
                shown_when=_is_kind("calibration", "inspection"),
            ),
            ActionField(
                name="certificate_number",
                label="Certificate",
                shown_when=_is_kind("calibration", "inspection"),
            ),
            ActionField(
                name="parts_used",
                kind="text",
                label="Parts used",
                shown_when=lambda item: item["kind"] != "calibration",
            ),
            ActionField(
                name="hours",
                kind="number",
                label="Operating hours",
                shown_when=_is_kind("breakdown", "maintenance"),
                help="As the machine shows them now.",
            ),
            ActionField(name="cost", kind="number", label="Cost"),
            ActionField(name="finished_at", kind="datetime", label="Finished", help="Now, when empty."),
        ),
        shown_when=_is(*OPEN),
    ),
    Action(
        name="cancel",
        title="Cancel",
        run=_cancel,
        permission="work",
        icon="ban",
        fields=(ActionField(name="cancelled_because", label="Why", required=True),),
        shown_when=_is(*OPEN),
    ),
    Action(
        name="reopen",
        title="Reopen",
        run=_reopen,
        permission="work",
        icon="arrow-back-up",
        shown_when=_is(*CLOSED),
    ),
)
