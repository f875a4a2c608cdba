"""The one place that reads the time of day."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time: aware, UTC, whole microseconds."""
    return datetime.now(UTC)
