"""How a computer stands: is its operating system still mended, is there an image, what follows from a date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from shopdb.plugins import Badge
from shopdb_computers.support import find_support_end

SUPPORT = {
    "supported": Badge("Supported", "good"),
    "ends_soon": Badge("Ends soon", "warning"),
    "ended": Badge("Out of support", "danger"),
    "allowed": Badge("Out of support, allowed", "notice"),
    "unknown": Badge("Not known", "muted"),
}
"""State of the operating system's support -> how it is told."""

IMAGE = {
    "fresh": Badge("Fresh", "good"),
    "late": Badge("Too old", "warning"),
    "never": Badge("Never made", "danger"),
    "allowed": Badge("None, allowed", "notice"),
}
"""State of the image -> how it is told."""

DUTY = {"machine": Badge("Drives a machine", "notice"), "none": Badge("Drives none", "muted")}
"""Whether it drives a machine -> how it is told."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The site's settings and the moment, as states are judged by."""

    at: datetime
    stale_days: int
    image_days: int
    support_warning_days: int

    @property
    def today(self) -> date:
        """The day in UTC."""
        return self.at.date()

    @property
    def stale_before(self) -> datetime:
        """Whatever was last seen before is stale."""
        return self.at - timedelta(days=self.stale_days)

    @property
    def image_before(self) -> datetime:
        """An image from before is too old, where the computer says nothing of its own."""
        return self.at - timedelta(days=self.image_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a computer's standing is judged by. One without a row of its own has none of them."""

    os_support_ends: date | None = None
    last_image_at: datetime | None = None
    backup_interval_days: int | None = None
    image_due_at: datetime | None = None
    old_os_until: date | None = None
    no_image_until: date | None = None
    drives: bool = False


def judge_support(facts: Facts, rules: Rules) -> str:
    """A key of `SUPPORT`."""
    ends = facts.os_support_ends
    if ends is None:
        return "unknown"
    if ends < rules.today:
        is_allowed = facts.old_os_until is not None and facts.old_os_until >= rules.today
        return "allowed" if is_allowed else "ended"
    return "ends_soon" if ends <= rules.today + timedelta(days=rules.support_warning_days) else "supported"


def judge_image(facts: Facts, rules: Rules) -> str | None:
    """A key of `IMAGE`; None where there is none and none is asked for.

    One is asked for where an interval is set, or a machine is driven.
    """
    is_asked_for = facts.backup_interval_days is not None or facts.drives
    if facts.last_image_at is None:
        if not is_asked_for:
            return None
        is_allowed = facts.no_image_until is not None and facts.no_image_until >= rules.today
        return "allowed" if is_allowed else "never"
    if facts.image_due_at is not None:
        return "late" if facts.image_due_at < rules.at else "fresh"
    return "late" if facts.drives and facts.last_image_at < rules.image_before else "fresh"


def derive(state: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """When the next image is due, and the end of support where it was not typed.

    A date from the table follows the operating system; a typed one stays until it is emptied.
    """
    return {"image_due_at": _image_due(state), **_support(state, before or {})}


def _image_due(state: Mapping[str, Any]) -> datetime | None:
    made, days = state.get("last_image_at"), state.get("backup_interval_days")
    if made is None or days is None:
        return None
    try:
        return made + timedelta(days=days)  # type: ignore[no-any-return]  # a field's value
    except OverflowError:  # behind the year 9999
        return None


def _support(state: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    ends = state.get("os_support_ends")
    known = find_support_end(state.get("os_name"), state.get("os_version"), state.get("os_edition"))
    is_typed = ends is not None and (
        ends != before.get("os_support_ends") or before.get("os_support_source") == "typed"
    )
    if is_typed and ends != known:
        return {"os_support_source": "typed"}
    return {"os_support_ends": known, "os_support_source": "table" if known is not None else None}
