"""Enter a plugin's asset types into core's table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from shopdb.columns import key_of
from shopdb.models import AssetType
from shopdb.plugins.plugin_set import LoadedPlugin
from shopdb.resources.declare import Actor
from shopdb.resources.registry import Registry
from shopdb.resources.write import create_item


def write_asset_types(connection: Connection, plugin: LoadedPlugin, slugs: Sequence[str]) -> None:
    """Make the types that aren't there, and put the plugin's name on those that are.

    Part of the caller's transaction. A type that people have made by hand keeps its name and its assets.
    """
    from shopdb.plugins.loader import load_core

    actor = Actor(name=f"plugin {plugin.name}", source="cli")
    registry = Registry(load_core().contribution.resources)
    with Session(connection, info={"registry": registry}) as session:
        for slug in slugs:
            mine = AssetType.slug_key == key_of(slug)
            if connection.execute(select(AssetType.id).where(mine)).first() is None:
                create_item(
                    session,
                    "asset-types",
                    {"slug": slug, "name": _name(connection, plugin, slug)},
                    actor=actor,
                )
            connection.execute(update(AssetType).where(mine).values(plugin=plugin.name))


def _name(connection: Connection, plugin: LoadedPlugin, slug: str) -> str:
    """What people read: the resource's title, unless another type is called so."""
    titles = {one.asset_type: one.title_one for one in plugin.contribution.resources}
    name = titles.get(slug) or slug.replace("-", " ").capitalize()
    taken = connection.execute(select(AssetType.id).where(AssetType.name_key == key_of(name))).first()
    return f"{name} ({slug})" if taken else name
