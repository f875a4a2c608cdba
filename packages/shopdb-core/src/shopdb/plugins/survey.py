"""The verdict on every plugin, from metadata, files, the database and remembered trials; no code is run."""

from __future__ import annotations

import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.markers import default_environment

from shopdb import __version__
from shopdb.db import Database
from shopdb.errors import DatabaseUnavailableError
from shopdb.migrations import Package, SchemaState, core_package, states
from shopdb.migrations.history import read_history
from shopdb.plugins.compat import Environment, judge
from shopdb.plugins.dependency import Judged
from shopdb.plugins.discovery import find_plugins
from shopdb.plugins.distributions import Distribution, UnreadableError, read_metadata, scan
from shopdb.plugins.found import Found, name_problem
from shopdb.plugins.hookspecs import HOOK_API
from shopdb.plugins.installed import EMPTY, Installed, SiteRecord, read_record
from shopdb.plugins.problems import Problem, make_problem
from shopdb.plugins.static import check_sources
from shopdb.plugins.verdict import Verdict, VerdictMemory, find_state

HOOK_LEVELS = range(1, HOOK_API + 1)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """All that is known of the plugins before any is loaded.

    Args:
        judged: In an order in which they can be loaded.
        record: What the site has installed.
        schemas: The state of the schema by plugin, ``core`` among them; empty while the database is away.
    """

    judged: tuple[Judged, ...]
    record: SiteRecord
    schemas: Mapping[str, SchemaState]
    environment: Environment
    memory: VerdictMemory

    def find(self, name: str) -> Judged | None:
        """The plugin of that name, if it is here."""
        return next((one for one in self.judged if one.found.name == name), None)

    def is_to_load(self, judged: Judged) -> bool:
        """Whether a plugin is sound, installed and enabled."""
        row = self.record.plugins.get(judged.found.name)
        return judged.is_sound and row is not None and row.enabled

    def verdicts(self, replaced: Mapping[str, tuple[Problem, ...]] | None = None) -> list[Verdict]:
        """One for each plugin found and each orphan, by name.

        Args:
            replaced: By name, findings that stand for the remembered ones: those of a load just done.
        """
        verdicts = []
        for one in self.judged:
            problems = one.problems
            if one.is_sound:
                fresh = (replaced or {}).get(one.found.name)
                problems += (self.memory.recall(one.found, "load") or ()) if fresh is None else fresh
            verdicts.append(self._verdict(one.found, _once(problems)))
        verdicts += self._orphans()
        return sorted(verdicts, key=lambda verdict: verdict.name)

    def _verdict(self, found: Found, problems: tuple[Problem, ...]) -> Verdict:
        row = self.record.plugins.get(found.name)
        schema = self.schemas.get(found.name)
        return Verdict(
            name=found.name,
            title=found.title,
            dist=found.dist,
            version=found.version or None,
            source=found.source,
            state=find_state(problems, is_installed=row is not None, is_enabled=bool(row and row.enabled)),
            current=schema.current if schema else self.record.revisions.get(found.name),
            head=schema.head if schema else None,
            problems=problems,
        )

    def _orphans(self) -> list[Verdict]:
        here = {one.found.name for one in self.judged} | {"core"}
        left = {*self.record.plugins, *self.record.revisions, *self.record.owners.values()}
        return [self._orphan(name) for name in sorted(left - here)]

    def _orphan(self, name: str) -> Verdict:
        row = self.record.plugins.get(name) or Installed(
            name=name, title=name, dist=f"shopdb-{name.replace('_', '-')}"
        )
        what = f"{row.dist or 'its folder'} {row.version or ''}".strip()
        message = f"The data of plugin {name!r} is here, but its code ({what}) isn't."
        version = f"=={row.version}" if row.version else ""
        remedy = (
            f"pip install {row.dist}{version}"
            if row.dist
            else f"Put the folder plugins/{name} of the site back."
        )
        return Verdict(
            name=name,
            title=row.title,
            dist=row.dist,
            version=row.version,
            source="wheel" if row.dist else "directory",
            state="orphaned",
            current=self.record.revisions.get(name),
            problems=(make_problem("code-gone", message, remedy),),
        )


