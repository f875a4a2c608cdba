"""Assets, their tags and their relations: what all things on a site share."""

from typing import Any

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.columns import Str, Text, field, reference, unique_key
from shopdb.db import ItemRow
from shopdb.models.catalog import AssetType, Model, Status, Vendor
from shopdb.models.core import CoreBase
from shopdb.models.place import BusinessUnit, Location, Person

RELATION_KINDS = {
    "contains": "contains",
    "controls": "controls",
    "powers": "powers",
    "connected_to": "is connected to",
    "depends_on": "depends on",
    "spare_for": "is a spare for",
}
"""Kind -> how it reads from the source to the target."""

RELATION_KINDS_BACK = {
    "contains": "is part of",
    "controls": "is controlled by",
    "powers": "is powered by",
    "connected_to": "is connected to",
    "depends_on": "is needed by",
    "spare_for": "has as a spare",
}
"""Kind -> how it reads from the target to the source."""


class Asset(ItemRow, CoreBase):
    """One thing that the site keeps account of."""

    __tablename__ = "assets"
    asset_tag = field(
        Str(80), search=True, listed=True, help="What the label on it says; made from a counter when empty."
    )
    asset_tag_key: Mapped[str | None] = unique_key("asset_tag", 80)
    name = field(Str(160), search=True, listed=True)
    serial_number = field(Str(120), search=True, listed=True, help="The maker's, as on the type plate.")
    serial_number_key: Mapped[str | None] = unique_key("serial_number", 120)
    asset_type_id = reference("asset-types", to=AssetType.id, required=True, listed=True)
    status_id = reference("statuses", to=Status.id, required=True, listed=True)
    location_id = reference("locations", to=Location.id, listed=True)
    model_id = reference("models", to=Model.id, listed=True)
    vendor_id = reference("vendors", to=Vendor.id)
    business_unit_id = reference("business-units", to=BusinessUnit.id)
    owner_id = reference("people", to=Person.id, label="Owner")
    parent_id = reference("assets", to="assets.id", label="Part of", folded=True)
    purchase_date = field(Date, folded=True)
    warranty_end = field(Date, folded=True)
    notes = field(Text(), folded=True)
    custom_fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Tag(ItemRow, CoreBase):
    """A free label for assets."""

    __tablename__ = "tags"
    name = field(Str(60), required=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 60)
    notes = field(Text(), folded=True)


asset_tags = Table(
    "asset_tags",
    CoreBase.metadata,
    Column("asset_id", Integer, ForeignKey(Asset.__table__.c.id, ondelete="CASCADE"), primary_key=True),
    Column(
        "tag_id", Integer, ForeignKey(Tag.__table__.c.id, ondelete="CASCADE"), primary_key=True, index=True
    ),
)


class Relationship(ItemRow, CoreBase):
    """A typed relation from one asset to another; it reads both ways."""

    __tablename__ = "relationships"
    __table_args__ = (UniqueConstraint("source_id", "kind", "target_id"),)
    source_id = reference(
        "assets", to=Asset.id, label="From", required=True, listed=True, on_delete="CASCADE"
    )
    kind = field(Str(40), choices=RELATION_KINDS, required=True, listed=True)
    target_id = reference("assets", to=Asset.id, label="To", required=True, listed=True, on_delete="CASCADE")
    notes = field(Text(), listed=True)


class Counter(CoreBase):
    """A running number, such as the next asset tag's."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(Str(60), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


Index("ix_assets_asset_type_id_id", Asset.__table__.c.asset_type_id, Asset.__table__.c.id)
