"""A database with core's resources and one plugin's, without web or loader: what resource tests stand on."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Boolean, Integer

from shopdb.columns import Str, Text, field, reference
from shopdb.core_plugin import shopdb_register_resources
from shopdb.db import AssetRow, Database, ItemRow, model_base
from shopdb.models import CoreBase
from shopdb.resources.declare import Actor, Resource
from shopdb.resources.registry import Registry
from shopdb.services import create_item

ACTOR = Actor(name="tester", source="cli")
Base = model_base("scales")


class Scale(AssetRow, Base):
    """An asset of a plugin."""

    __tablename__ = "scales_scale"
    range_kg = field(Integer, label="Range", minimum=0, maximum=5000, listed=True)
    host = field(Str(60), search=True)
    pin = field(Str(20), secret=True)
    is_legal = field(Boolean, label="For trade", default=False)


class Weighing(ItemRow, Base):
    """A plugin's record that is no asset."""

    __tablename__ = "scales_weighing"
    scale_id = reference("scales", asset=True, required=True, on_delete="CASCADE")
    weight_g = field(Integer, required=True)
    notes = field(Text())


SCALES = [
    Resource(
        name="scales",
        title="Scales",
        title_one="Scale",
        model=Scale,
        asset_type="acme-scale",
        keys=("asset_tag", "serial_number"),
    ),
    Resource(name="scales/weighings", title="Weighings", title_one="Weighing", model=Weighing, label="notes"),
]


def open_site(database: Database) -> Database:
    """Make the tables and the reference data in an empty database."""
    plugin = [replace(each, plugin="scales") for each in SCALES]
    database.info["registry"] = Registry([*shopdb_register_resources(), *plugin])
    CoreBase.metadata.create_all(database.engine)
    Base.metadata.create_all(database.engine)
    with database.write() as session:
        for name, slug in (("Gauge", "gauge"), ("Scale", "acme-scale")):
            create_item(session, "asset-types", {"name": name, "slug": slug}, actor=ACTOR)
        create_item(session, "statuses", {"name": "In use", "is_default": True}, actor=ACTOR)
    return database


Make = Callable[..., dict[str, object]]
