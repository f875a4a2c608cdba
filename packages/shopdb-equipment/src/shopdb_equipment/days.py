"""Days of the site: which day it is there, which day a moment falls on, when a day ends."""

import logging
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from shopdb.plugins import now
from shopdb.services import settings_of

_log = logging.getLogger(__name__)


def today(session: Session) -> date:
    """The day that it is on the site."""
    return day_of(session, now())


def day_of(session: Session, moment: datetime) -> date:
    """The day that a moment falls on."""
    try:
        return moment.astimezone(_site_zone(session)).date()
    except OverflowError:  # on the calendar's first or last day there is no other
        return moment.date()


def end_of(session: Session, day: date) -> datetime:
    """The last second of a day."""
    return datetime.combine(day, time(23, 59, 59), _site_zone(session)).astimezone(UTC)


def lead_days(session: Session) -> int:
    """How many days before it is due something is due soon."""
    return int(settings_of(session, "equipment")["lead_days"])


def _site_zone(session: Session) -> tzinfo:
    return find_zone(str(settings_of(session, "equipment")["time_zone"]))


@lru_cache
def find_zone(name: str) -> tzinfo:
    """The zone of that name; UTC, with a warning, where this host knows none."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _log.warning(
            "equipment.time_zone is %r, which this host doesn't know: UTC is taken. Name a zone of the IANA "
            "database, such as Europe/Stockholm, or install the package tzdata.",
            name,
        )
        return UTC
