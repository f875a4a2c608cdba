"""Fields that a site adds to its assets by itself."""

from sqlalchemy import Boolean
from sqlalchemy.orm import Mapped

from shopdb.columns import Str, Text, field, reference, unique_key
from shopdb.db import ItemRow
from shopdb.models.catalog import AssetType
from shopdb.models.core import CoreBase

CUSTOM_KINDS = {
    "text": "Text",
    "integer": "Whole number",
    "number": "Number",
    "boolean": "Yes or no",
    "date": "Date",
    "choice": "One of a list",
}


class CustomField(ItemRow, CoreBase):
    """The definition of one such field, for all assets or for one type."""

    __tablename__ = "custom_fields"
    name = field(
        Str(60), required=True, search=True, listed=True, help="In the API and in sheets: lower_case."
    )
    name_key: Mapped[str | None] = unique_key("name", 60)
    title = field(Str(120), required=True, search=True, listed=True, help="What people read.")
    kind = field(Str(20), choices=CUSTOM_KINDS, default="text", listed=True)
    asset_type_id = reference(
        "asset-types", to=AssetType.id, listed=True, help="Only for this type; empty for all assets."
    )
    required = field(Boolean, default=False, listed=True)
    options = field(Text(), help="For one of a list: one to a line.")
    notes = field(Text(), folded=True)
