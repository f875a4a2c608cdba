"""What a problem code means."""

from dataclasses import dataclass
from typing import Literal

Stage = Literal["metadata", "static", "probe", "load", "verify", "run"]
Outcome = Literal["orphaned", "incompatible", "quarantined", "needs-migration", "degraded"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code means. ``outcome`` is None for a warning."""

    title: str
    stage: Stage
    outcome: Outcome | None
    cause: str
    remedy: str
