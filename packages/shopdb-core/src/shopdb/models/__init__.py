"""Core's tables. Import models from here."""

from shopdb.models.account import ApiToken, AuthEpoch, FailedSignIn, RevokedSignIn, Role, User, UserRole
from shopdb.models.asset import (
    RELATION_KINDS,
    RELATION_KINDS_BACK,
    Asset,
    Counter,
    Relationship,
    Tag,
    asset_tags,
)
from shopdb.models.catalog import STATUS_KINDS, AssetType, Model, Status, Vendor
from shopdb.models.core import CoreBase
from shopdb.models.custom_field import CUSTOM_KINDS, CustomField
from shopdb.models.place import BusinessUnit, Location, Person
from shopdb.models.plugin import InstalledPlugin, Lease
from shopdb.models.record import ChangeRecord, Event
from shopdb.models.search import SearchEntry, SearchRule, search_parts

__all__ = [
    "CUSTOM_KINDS",
    "RELATION_KINDS",
    "RELATION_KINDS_BACK",
    "STATUS_KINDS",
    "ApiToken",
    "Asset",
    "AssetType",
    "AuthEpoch",
    "BusinessUnit",
    "ChangeRecord",
    "CoreBase",
    "Counter",
    "CustomField",
    "Event",
    "FailedSignIn",
    "InstalledPlugin",
    "Lease",
    "Location",
    "Model",
    "Person",
    "Relationship",
    "RevokedSignIn",
    "Role",
    "SearchEntry",
    "SearchRule",
    "Status",
    "Tag",
    "User",
    "UserRole",
    "Vendor",
    "asset_tags",
    "search_parts",
]
