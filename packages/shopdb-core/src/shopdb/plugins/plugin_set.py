"""The plugins of a started site, and the frozen callers of their hooks."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from shopdb.db import Database
from shopdb.plugins.contribution import Contribution
from shopdb.plugins.found import Source
from shopdb.plugins.hooks import Implementation
from shopdb.plugins.problems import Problem, make_problem
from shopdb.plugins.values import Card, Change, Demo, Job, Notice, Panel, Setting, Viewer, Views
from shopdb.plugins.verdict import Verdict
from shopdb.resources.declare import Resource
from shopdb.search.source import SearchSource

if TYPE_CHECKING:
    import click
    from sqlalchemy.orm import Session

_log = logging.getLogger(__name__)
T = TypeVar("T")
HARMFUL = (Exception, SystemExit, GeneratorExit)
"""What a plugin's hook may raise without ending the process."""
_SERIOUS: Mapping[str, int] = {"danger": 0, "warning": 1, "notice": 2}


@dataclass(frozen=True, kw_only=True)
class LoadedPlugin:
    """A plugin that runs in this process. Core is the first of them."""

    name: str
    title: str
    dist: str | None
    version: str
    source: Source
    package_dir: Path
    module: object
    contribution: Contribution = field(repr=False, default_factory=Contribution)
    implementations: Mapping[str, Implementation] = field(repr=False, default_factory=dict)

    @property
    def settings(self) -> Mapping[str, Any]:
        """The values of its settings."""
        return self.contribution.values


class PluginSet:
    """What was loaded, and the verdict on everything that was found.

    Args:
        plugins: Core first, then each plugin after those that it needs.
        required: Names that ``serve`` can't do without.
        is_strict: Whether it can't do without any that is installed and enabled.
    """

    def __init__(
        self,
        plugins: Iterable[LoadedPlugin],
        verdicts: Iterable[Verdict] = (),
        *,
        required: Iterable[str] = (),
        is_strict: bool = False,
        is_safe_mode: bool = False,
    ):
        self.plugins = tuple(plugins)
        self._verdicts = tuple(verdicts)
        self.required = tuple(required)
        self.is_strict = is_strict
        self.is_safe_mode = is_safe_mode
        self.failures: Counter[str] = Counter()
        """How often hooks of each plugin have failed in this process since it started."""
        self._panels = self._callers("shopdb_add_panels")
        self._cards = self._callers("shopdb_add_cards")
        self._notices = self._callers("shopdb_add_notices")
        self._item_changed = self._callers("shopdb_on_item_changed")

    def get(self, name: str) -> LoadedPlugin | None:
        """The loaded plugin of that name, if it is loaded."""
        return next((plugin for plugin in self.plugins if plugin.name == name), None)

    def resources(self) -> list[Resource]:
        """Every resource, with its plugin filled in; core's first."""
        return [one for plugin in self.plugins for one in plugin.contribution.resources]

    def views(self) -> list[tuple[str, Views]]:
        """Every blueprint with its plugin's name."""
        return [(plugin.name, one) for plugin in self.plugins for one in plugin.contribution.views]

    def commands(self) -> list[tuple[str, click.Command]]:
        """Every command with its plugin's name."""
        return [(plugin.name, one) for plugin in self.plugins for one in plugin.contribution.commands]

    def jobs(self) -> list[tuple[str, Job]]:
        """Every job with its plugin's name."""
        return [(plugin.name, one) for plugin in self.plugins for one in plugin.contribution.jobs]

    def search_sources(self) -> list[tuple[str, SearchSource]]:
        """Every search source with its plugin's name."""
        return [(plugin.name, one) for plugin in self.plugins for one in plugin.contribution.search_sources]

    def setting_specs(self) -> list[tuple[str, Setting]]:
        """Every setting with its plugin's name."""
        return [(plugin.name, one) for plugin in self.plugins for one in plugin.contribution.settings]

    def demos(self) -> list[tuple[str, Demo]]:
        """What each plugin adds to a demo, asked now; a plugin that fails is left out."""
        return self._gather(self._callers("shopdb_register_demos"), {}, Demo)

    def add_panels(self, resource: str, item: dict[str, Any], session: Session) -> list[tuple[str, Panel]]:
        """The panels of an item's page with their plugins' names, smaller order first; a failing one is left out."""
        if not self._panels:
            return []
        values = {"resource": resource, "item": item, "session": session}
        panels = self._gather(self._panels, values, Panel)
        return sorted(panels, key=lambda one: one[1].order)

    def add_cards(self, viewer: Viewer, session: Session, *, also_empty: bool = False) -> list[Card]:
        """The start page's cards that the viewer may see and that say something, smaller order first."""
        found = self._gather(self._cards, {"viewer": viewer, "session": session}, Card)
        shown = [card for _, card in found if (card.lines or also_empty) and viewer.may(card.permission)]
        return sorted(shown, key=lambda card: card.order)

    @property
    def has_notices(self) -> bool:
        """Whether any plugin puts banners on pages."""
        return bool(self._notices)

    def add_notices(
        self, resource: str | None, item: dict[str, Any] | None, viewer: Viewer, session: Session
    ) -> list[Notice]:
        """The banners of a page, the most serious first."""
        values = {"resource": resource, "item": item, "viewer": viewer, "session": session}
        notices = [notice for _, notice in self._gather(self._notices, values, Notice)]
        return sorted(notices, key=lambda notice: _SERIOUS.get(notice.tone, len(_SERIOUS)))

    def tell_item_changed(self, change: Change, database: Database) -> list[str]:
        """Tell every plugin of a change, each in a transaction of its own.

        Returns:
            The names of the plugins that failed; what they had written is undone.
        """
        failed = []
        for caller in self._item_changed:
            try:
                with database.write() as session:
                    caller.call({"change": change, "session": session})
            except HARMFUL:
                self.note_failure(caller.plugin, "shopdb_on_item_changed")
                failed.append(caller.plugin)
        return failed

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdict on everything that was found; a plugin whose hooks fail in this process is degraded."""
        if not self.failures:
            return self._verdicts
        return tuple(self._with_failures(verdict) for verdict in self._verdicts)

    def states(self) -> dict[str, str]:
        """Plugin -> state, as ``/readyz`` shows it."""
        return {verdict.name: verdict.state for verdict in self.verdicts}

    def note_failure(self, plugin: str, what: str) -> None:
        """Count and log the exception that is being handled, where a plugin's part was left out."""
        self.failures[plugin] += 1
        _log.exception("Plugin %r failed in %s (failure %d)", plugin, what, self.failures[plugin])

    def _with_failures(self, verdict: Verdict) -> Verdict:
        count = self.failures[verdict.name]
        if not count or not verdict.is_working:
            return verdict
        message = f"Hooks of plugin {verdict.name!r} failed {count} times since this process started."
        problem = make_problem("hook-failing", message, f"shopdb plugin disable {verdict.name}")
        return replace(verdict, state="degraded", problems=(*verdict.problems, problem))

    def _callers(self, hook: str) -> tuple[Implementation, ...]:
        return tuple(
            plugin.implementations[hook] for plugin in self.plugins if hook in plugin.implementations
        )

    def _gather(
        self, callers: Iterable[Implementation], values: Mapping[str, Any], kind: type[T]
    ) -> list[tuple[str, T]]:
        gathered: list[tuple[str, T]] = []
        for caller in callers:
            try:
                result = list(caller.call(values))
                if not all(isinstance(one, kind) for one in result):
                    raise TypeError(f"{caller.function.__name__} must return a list of {kind.__name__}")
            except HARMFUL:
                self.note_failure(caller.plugin, caller.function.__name__)
            else:
                gathered += [(caller.plugin, one) for one in result]
        return gathered


