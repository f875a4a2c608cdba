"""Whose turn it is: when each device was asked, how that went, and when it is asked again.

A device that stays silent is asked less and less often, up to once an hour; one that answers, at the interval.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, or_
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.columns import Text, UtcDateTime

LONGEST_BACK_OFF_S = 3600


class Schedule:
    """Mixin of a table that has a row for each device that was asked, by ``asset_id`` (see `shopdb.db.AssetRow`).

    A migration makes ``polled_at``, ``attempted_at``, ``last_error_at UtcDateTime``, ``next_poll_at
    UtcDateTime`` with an index, ``failures Integer`` (never NULL) and ``last_error Text``. It is a table of its own
    beside the device's: a poll never changes an asset's version.

    Attributes:
        polled_at: When it last answered.
        attempted_at: When it was last asked.
        next_poll_at: When its turn comes; None for at once.
        failures: How often in a row it did not answer.
        last_error: Why it did not answer the last time; None when it did.
    """

    if TYPE_CHECKING:
        asset_id: Mapped[int]

    polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_poll_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text())
    last_error_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    def note_answer(self, at: datetime, *, interval_s: int) -> None:
        """It has answered."""
        self.polled_at = self.attempted_at = at
        self.next_poll_at = at + timedelta(seconds=interval_s)
        self.failures, self.last_error, self.last_error_at = 0, None, None

    def note_failure(self, message: str, at: datetime, *, interval_s: int) -> None:
        """It has not answered; what it said before stays."""
        self.failures = (self.failures or 0) + 1
        longest_s = max(LONGEST_BACK_OFF_S, interval_s)
        wait_s = min(interval_s * 2 ** min(self.failures - 1, 10), longest_s)
        self.attempted_at = self.last_error_at = at
        self.next_poll_at = at + timedelta(seconds=wait_s)
        self.last_error = message


def select_due(
    statement: Select[Any], schedule: type[Schedule], *, key: ColumnElement[int] | Any, at: datetime
) -> Select[Any]:
    """Those of the statement's devices whose turn it is: new ones, then those that wait longest.

    Args:
        key: The devices' ``asset_id``.
    """
    turn = schedule.next_poll_at
    return (
        statement.join(schedule, schedule.asset_id == key, isouter=True)
        .where(or_(turn.is_(None), turn <= at))
        .order_by(turn.is_not(None), turn, key)
    )
