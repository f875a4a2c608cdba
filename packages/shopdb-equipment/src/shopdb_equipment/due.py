"""When a machine is due: pure rules on days and operating hours."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from shopdb.plugins import now

SOON_SHARE = 0.1
"""Maintenance by hours is due soon when this part of the interval is left."""


def derive_due(state: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The due dates that follow from the intervals and from what was done last.

    Where nobody knows when it was done last, it is due on the day that the interval was given.
    """
    known = before or {}
    hours = state.get("maintenance_interval_h")
    return {
        "maintenance_due_on": _maintenance_due(state, known),
        "maintenance_due_h": None if hours is None else (state.get("maintained_at_h") or 0.0) + hours,
        "calibration_due_on": _calibration_due(state, known),
    }


def _maintenance_due(state: Mapping[str, Any], known: Mapping[str, Any]) -> date | None:
    days = state.get("maintenance_interval_days")
    if days is None:
        return None
    starts = (state.get(name) for name in ("maintained_on", "commissioned_on", "installed_on"))
    start: date | None = next((day for day in starts if day is not None), None)
    return add_days(start, days) if start is not None else known.get("maintenance_due_on") or now().date()


def _calibration_due(state: Mapping[str, Any], known: Mapping[str, Any]) -> date | None:
    months, start = state.get("calibration_interval_months"), state.get("calibrated_on")
    if months is None:
        return None
    if start is None:
        return known.get("calibration_due_on") or now().date()
    return start if state.get("calibration_result") == "failed" else add_months(start, months)


def add_days(start: date, days: int) -> date:
    """So many days later; the calendar's last day where it ends before."""
    return start + timedelta(days=min(days, (date.max - start).days))


def add_months(start: date, months: int) -> date:
    """The same day so many months later; the month's last day where it has no such day.

    >>> add_months(date(2024, 1, 31), 13)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def calibration_state(machine: Mapping[str, Any], *, today: date, lead_days: int) -> str | None:
    """``in``, ``due_soon`` or ``out``; None for what is never calibrated."""
    if machine["calibration_result"] == "failed":
        return "out"
    due = machine["calibration_due_on"]
    if due is None:
        return None
    if machine["calibrated_on"] is None or due < today:
        return "out"
    return "due_soon" if due <= add_days(today, lead_days) else "in"


def maintenance_state(
    machine: Mapping[str, Any], *, hours: float | None, today: date, lead_days: int
) -> str | None:
    """``in``, ``due_soon`` or ``overdue``, by days or by hours, whichever is worse; None without an interval."""
    due, due_h, every_h = (
        machine[name] for name in ("maintenance_due_on", "maintenance_due_h", "maintenance_interval_h")
    )
    if due is None and due_h is None:
        return None
    left_h = None if due_h is None or hours is None else due_h - hours
    if (due is not None and due < today) or (left_h is not None and left_h <= 0):
        return "overdue"
    is_soon = (due is not None and due <= add_days(today, lead_days)) or (
        left_h is not None and left_h <= SOON_SHARE * every_h
    )
    return "due_soon" if is_soon else "in"
