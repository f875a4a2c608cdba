"""Where things are and whose they are: locations, business units, people."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from shopdb.columns import Str, Text, field, reference, unique_key
from shopdb.db import ItemRow
from shopdb.models.checks import email
from shopdb.models.core import CoreBase


class BusinessUnit(ItemRow, CoreBase):
    """A part of the company that owns assets."""

    __tablename__ = "business_units"
    name = field(Str(120), required=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 120)
    code = field(Str(40), search=True, listed=True, help="Cost centre or short name.")
    notes = field(Text(), folded=True)


class Person(ItemRow, CoreBase):
    """Someone whom an asset belongs to or is lent to; need not have an account."""

    __tablename__ = "people"
    name = field(Str(160), required=True, search=True, listed=True)
    employee_number = field(Str(60), search=True, listed=True, help="As printed on the badge.")
    employee_number_key: Mapped[str | None] = unique_key("employee_number", 60)
    email = field(Str(254), search=True, listed=True, check=email)
    phone = field(Str(60), listed=True)
    business_unit_id = reference("business-units", to=BusinessUnit.id, listed=True)
    notes = field(Text(), folded=True)


class Location(ItemRow, CoreBase):
    """A place in the tree of places: site, building, cell, bench."""

    __tablename__ = "locations"
    __table_args__ = (UniqueConstraint("parent_id", "name_key"),)
    name = field(Str(120), required=True, search=True, listed=True)
    parent_id = reference(
        "locations", to="locations.id", label="Inside", listed=True, help="The place that contains this one."
    )
    path = field(Text(), label="Full path", readonly=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 120, within="parent_id")
    code = field(Str(40), search=True, help="What the sign on the wall says.")
    notes = field(Text(), folded=True)
