"""What a plugin author imports, and how a plugin begins.

A plugin is a wheel with one entry point, a manifest, and a module of hook implementations::

    # pyproject.toml
    [project]
    name = "shopdb-scales"
    version = "1.0.0"
    dependencies = ["shopdb-core>=1.0,<2"]
    [project.entry-points."shopdb.plugins"]
    scales = "shopdb_scales.plugin"

    # shopdb_scales/shopdb-plugin.toml
    name = "scales"
    title = "Scales"
    hook_api = 1
    organisation = "acme"
    asset_types = ["acme-scale"]

    # shopdb_scales/models.py
    from shopdb.db import AssetRow, Str, field, model_base
    class Scale(AssetRow, model_base("scales")):
        __tablename__ = "scales_scale"
        range_kg = field(Str(20), label="Range", listed=True)

    # shopdb_scales/plugin.py
    from shopdb.plugins import Resource, hookimpl
    from shopdb_scales.models import Scale

    @hookimpl
    def shopdb_register_resources():
        return [Resource(name="scales", title="Scales", title_one="Scale", model=Scale, asset_type="acme-scale")]

``shopdb plugin migration .`` writes the revision that makes its table, ``shopdb plugin check .`` judges it,
``shopdb plugin install scales`` turns it on, ``shopdb plugin hooks`` lists what else it can implement. Whatever
it adds lies in its own space: tables ``scales_*``, resources ``scales`` and ``scales/…``, permissions, jobs and
settings ``scales.…``.
"""

from shopdb.clock import now
from shopdb.plugins.hookspecs import hookimpl
from shopdb.plugins.poll_setting import poll_settings
from shopdb.plugins.request import current_actor, current_context, current_viewer, way_back
from shopdb.plugins.values import (
    Badge,
    Card,
    CardLine,
    Change,
    Demo,
    Job,
    JobContext,
    Notice,
    PageLink,
    Panel,
    Setting,
    Viewer,
    Views,
)
from shopdb.resources.declare import Action, ActionCall, ActionField, Actor, Extra, Resource, Written
from shopdb.search.source import SearchHit, SearchSource
from shopdb.search.term import SearchTerm

__all__ = [
    "Action",
    "ActionCall",
    "ActionField",
    "Actor",
    "Badge",
    "Card",
    "CardLine",
    "Change",
    "Demo",
    "Extra",
    "Job",
    "JobContext",
    "Notice",
    "PageLink",
    "Panel",
    "Resource",
    "SearchHit",
    "SearchSource",
    "SearchTerm",
    "Setting",
    "Viewer",
    "Views",
    "Written",
    "current_actor",
    "current_context",
    "current_viewer",
    "hookimpl",
    "now",
    "poll_settings",
    "way_back",
]
