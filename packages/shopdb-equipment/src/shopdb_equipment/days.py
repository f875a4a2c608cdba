"""Days of the site: which day a moment falls on, and when a day ends."""

from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from shopdb.plugins import now


def today(session: Session) -> date:
    """The day that it is on the site."""
    return day_of(session, now())


def day_of(session: Session, moment: datetime) -> date:
    """The day that a moment falls on."""
    return moment.astimezone(UTC).date()


def end_of(session: Session, day: date) -> datetime:
    """The last moment of a day, to the second."""
    return datetime.combine(day, time(23, 59, 59), UTC)
