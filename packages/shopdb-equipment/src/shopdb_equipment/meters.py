"""Counters of machines: what they showed, and how much that makes over all counters a machine has had."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError
from shopdb.plugins import now
from shopdb.services import table_of
from shopdb_equipment.models import MeterReading

READINGS = "equipment/meter-readings"
CLOCKS_DIFFER = timedelta(minutes=5)


def derive_reading(state: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """A reading without a time is of now."""
    return {"read_at": state.get("read_at") or now()}


def check_reading(session: Session, state: Mapping[str, Any], reading_id: int | None) -> None:
    """A counter only goes up, unless it was replaced.

    Raises:
        InvalidError: it goes down, or was read in the future.
    """
    at, value = state.get("read_at") or now(), state["value"]
    if at > now() + CLOCKS_DIFFER:
        _refuse("read_at", f"{at:%Y-%m-%d %H:%M} UTC is yet to come.")
    _hold(session, state["equipment"])
    earlier, later = _neighbours(session, state, at, reading_id)
    if earlier is not None and value < earlier.value and not state.get("replaced"):
        _refuse(
            "value",
            f"{value:g} is less than the {earlier.value:g} of {earlier.read_at:%Y-%m-%d}: look again, or say that "
            "the counter was replaced.",
        )
    if later is not None and value > later.value and not later.replaced:
        _refuse(
            "value", f"{value:g} is more than the {later.value:g} of {later.read_at:%Y-%m-%d}: look again."
        )


def _refuse(name: str, text: str) -> None:
    raise InvalidError(f"{name}: {text}", errors={name: [text]})


def _hold(session: Session, machine_id: int) -> None:
    """One reading of a machine after another, so that two at once can't pass each other by."""
    assets = table_of("assets")
    session.execute(select(assets.c.id).where(assets.c.id == machine_id).with_for_update())


def _neighbours(
    session: Session, state: Mapping[str, Any], at: datetime, reading_id: int | None
) -> tuple[Any, Any]:
    columns = (MeterReading.value, MeterReading.read_at, MeterReading.replaced)
    same = select(*columns).where(
        MeterReading.equipment_id == state["equipment"], MeterReading.meter == state["meter"]
    )
    if reading_id is not None:
        same = same.where(MeterReading.id != reading_id)
    same = same.limit(1).with_for_update()
    before = same.where(MeterReading.read_at <= at).order_by(
        MeterReading.read_at.desc(), MeterReading.id.desc()
    )
    after = same.where(MeterReading.read_at > at).order_by(MeterReading.read_at, MeterReading.id)
    return session.execute(before).first(), session.execute(after).first()


def totals_of(machine_ids: Sequence[int] | None = None, *, until: datetime | None = None) -> Select[Any]:
    """``equipment_id, meter, total, read_at`` of each machine and meter that was ever read.

    What a counter showed before it was replaced is added to what the new one has counted since.
    """
    counter = (MeterReading.equipment_id, MeterReading.meter)
    up, down = (MeterReading.read_at, MeterReading.id), (MeterReading.read_at.desc(), MeterReading.id.desc())
    rows = select(
        MeterReading.equipment_id,
        MeterReading.meter,
        MeterReading.value,
        MeterReading.read_at,
        MeterReading.replaced,
        func.lag(MeterReading.value).over(partition_by=counter, order_by=up).label("previous"),
        func.row_number().over(partition_by=counter, order_by=down).label("place"),
    ).where(*_within(machine_ids, until))
    each = rows.subquery("readings")
    carried = case((each.c.replaced, func.coalesce(each.c.previous, each.c.value) - each.c.value), else_=0.0)
    shown = func.max(case((each.c.place == 1, each.c.value)))
    return select(
        each.c.equipment_id,
        each.c.meter,
        (shown + func.sum(carried)).label("total"),
        func.max(each.c.read_at).label("read_at"),
    ).group_by(each.c.equipment_id, each.c.meter)


def _within(machine_ids: Sequence[int] | None, until: datetime | None) -> Iterable[ColumnElement[bool]]:
    if machine_ids is not None:
        yield MeterReading.equipment_id.in_(machine_ids)
    if until is not None:
        yield MeterReading.read_at <= until


def hours_at(session: Session, machine_id: int, moment: datetime) -> float | None:
    """A machine's operating hours at a moment, by the last reading before; None where there was none."""
    found = session.execute(totals_of([machine_id], until=moment))
    return next((total for _, meter, total, _ in found if meter == "hours"), None)
