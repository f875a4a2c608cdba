"""What can be wrong with a plugin: stable codes, each with its cause and its remedy.

A `Problem` is one finding about one plugin. `shopdb.plugins.catalogue` lists every code; the page of a
code is ``docs/reference/problems/<code>.md``, made from its entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from shopdb.plugins.catalogue import CATALOGUE, Entry, Outcome, Stage

State = Literal[
    "available",
    "active",
    "degraded",
    "disabled",
    "needs-migration",
    "incompatible",
    "quarantined",
    "orphaned",
]

GRAVITY: tuple[Outcome, ...] = ("orphaned", "incompatible", "quarantined", "needs-migration", "degraded")


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one plugin.

    Args:
        code: From the catalogue; stable.
        stage: Where it was found.
        message: One sentence with the value as it was given.
        remedy: A command, as it is typed, or an exact edit, as a sentence.
        where: ``file:line``, a path, or None.
    """

    code: str
    stage: Stage
    message: str
    remedy: str
    where: str | None = None

    @property
    def outcome(self) -> Outcome | None:
        """The state that it puts the plugin in; None for a warning."""
        return CATALOGUE[self.code].outcome

    @property
    def sentence(self) -> str:
        """Message and remedy, for people."""
        is_command = self.remedy[:1].islower()
        return f"{self.message} {'Run: ' if is_command else ''}{self.remedy}".strip()

    def asdict(self) -> dict[str, Any]:
        """As ``plugin list --json`` shows it."""
        return {
            "code": self.code,
            "stage": self.stage,
            "message": self.message,
            "remedy": self.remedy,
            "where": self.where,
        }


def make_problem(code: str, message: str, remedy: str, where: object = None) -> Problem:
    """A finding, with the stage that the catalogue gives the code."""
    place = None if where is None else str(where)
    return Problem(code, CATALOGUE[code].stage, message, remedy, place)


def read_problem(value: Any) -> Problem | None:
    """A finding from its remembered form; None where the code is no longer known."""
    try:
        code, message, remedy, where = (value[key] for key in ("code", "message", "remedy", "where"))
        return make_problem(code, str(message), str(remedy), where)
    except (KeyError, TypeError):
        return None


def worst(problems: Iterable[Problem]) -> Outcome | None:
    """The gravest state among the findings; None when they are warnings only."""
    found = {problem.outcome for problem in problems}
    return next((outcome for outcome in GRAVITY if outcome in found), None)


def is_blocking(problems: Iterable[Problem]) -> bool:
    """Whether the findings keep the plugin from being loaded."""
    return worst(problems) not in (None, "degraded")


def render_page(code: str) -> str:
    """The reference page of a code, in Markdown."""
    entry: Entry = CATALOGUE[code]
    effect = (
        "A warning: the plugin works."
        if entry.outcome is None
        else f"The plugin is `{entry.outcome}`. The site, core and the other plugins go on."
    )
    return (
        f"# {code}\n\n{entry.title}.\n\n- Found at stage `{entry.stage}`\n- {effect}\n\n"
        f"## Cause\n\n{entry.cause}\n\n## Remedy\n\n{entry.remedy}\n"
    )
