"""Load: run the code of the plugins that were judged sound, each on its own, and take up what they bring.

Nothing of a plugin is taken up before all of it has been collected and checked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from shopdb import __version__
from shopdb.db import Database
from shopdb.errors import PluginError
from shopdb.plugins.contribution import Collector
from shopdb.plugins.dependency import Judged
from shopdb.plugins.found import Found
from shopdb.plugins.hooks import find_implementations
from shopdb.plugins.importing import import_plugin
from shopdb.plugins.integrity import find_damaged_core
from shopdb.plugins.model import find_claimed, find_metadata
from shopdb.plugins.plugin_set import LoadedPlugin, PluginSet, required_failures
from shopdb.plugins.problems import Problem, is_blocking, make_problem
from shopdb.plugins.survey import Survey, survey

__all__ = ["LoadedPlugin", "PluginSet", "Sources", "load_one", "load_plugins", "required_failures"]

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # a command has no log: there `plugin list` tells


class Sources(Protocol):
    """What of the site's settings loading needs."""

    @property
    def plugin_errors(self) -> str:
        """``degrade`` or ``strict``."""

    @property
    def required_plugins(self) -> tuple[str, ...]:
        """Names of the plugins that ``serve`` can't do without."""

    def plugin_value_sources(self, plugin: str) -> Mapping[str, tuple[Any, str]]:
        """What is written for a plugin's settings, and where."""


def load_plugins(
    site_dir: Path, settings: Sources, database: Database | None, *, safe_mode: bool = False
) -> PluginSet:
    """Load core and every plugin that is installed, enabled and sound.

    A plugin that fails is left out with a verdict; core and the others are loaded. Whether the site may
    start without it is for `required_failures` to say.

    Raises:
        PluginError: a package has overwritten core's own files.
    """
    core = load_core()
    found = survey(site_dir, database, is_recalling=safe_mode)
    required, is_strict = settings.required_plugins, settings.plugin_errors == "strict"
    if safe_mode:
        return PluginSet([core], found.verdicts(), is_safe_mode=True)
    _refuse_damaged_core(found)
    loaded, problems = _load_all(found, settings)
    verdicts = found.verdicts(problems)
    for verdict in verdicts:
        if not verdict.is_working and verdict.state not in ("available", "disabled"):
            reasons = " ".join(problem.sentence for problem in verdict.problems if problem.outcome)
            _log.warning("Plugin %r is %s. %s", verdict.name, verdict.state, reasons)
    return PluginSet([core, *loaded], verdicts, required=required, is_strict=is_strict)


def load_core() -> LoadedPlugin:
    """Core's own nouns, through the same hooks."""
    from shopdb import core_plugin

    package_dir = Path(__file__).parent.parent
    found = Found(
        name="core",
        source="wheel",
        place=package_dir,
        target="shopdb.core_plugin",
        package_dir=package_dir,
        dist="shopdb-core",
        version=__version__,
    )
    implementations, problems = find_implementations(found, core_plugin)
    collector = Collector(found, implementations, problems, is_core=True)
    contribution = collector.collect({})
    if not collector.is_sound:
        raise PluginError(next(problem for problem in collector.problems if is_blocking([problem])))
    return LoadedPlugin(
        name="core",
        title="ShopDB",
        dist="shopdb-core",
        version=__version__,
        source="wheel",
        package_dir=package_dir,
        module=core_plugin,
        contribution=contribution,
        implementations=implementations,
    )


def load_one(
    found: Found, sources: Mapping[str, tuple[Any, str]]
) -> tuple[LoadedPlugin | None, list[Problem]]:
    """Import one plugin, collect what it brings, check it; None when it can't be used.

    Run in a process of its own, this is the heart of a trial.

    Args:
        sources: What the site says for the plugin's settings, with who said it.
    """
    try:
        module = import_plugin(found)
    except PluginError as error:
        return None, [error.problem]
    implementations, problems = find_implementations(found, module)
    if is_blocking(problems):
        return None, problems
    collector = Collector(found, implementations, problems)
    contribution = collector.collect(sources)
    if not collector.is_sound or found.package_dir is None:
        return None, collector.problems
    loaded = LoadedPlugin(
        name=found.name,
        title=found.title,
        dist=found.dist,
        version=found.version,
        source=found.source,
        package_dir=found.package_dir,
        module=module,
        contribution=contribution,
        implementations=implementations,
    )
    return loaded, collector.problems


def find_table_conflicts(loaded: Iterable[LoadedPlugin], names: Iterable[str]) -> dict[str, list[Problem]]:
    """Tables that two plugins declare, or that begin with another plugin's longer name."""
    problems: dict[str, list[Problem]] = {}
    everyone = sorted(names)
    for plugin in loaded:
        metadata = find_metadata(plugin.contribution.resources)
        tables = [table for one in metadata for table in one.tables]
        for table, owner in find_claimed(tables, plugin.name, everyone):
            message = f"Table {table!r} of plugin {plugin.name!r} begins with the prefix of plugin {owner!r}."
            remedy = f"Rename the table, such as {plugin.name}_own_{table.removeprefix(f'{owner}_')}."
            problem = make_problem("table-taken", message, remedy, plugin.package_dir)
            problems.setdefault(plugin.name, []).append(problem)
    return problems


def _load_all(found: Survey, settings: Sources) -> tuple[list[LoadedPlugin], dict[str, tuple[Problem, ...]]]:
    loaded: dict[str, LoadedPlugin] = {}
    problems: dict[str, tuple[Problem, ...]] = {}
    failed: dict[str, Problem] = {}
    for one in found.judged:
        if not found.is_to_load(one):
            continue
        name = one.found.name
        refused = _find_failed_need(one, failed)
        if refused is not None:
            wrong = [refused]
        else:
            plugin, wrong = load_one(one.found, settings.plugin_value_sources(name))
            found.memory.keep(one.found, "load", wrong)
            if plugin is not None:
                loaded[name] = plugin
        problems[name] = tuple(wrong)
        if name not in loaded:
            failed[name] = next(problem for problem in wrong if is_blocking([problem]))
    for name, wrong in find_table_conflicts(
        loaded.values(), [one.found.name for one in found.judged]
    ).items():
        problems[name] += tuple(wrong)
        del loaded[name]
    return list(loaded.values()), problems


def _find_failed_need(one: Judged, failed: Mapping[str, Problem]) -> Problem | None:
    for name in one.needs:
        if name in failed:
            root = failed[name]
            message = f"{root.message} Plugin {one.found.label} needs {name!r}."
            return make_problem("dependency-refused", message, root.remedy, root.where)
    return None


def _refuse_damaged_core(found: Survey) -> None:
    """The one case in which the site doesn't start: core's own code isn't what was published."""
    for one in found.judged:
        problem = next((p for p in one.problems if p.code == "overwrites-core"), None)
        if problem is not None and find_damaged_core():
            raise PluginError(problem)
