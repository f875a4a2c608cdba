"""Change: install, upgrade, enable, disable and uninstall plugins on a site.

A plugin's tables, its row and its asset types are written in one transaction, under the migration lock.
What changes takes effect at the next start.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.utils import canonicalize_name
from sqlalchemy import Connection, delete, insert, select, update

from shopdb.clock import now
from shopdb.db import Database
from shopdb.errors import MigrationError, ShopDBError
from shopdb.migrations import Package, core_package, upgrade
from shopdb.models import InstalledPlugin
from shopdb.plugins.asset_type import write_asset_types
from shopdb.plugins.dependency import Judged
from shopdb.plugins.fetch import Wanted, fetch, read_argument
from shopdb.plugins.found import Found
from shopdb.plugins.installed import Installed, read_record
from shopdb.plugins.loader import LoadedPlugin, Sources, find_table_conflicts, load_one
from shopdb.plugins.problems import Problem, is_blocking, make_problem
from shopdb.plugins.survey import Survey, may_have_schema, package_of, survey

Did = Literal["installed", "upgraded", "enabled", "disabled", "uninstalled", "unchanged", "refused"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one plugin. ``problems`` are the reasons of a refusal, or warnings."""

    name: str
    did: Did
    version: str | None = None
    problems: tuple[Problem, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """What a change works on."""

    site_dir: Path
    settings: Sources
    database: Database


def install(site: Site, arguments: Sequence[str], *, everything: bool = False) -> list[Outcome]:
    """Install plugins: fetch packages, judge, try, migrate, enter. One plugin's refusal stops no other.

    Args:
        arguments: Names of plugins that are here; ``shopdb-NAME``, paths and wheels are fetched first.
        everything: All that are here and not installed.

    Raises:
        ShopDBError: an argument means nothing here, or pip failed.
    """
    wanted = _fetch_all(site, arguments, upgrading=False)
    before = survey(site.site_dir, site.database)
    names = _names_of(wanted, before)
    if everything:
        names += [one.found.name for one in before.judged if one.found.name not in before.record.plugins]
    return _bring_in(site, names)


def upgrade_plugins(site: Site, arguments: Sequence[str], *, everything: bool = False) -> list[Outcome]:
    """Bring installed plugins to the code that is here; packages are fetched in their newest version first.

    Raises:
        ShopDBError: an argument means nothing here, a plugin isn't installed, or pip failed.
    """
    wanted = _fetch_all(site, arguments, upgrading=True)
    before = survey(site.site_dir, site.database)
    names = _names_of(wanted, before)
    if everything:
        names += [one.found.name for one in before.judged if one.found.name in before.record.plugins]
    for name in names:
        _row_of(name, before.record.plugins)
    return _bring_in(site, names)


def enable(site: Site, names: Sequence[str]) -> list[Outcome]:
    """Let installed plugins be loaded again; one that can't be is refused.

    Raises:
        ShopDBError: one isn't installed.
    """
    found = survey(site.site_dir, site.database, assume=names, is_recalling=False)
    outcomes = []
    for name in names:
        row = _row_of(name, found.record.plugins)
        judged = found.find(name)
        problems = judged.problems if judged else (_gone(row),)
        if not is_blocking(problems) and judged is not None and not row.enabled:
            problems += tuple(_Trial(site, found).run(judged)[1])
        if is_blocking(problems):
            outcomes.append(Outcome(name=name, did="refused", problems=problems))
            continue
        _set_enabled(site, name, enabled=True)
        outcomes.append(
            Outcome(
                name=name,
                did="unchanged" if row.enabled else "enabled",
                version=row.version,
                problems=problems,
            )
        )
    return _refreshed(site, outcomes)


def disable(site: Site, names: Sequence[str]) -> list[Outcome]:
    """Keep installed plugins from being loaded; all that they have stays.

    Raises:
        ShopDBError: one isn't installed.
    """
    found = survey(site.site_dir, site.database)
    outcomes = []
    for name in names:
        row = _row_of(name, found.record.plugins)
        _set_enabled(site, name, enabled=False)
        did: Did = "disabled" if row.enabled else "unchanged"
        outcomes.append(Outcome(name=name, did=did, version=row.version, note=_dependents(found, name)))
    return _refreshed(site, outcomes)


def uninstall(site: Site, names: Sequence[str]) -> list[Outcome]:
    """Take plugins off the site; their tables and their assets stay, and so does the package.

    Raises:
        ShopDBError: one isn't installed.
    """
    found = survey(site.site_dir, site.database)
    rows = [_row_of(name, found.record.plugins) for name in names]
    with site.database.write() as session:
        for row in rows:
            session.execute(delete(InstalledPlugin).where(InstalledPlugin.name == row.name))
    outcomes = [
        Outcome(name=row.name, did="uninstalled", version=row.version, note=_dependents(found, row.name))
        for row in rows
    ]
    return _refreshed(site, outcomes)


def _fetch_all(site: Site, arguments: Sequence[str], *, upgrading: bool) -> list[Wanted]:
    wanted = [read_argument(text, site.site_dir) for text in arguments]
    for one in wanted:
        if one.source is not None:
            fetch(one, upgrade=upgrading)
    return wanted


def _names_of(wanted: Iterable[Wanted], found: Survey) -> list[str]:
    names: list[str] = []
    for one in wanted:
        if one.name is not None:
            names.append(one.name)
            continue
        brought = [
            judged.found.name
            for judged in found.judged
            if judged.found.dist and canonicalize_name(judged.found.dist) == one.dist
        ]
        if not brought:
            raise ShopDBError(
                f"pip installed {one.dist}, but it brings no plugin: it has no entry point of the group "
                f"shopdb.plugins. To remove it, run: pip uninstall -y {one.dist}"
            )
        names += brought
    return names


def _bring_in(site: Site, names: Sequence[str]) -> list[Outcome]:
    wanted = list(dict.fromkeys(names))
    found = survey(site.site_dir, site.database, assume=wanted, check_files=True, is_recalling=False)
    unknown = [name for name in wanted if found.find(name) is None]
    if unknown:
        raise ShopDBError(_explain_unknown(unknown[0], found))
    _require_current_core(found)
    trial = _Trial(site, found)
    outcomes = []
    for one in found.judged:  # in the order of their needs
        if one.found.name in wanted:
            wanted.remove(one.found.name)
            outcomes.append(_bring_in_one(site, found, trial, one))
    return _refreshed(site, outcomes)


def _bring_in_one(site: Site, found: Survey, trial: _Trial, one: Judged) -> Outcome:
    name = one.found.name
    plugin, problems = trial.run(one)
    if plugin is None:
        return Outcome(name=name, did="refused", version=one.found.version, problems=problems)
    row = found.record.plugins.get(name)
    packages = [core_package(), *_packages(found)]
    try:
        upgrade(site.database, packages, only=[name], on_applied=_enter(one.found, plugin))
    except MigrationError as error:
        remedy = f"pip install --upgrade {one.found.dist}" if one.found.dist else "Mend its migrations."
        problem = make_problem("schema-invalid", str(error), remedy, package_of(one.found).versions)
        trial.fail(name, problem)
        found.memory.keep(one.found, "load", [problem])
        return Outcome(name=name, did="refused", version=one.found.version, problems=(*problems, problem))
    schema = found.schemas.get(name)
    is_same = (
        row is not None and row.version == one.found.version and schema is not None and schema.is_current
    )
    did: Did = "installed" if row is None else "unchanged" if is_same else "upgraded"
    note = (
        f"It is disabled; to load it again, run: shopdb plugin enable {name}"
        if row and not row.enabled
        else ""
    )
    return Outcome(name=name, did=did, version=one.found.version, problems=problems, note=note)


class _Trial:
    """Loads plugins in this process, those that they need first; a process of its own can stand here."""

    def __init__(self, site: Site, found: Survey):
        self.site = site
        self.found = found
        self.loaded: dict[str, LoadedPlugin] = {}
        self.failed: dict[str, tuple[Problem, ...]] = {}

    def run(self, one: Judged) -> tuple[LoadedPlugin | None, tuple[Problem, ...]]:
        """The plugin as it would be loaded; None, when its problems keep it out."""
        name = one.found.name
        if not one.is_sound:
            return None, one.problems
        if name in self.failed:
            return None, self.failed[name]
        for needed in map(self.found.find, one.needs):
            if needed is None or self.run(needed)[0] is None:
                return None, self.fail(name, self._refusal(one, needed))
        if name not in self.loaded:
            plugin, wrong = load_one(one.found, self.site.settings.plugin_value_sources(name))
            if plugin is not None:
                names = [other.found.name for other in self.found.judged]
                wrong += find_table_conflicts([plugin], names).get(name, [])
            self.found.memory.keep(one.found, "load", wrong)
            if plugin is None or is_blocking(wrong):
                self.failed[name] = (*one.problems, *wrong)
                return None, self.failed[name]
            self.loaded[name] = plugin
        return self.loaded[name], one.problems

    def fail(self, name: str, problem: Problem) -> tuple[Problem, ...]:
        """Count a plugin as failed, for those that need it."""
        self.failed[name] = (problem,)
        return self.failed[name]

    def _refusal(self, one: Judged, needed: Judged | None) -> Problem:
        root = next(p for p in self.failed[needed.found.name] if is_blocking([p])) if needed else one.root()
        message = f"{root.message} Plugin {one.found.label} needs it."
        return make_problem("dependency-refused", message, root.remedy, root.where)


def _enter(found: Found, plugin: LoadedPlugin) -> Callable[[Connection, Package, str | None], None]:
    """What is written inside the migration's transaction: the plugin's row and its asset types."""

    def enter(connection: Connection, package: Package, revision: str | None) -> None:
        if package.name != found.name:
            return
        values = {"dist": found.dist, "version": found.version, "title": found.title, "updated_at": now()}
        here = select(InstalledPlugin.name).where(InstalledPlugin.name == found.name)
        if connection.execute(here).first() is None:
            row = {**values, "name": found.name, "enabled": True, "installed_at": values["updated_at"]}
            connection.execute(insert(InstalledPlugin).values(row))
        else:
            mine = InstalledPlugin.name == found.name
            connection.execute(update(InstalledPlugin).where(mine).values(values))
        write_asset_types(connection, plugin, found.asset_types)

    return enter


def _packages(found: Survey) -> list[Package]:
    seen: dict[str, Package] = {}
    for one in found.judged:
        if may_have_schema(one.found):
            seen.setdefault(one.found.name, package_of(one.found))
    return list(seen.values())


def _require_current_core(found: Survey) -> None:
    core = found.schemas.get("core")
    if core is None:
        raise ShopDBError("The database doesn't answer, so nothing was changed. See: shopdb check")
    if not core.is_current:
        reason = core.problem or f"Core's schema is {core.current!r}, its code needs {core.head!r}."
        raise MigrationError(f"{reason} Nothing was changed. Run: shopdb db upgrade")


def _row_of(name: str, rows: Mapping[str, Installed]) -> Installed:
    if name in rows:
        return rows[name]
    near = difflib.get_close_matches(name, rows, 1)
    hint = f" Did you mean {near[0]}?" if near else f" Run: shopdb plugin install {name}"
    raise ShopDBError(f"Plugin {name!r} isn't installed on this site.{hint}")


def _explain_unknown(name: str, found: Survey) -> str:
    names = sorted({one.found.name for one in found.judged})
    near = difflib.get_close_matches(name, names, 1)
    here = f" Did you mean {near[0]}?" if near else f" Here are: {', '.join(names) or 'none'}."
    dist = f"shopdb-{name.replace('_', '-')}"
    return f"No plugin {name!r} is here.{here} To fetch a package with pip, run: shopdb plugin install {dist}"


def _gone(row: Installed) -> Problem:
    message = f"The code of plugin {row.name!r} isn't here."
    remedy = f"pip install {row.dist}" if row.dist else f"Put the folder plugins/{row.name} of the site back."
    return make_problem("code-gone", message, remedy)


def _dependents(found: Survey, name: str) -> str:
    names = [
        one.found.name
        for one in found.judged
        if name in one.needs and (row := found.record.plugins.get(one.found.name)) and row.enabled
    ]
    return f"Off with it until it is back: {', '.join(names)}, which need it." if names else ""


def _set_enabled(site: Site, name: str, *, enabled: bool) -> None:
    with site.database.write() as session:
        row = update(InstalledPlugin).where(InstalledPlugin.name == name)
        session.execute(row.values(enabled=enabled, updated_at=now()))


def _refreshed(site: Site, outcomes: list[Outcome]) -> list[Outcome]:
    read_record(site.site_dir, site.database)  # brings this host's copy up to date
    return outcomes
