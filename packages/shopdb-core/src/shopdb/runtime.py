"""A started site: settings, database, plugins and resources, without any web framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shopdb.db import Database
from shopdb.plugins.loader import PluginSet, load_plugins
from shopdb.plugins.values import JobContext
from shopdb.resources.registry import Registry
from shopdb.settings import Settings, load_settings


@dataclass(frozen=True)
class Runtime:
    """What the web application, the worker and the commands all work with."""

    site_dir: Path
    settings: Settings
    database: Database
    plugins: PluginSet
    registry: Registry

    def context_of(self, plugin: str) -> JobContext:
        """What a job, action or command of that plugin gets."""
        loaded = next((p for p in self.plugins.plugins if p.name == plugin), None)
        values = dict(loaded.settings) if loaded is not None else {}
        site = self.settings
        values |= {"outbound_allow": site.outbound_allow, "base_url": site.base_url, "site_name": site.name}
        return JobContext(database=self.database, settings=values, site_dir=self.site_dir)


def start(site_dir: Path, *, safe_mode: bool = False, environ: Mapping[str, str] | None = None) -> Runtime:
    """Start a site: read its settings, open its database, load its plugins, compile their resources.

    Args:
        safe_mode: Load no plugin.

    Raises:
        SettingsError: a setting is wrong.
        PluginError: a plugin failed and the site's policy is ``strict``.
    """
    settings = load_settings(site_dir, environ)
    database = Database(settings.database_url)
    plugins = load_plugins(site_dir, settings, database, safe_mode=safe_mode or settings.safe_mode)
    registry = Registry(plugins.resources())
    database.info["registry"] = registry
    database.info["plugins"] = plugins
    database.info["settings"] = {plugin.name: plugin.settings for plugin in plugins.plugins}
    return Runtime(site_dir, settings, database, plugins, registry)
