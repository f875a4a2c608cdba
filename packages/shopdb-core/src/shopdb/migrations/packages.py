"""The packages whose schemas a site has: core, and each installed plugin whose code is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from shopdb.db import Database
from shopdb.errors import MigrationError
from shopdb.migrations.package import Package, core_package
from shopdb.migrations.runner import Applied, upgrade
from shopdb.plugins.dependency import Judged
from shopdb.plugins.plugin_set import PluginSet
from shopdb.plugins.problems import is_blocking
from shopdb.plugins.survey import Survey, may_have_schema, package_of, survey

_OF_SCHEMA = frozenset({"schema-behind", "schema-invalid"})
"""Findings that the runner itself acts on or explains."""


@dataclass(frozen=True, slots=True)
class SitePackages:
    """The packages of a site.

    Args:
        packages: Core, then the installed plugins, enabled or disabled: a disabled one that stayed behind
            would hold up those that require it, and could not simply be enabled again.
        refused: The plugins among them whose code may not run, with the reason: incompatible, say. Their
            schemas stay as they are.
    """

    packages: tuple[Package, ...]
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def to_migrate(self) -> frozenset[str]:
        """The names of those that may be migrated."""
        return frozenset(package.name for package in self.packages) - set(self.refused)


def find_packages(site_dir: Path, database: Database) -> SitePackages:
    """Find a site's packages from metadata, files and the database; no plugin's code is run."""
    return packages_of(survey(site_dir, database, is_recalling=False))


def packages_of(found: Survey) -> SitePackages:
    """The packages among the plugins of a survey."""
    here = [
        one for one in found.judged if one.found.name in found.record.plugins and may_have_schema(one.found)
    ]
    refused = {one.found.name: why for one in here if (why := _find_refusal(one)) is not None}
    return SitePackages((core_package(), *(package_of(one.found) for one in here)), refused)


def with_models(packages: Iterable[Package], plugins: PluginSet) -> list[Package]:
    """The packages with the MetaData of the plugins that are loaded, core's among them."""
    metadata = {
        plugin.name: resource.model.metadata
        for plugin in plugins.plugins
        for resource in plugin.contribution.resources
    }
    return [replace(package, metadata=metadata.get(package.name)) for package in packages]


@dataclass(frozen=True, slots=True)
class SiteUpgrade:
    """What came of migrating a site.

    Args:
        applied: What was done, in order.
        problems: Why a package could not be migrated, by name.
        passed_over: Why a plugin's code was not let near its schema, by name.
    """

    applied: list[Applied]
    problems: dict[str, str]
    passed_over: dict[str, str]


def upgrade_site(
    site_dir: Path, database: Database, *, safe_mode: bool = False, lock_timeout_s: float = 60
) -> SiteUpgrade:
    """Bring all schemas of a site to their heads; one that can't be brought there stops no other.

    Args:
        safe_mode: Migrate core alone: a plugin's revisions are code of the plugin.

    Raises:
        MigrationError: another process held the lock for too long.
        DatabaseUnavailableError: the database does not answer.
    """
    found = SitePackages((core_package(),)) if safe_mode else find_packages(site_dir, database)
    try:
        applied = upgrade(database, found.packages, only=found.to_migrate, lock_timeout_s=lock_timeout_s)
    except MigrationError as error:
        if not error.problems:
            raise
        return SiteUpgrade(error.applied, error.problems, found.refused)
    return SiteUpgrade(applied, {}, found.refused)


def _find_refusal(one: Judged) -> str | None:
    blocking = [
        problem for problem in one.problems if is_blocking([problem]) and problem.code not in _OF_SCHEMA
    ]
    return blocking[0].sentence if blocking else None