def required_failures(plugins: PluginSet) -> list[Problem]:
    """Why ``serve`` must not start: the problems of required plugins that don't work.

    With ``plugin_errors = "strict"`` every installed and enabled plugin is required, and so is a stated
    range for core. In safe mode nothing is.
    """
    if plugins.is_safe_mode:
        return []
    by_name = {verdict.name: verdict for verdict in plugins.verdicts}
    failures: list[Problem] = []
    for name in plugins.required:
        verdict = by_name.get(name)
        if verdict is None or not verdict.is_working:
            failures += _explain_required(name, verdict)
    if plugins.is_strict:
        for verdict in plugins.verdicts:
            if verdict.name in plugins.required or verdict.state in ("available", "disabled"):
                continue
            failures += [
                problem
                for problem in verdict.problems
                if problem.outcome is not None or problem.code == "no-core-range"
            ]
    return failures


def _explain_required(name: str, verdict: Verdict | None) -> list[Problem]:
    if verdict is not None and verdict.state not in ("available", "disabled"):
        return [problem for problem in verdict.problems if problem.outcome not in (None, "degraded")]
    if verdict is None:
        message = f"Plugin {name!r} is required by shopdb.toml, but isn't here."
        remedy = f"shopdb plugin install shopdb-{name.replace('_', '-')}"
    elif verdict.state == "disabled":
        message = f"Plugin {name!r} is required by shopdb.toml, but disabled."
        remedy = f"shopdb plugin enable {name}"
    else:
        message = f"Plugin {name!r} is required by shopdb.toml, but not installed on this site."
        remedy = f"shopdb plugin install {name}"
    return [make_problem("required-missing", message, remedy, "shopdb.toml")]
