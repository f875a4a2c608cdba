"""What pages need to know of statuses and asset types beyond their names; kept for a few seconds."""

from dataclasses import dataclass
from time import monotonic

from sqlalchemy import false, literal, select, union_all
from sqlalchemy.orm import Session

from shopdb.models import AssetType, Status

KEPT_S = 10.0
TONES = {
    "deployable": ("good", "circle-check"),
    "pending": ("notice", "clock"),
    "undeployable": ("warning", "alert-triangle"),
    "archived": ("muted", "archive"),
}
"""Meaning of a status -> tone and icon of its badge."""


def status_tone(kind: str) -> tuple[str, str]:
    """Tone and icon of the badge of a status with that meaning."""
    return TONES.get(kind, ("muted", "circle-dot"))


@dataclass(frozen=True, slots=True)
class KnownType:
    """An asset type: its slug, and the plugin that brings it to life, if any."""

    slug: str
    plugin: str | None


class Known:
    """Statuses and asset types by id."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self.status_kinds: dict[int, str] = {}
        self.types: dict[int, KnownType] = {}
        self.default_status: int | None = None

    def refresh(self, session: Session) -> "Known":
        """Read again when what is kept is older than a few seconds: one statement."""
        if monotonic() - self._read_at > KEPT_S:
            self._read(session)
            self._read_at = monotonic()
        return self

    def forget(self) -> None:
        """Read again at the next use."""
        self._read_at = float("-inf")

    def tone(self, status_id: int) -> tuple[str, str]:
        """Tone and icon of a status' badge."""
        return status_tone(self.status_kinds.get(status_id, ""))

    def _read(self, session: Session) -> None:
        statuses, types = Status.__table__, AssetType.__table__
        both = union_all(
            select(literal("status"), statuses.c.id, statuses.c.kind, literal(""), statuses.c.is_default),
            select(literal("type"), types.c.id, types.c.slug, types.c.plugin, false()),
        )
        kinds: dict[int, str] = {}
        known: dict[int, KnownType] = {}
        self.default_status = None
        for what, id_, text, plugin, is_default in session.connection().execute(both):
            if what == "status":
                kinds[id_] = text
                self.default_status = id_ if is_default else self.default_status
            else:
                known[id_] = KnownType(text, plugin or None)
        self.status_kinds, self.types = kinds, known
