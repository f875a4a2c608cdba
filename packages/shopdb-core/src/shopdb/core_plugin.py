"""Core's own nouns, through the same hooks as a plugin's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shopdb.core_cards import list_cards
from shopdb.errors import InvalidError
from shopdb.models import (
    Asset,
    AssetType,
    BusinessUnit,
    ChangeRecord,
    CustomField,
    Location,
    Model,
    Person,
    Relationship,
    Status,
    Tag,
    Vendor,
)
from shopdb.plugins.hookspecs import hookimpl
from shopdb.plugins.values import Card
from shopdb.resources.custom_value import check_definition
from shopdb.resources.declare import Resource
from shopdb.services.account_item import ROLES, USERS
from shopdb.services.place import check_location, keep_paths


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Assets and what all of them share."""
    return [*_assets(), *_places(), *_catalog(), USERS, ROLES, _CHANGES]


@hookimpl
def shopdb_add_cards(session: Session) -> list[Card]:
    """What is out of order, and whose warranty ends."""
    return list_cards(session)


def _assets() -> list[Resource]:
    return [
        Resource(
            name="assets",
            title="Assets",
            title_one="Asset",
            model=Asset,
            keys=("asset_tag", "serial_number"),
            icon="packages",
            help="Everything the site keeps account of. Add one by hand, or import a sheet.",
        ),
        Resource(
            name="relationships",
            title="Relationships",
            title_one="Relationship",
            model=Relationship,
            label="kind",
            keys=(("source", "kind", "target"),),
            check=_check_relationship,
            icon="affiliate",
            help="Which PC controls which machine, which switch feeds which PC. Add them on an asset's page.",
        ),
        Resource(
            name="custom-fields",
            title="Custom fields",
            title_one="Custom field",
            model=CustomField,
            keys=("name",),
            check=check_definition,
            icon="forms",
            group="admin",
            help="Fields that this site adds to its assets: a cost centre, an insurance number.",
        ),
        Resource(
            name="tags",
            title="Tags",
            title_one="Tag",
            model=Tag,
            keys=("name",),
            icon="tags",
            group="admin",
            help="Free labels for assets, such as audit-2026 or to be scrapped.",
        ),
    ]


def _places() -> list[Resource]:
    return [
        Resource(
            name="locations",
            title="Locations",
            title_one="Location",
            model=Location,
            keys=("path", ("parent", "name"), "name"),
            default_sort="path",
            check=check_location,
            on_saved=keep_paths,
            icon="map-pin",
            group="places",
            help="Site, building, cell, bench: each place may lie inside another. Begin with the buildings.",
        ),
        Resource(
            name="business-units",
            title="Business units",
            title_one="Business unit",
            model=BusinessUnit,
            keys=("name",),
            default_sort="name",
            icon="building",
            group="places",
            help="The parts of the company that own assets.",
        ),
        Resource(
            name="people",
            title="People",
            title_one="Person",
            model=Person,
            keys=("employee_number", "email", "name"),
            default_sort="name",
            icon="users",
            group="places",
            help="Who assets belong to or are lent to. They need no account.",
        ),
    ]


def _catalog() -> list[Resource]:
    return [
        Resource(
            name="asset-types",
            title="Asset types",
            title_one="Asset type",
            model=AssetType,
            keys=("slug", "name"),
            default_sort="name",
            check=_check_asset_type,
            icon="category",
            group="admin",
            help="What kinds of assets there are. Plugins bring their own.",
        ),
        Resource(
            name="statuses",
            title="Statuses",
            title_one="Status",
            model=Status,
            keys=("name",),
            default_sort="name",
            on_saved=_keep_one_default,
            icon="progress-check",
            group="admin",
            help="The states that an asset can be in, and what each means.",
        ),
        Resource(
            name="vendors",
            title="Vendors",
            title_one="Vendor",
            model=Vendor,
            keys=("name",),
            default_sort="name",
            icon="building-factory",
            group="admin",
            help="Manufacturers and suppliers.",
        ),
        Resource(
            name="models",
            title="Models",
            title_one="Model",
            model=Model,
            keys=(("vendor", "name"), "name"),
            default_sort="name",
            icon="template",
            group="admin",
            help="The vendors' models.",
        ),
    ]


_CHANGES = Resource(
    name="changes",
    title="Changes",
    title_one="Change",
    model=ChangeRecord,
    label="label",
    default_sort="-id",
    writable=False,
    deletable=False,
    icon="history",
    group="admin",
    help="Who changed what, when, and by which way in. Nothing has been changed yet.",
)


def _check_relationship(session: Session, state: Mapping[str, Any], relationship_id: int | None) -> None:
    if state.get("source") == state.get("target"):
        text = "An asset has no relation to itself: choose another one."
        raise InvalidError(f"target: {text}", errors={"target": [text]})


def _check_asset_type(session: Session, state: Mapping[str, Any], type_id: int | None) -> None:
    slug = state.get("slug") or ""
    if not all(part.isalnum() and part.isascii() and part == part.lower() for part in slug.split("-")):
        text = f"{slug!r} is not a slug: lower-case letters, digits and single hyphens, such as cnc-machine."
        raise InvalidError(f"slug: {text}", errors={"slug": [text]})
    if type_id is not None and state.get("plugin") is not None:
        known = session.connection().execute(select(AssetType.slug).where(AssetType.id == type_id)).scalar()
        if slug != known:
            text = f"Plugin {state['plugin']!r} finds its assets by {known!r}: change the name instead."
            raise InvalidError(f"slug: {text}", errors={"slug": [text]})


def _keep_one_default(session: Session, status_id: int) -> None:
    status = session.get(Status, status_id)
    if status is not None and status.is_default:
        others = update(Status).where(Status.id != status_id, Status.is_default)
        session.connection().execute(others.values(is_default=False))
