"""What things are: asset types, statuses, vendors, models."""

from sqlalchemy import Boolean, UniqueConstraint
from sqlalchemy.orm import Mapped

from shopdb.columns import Str, Text, field, reference, unique_key
from shopdb.db import ItemRow
from shopdb.models.checks import email, web_address
from shopdb.models.core import CoreBase

STATUS_KINDS = {
    "deployable": "Ready or in use",
    "pending": "Not ready yet",
    "undeployable": "Out of order",
    "archived": "Gone for good",
}


class AssetType(ItemRow, CoreBase):
    """A kind of asset. ``slug`` is the name in manifests and sheets."""

    __tablename__ = "asset_types"
    name = field(Str(120), required=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 120)
    slug = field(
        Str(80), required=True, search=True, listed=True, help="Lower case, as in sheets: cnc-machine."
    )
    slug_key: Mapped[str | None] = unique_key("slug", 80)
    plugin = field(Str(60), listed=True, readonly=True, help="The plugin that brings this type to life.")
    notes = field(Text(), folded=True)


class Status(ItemRow, CoreBase):
    """A status label and what it means."""

    __tablename__ = "statuses"
    name = field(Str(80), required=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 80)
    kind = field(Str(20), label="Meaning", default="deployable", choices=STATUS_KINDS, listed=True)
    is_default = field(
        Boolean, label="Default", default=False, listed=True, help="A new asset gets this status."
    )
    notes = field(Text(), folded=True)


class Vendor(ItemRow, CoreBase):
    """A manufacturer or supplier."""

    __tablename__ = "vendors"
    name = field(Str(120), required=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 120)
    website = field(Str(500), check=web_address, listed=True)
    support_phone = field(Str(60), listed=True)
    support_email = field(Str(254), check=email)
    notes = field(Text(), folded=True)


class Model(ItemRow, CoreBase):
    """A vendor's model."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("vendor_id", "name_key"),)
    name = field(Str(160), required=True, search=True, listed=True)
    vendor_id = reference("vendors", to=Vendor.id, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 160, within="vendor_id")
    part_number = field(Str(120), search=True, listed=True)
    asset_type_id = reference(
        "asset-types", to=AssetType.id, listed=True, help="What an asset of this model usually is."
    )
    notes = field(Text(), folded=True)
