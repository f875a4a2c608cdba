"""What this site has installed: rows of the database, and each host's copy for when it is away."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shopdb.db import Database
from shopdb.errors import DatabaseUnavailableError
from shopdb.migrations import recorded
from shopdb.models import AssetType, InstalledPlugin

_FILE = "plugins.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """A plugin that the site has installed, whether its code is here or not."""

    name: str
    title: str
    dist: str | None = None
    version: str | None = None
    enabled: bool = True
    asset_types: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteRecord:
    """What the database says of plugins, or what was copied from it.

    Args:
        plugins: By name.
        revisions: Package -> revision of its tables; also of packages that were uninstalled.
        owners: Asset type -> the plugin that brought it.
        is_live: False where the database was away and the host's copy spoke.
    """

    plugins: Mapping[str, Installed]
    revisions: Mapping[str, str]
    owners: Mapping[str, str]
    is_live: bool = True


EMPTY = SiteRecord(plugins={}, revisions={}, owners={})


def read_record(site_dir: Path, database: Database | None) -> SiteRecord:
    """What is installed, from the database, else from this host's copy of it."""
    if database is not None:
        try:
            record = _read_database(database)
        except (DatabaseUnavailableError, SQLAlchemyError) as error:
            _log.warning("The database does not say which plugins are installed: %s", error)
        else:
            _keep_copy(site_dir, record)
            return record
    return _read_copy(site_dir)


def find_installed(session: Session) -> dict[str, Installed]:
    """The installed plugins by name."""
    types: dict[str, list[str]] = {}
    for slug, plugin in session.execute(
        select(AssetType.slug, AssetType.plugin).where(AssetType.plugin.is_not(None)).order_by(AssetType.id)
    ):
        types.setdefault(plugin, []).append(slug)
    return {
        row.name: Installed(
            name=row.name,
            title=row.title,
            dist=row.dist,
            version=row.version,
            enabled=row.enabled,
            asset_types=tuple(types.get(row.name, ())),
        )
        for row in session.scalars(select(InstalledPlugin).order_by(InstalledPlugin.name))
    }


def _read_database(database: Database) -> SiteRecord:
    revisions = {name: ", ".join(found) for name, found in recorded(database).items()}
    if "core" not in revisions:  # a database without core's tables has nothing installed
        return EMPTY
    with database.read() as session:
        owners = {
            slug: plugin
            for slug, plugin in session.execute(select(AssetType.slug, AssetType.plugin))
            if plugin is not None
        }
        return SiteRecord(plugins=find_installed(session), revisions=revisions, owners=owners)


def _keep_copy(site_dir: Path, record: SiteRecord) -> None:
    value = {
        "plugins": [asdict(plugin) for plugin in record.plugins.values()],
        "revisions": dict(record.revisions),
        "owners": dict(record.owners),
    }
    write_json(site_dir / "var" / _FILE, value)


def _read_copy(site_dir: Path) -> SiteRecord:
    value = read_json(site_dir / "var" / _FILE)
    try:
        plugins = {
            one["name"]: Installed(**{**one, "asset_types": tuple(one["asset_types"])})
            for one in value["plugins"]
        }
        return SiteRecord(
            plugins=plugins, revisions=value["revisions"], owners=value["owners"], is_live=False
        )
    except (KeyError, TypeError):
        return SiteRecord(plugins={}, revisions={}, owners={}, is_live=False)


def read_json(path: Path) -> Any:
    """A JSON file's value; an empty table where it is missing or damaged."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file, whole, unless it says the same already; a folder that can't be written is logged."""
    text = json.dumps(value, indent=1, sort_keys=True) + "\n"
    try:
        if path.exists() and path.read_text("utf-8") == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError as error:
        _log.warning("%s can't be written: %s", path, error)