def survey(
    site_dir: Path | None,
    database: Database | None,
    *,
    assume: Collection[str] = (),
    check_files: bool = False,
    is_recalling: bool = True,
) -> Survey:
    """Judge every plugin that is here.

    Args:
        assume: Names to judge as if they were installed and enabled, as before an installation.
        check_files: Compare the packages' files with their published sums.
        is_recalling: Count what the last load found; not where the plugins are about to be loaded anew.
    """
    installed = scan()
    found = find_plugins(site_dir, installed=installed, check_files=check_files)
    record = read_record(site_dir, database) if site_dir else EMPTY
    environment = current_environment(installed)
    memory = VerdictMemory(site_dir, environment)
    judged = judge(found, environment, record.plugins, owners=record.owners, assume=assume)
    schemas = _read_schemas(judged, database) if record.is_live else {}
    look = _Look(schemas, record, frozenset(assume), memory, is_recalling)
    closer = [look.find(one) for one in judged]
    if any(closer):
        # Once more, since what is found now in one plugin counts for those that need it.
        found = [
            replace(one.found, problems=(*one.found.problems, *problems))
            for one, problems in zip(judged, closer, strict=True)
        ]
        judged = judge(found, environment, record.plugins, owners=record.owners, assume=assume)
    return Survey(
        judged=tuple(judged), record=record, schemas=schemas, environment=environment, memory=memory
    )


def current_environment(installed: Sequence[Distribution]) -> Environment:
    """This interpreter and what is installed for it."""
    first: dict[str, Distribution] = {}
    for dist in installed:
        first.setdefault(dist.name, dist)

    def find_requires(name: str) -> Iterable[str]:
        try:
            return read_metadata(first[name]).requires if name in first else ()
        except UnreadableError:
            return ()

    def find_tags() -> Collection[str]:
        from packaging.tags import sys_tags

        return {str(tag) for tag in sys_tags()}

    return Environment(
        core_version=__version__,
        python_version=platform.python_version(),
        hook_levels=HOOK_LEVELS,
        versions={name: dist.version for name, dist in first.items()},
        markers={key: str(value) for key, value in default_environment().items()},
        find_tags=find_tags,
        find_requires=find_requires,
    )


def package_of(found: Found) -> Package:
    """What the migration runner is told of a plugin."""
    folder = found.package_dir or found.place
    requires = dict(found.manifest.requires_schema) if found.manifest else {}
    return Package(found.name, folder / "migrations", requires=requires, dist=found.dist)


def may_have_schema(found: Found) -> bool:
    """Whether its name and place allow a schema: none is read for a plugin that calls itself core."""
    return found.package_dir is not None and name_problem(found.name, found.place) is None


def _read_schemas(judged: Iterable[Judged], database: Database | None) -> dict[str, SchemaState]:
    if database is None:
        return {}
    packages = {one.found.name: package_of(one.found) for one in judged if may_have_schema(one.found)}
    try:
        return states(database, [core_package(), *packages.values()])
    except DatabaseUnavailableError:
        return {}


@dataclass(frozen=True, slots=True)
class _Look:
    """A closer look at a plugin that its metadata speak for: schema, sources, the last load."""

    schemas: Mapping[str, SchemaState]
    record: SiteRecord
    assume: frozenset[str]
    memory: VerdictMemory
    is_recalling: bool

    def find(self, one: Judged) -> list[Problem]:
        """What is wrong with it beyond its metadata."""
        if not one.is_sound:
            return []
        problems = [*_unmet_revisions(one.found), *self._check_schema(one.found)]
        static = self.memory.recall(one.found, "static")
        if static is None:
            static = tuple(check_sources(one.found))
            self.memory.keep(one.found, "static", static)
        problems += static
        if self.is_recalling:
            problems += self.memory.recall(one.found, "load") or ()
        return problems

    def _check_schema(self, found: Found) -> list[Problem]:
        schema = self.schemas.get(found.name)
        if schema is None:
            return []
        if schema.problem is not None:
            remedy = f"pip install --upgrade {found.dist}" if found.dist else "Put the newer code back."
            return [make_problem("schema-invalid", schema.problem, remedy, found.package_dir)]
        if not schema.is_behind or found.name not in self.record.plugins or found.name in self.assume:
            return []
        stands = repr(schema.current) if schema.current else "not there"
        message = f"The schema of plugin {found.label} is {stands}, its code needs {schema.head!r}."
        return [make_problem("schema-behind", message, "shopdb db upgrade", found.package_dir)]


def _unmet_revisions(found: Found) -> list[Problem]:
    requires = found.manifest.requires_schema if found.manifest else {}
    revision = requires.get("core")
    if revision is None or revision in read_history(core_package()).revisions:
        return []
    message = f"Plugin {found.label} needs revision {revision!r} of core's schema, which shopdb-core {__version__} hasn't."
    return [make_problem("schema-required", message, "pip install --upgrade shopdb-core", found.package_dir)]


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
