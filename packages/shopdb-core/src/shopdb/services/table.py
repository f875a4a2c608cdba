"""Core's tables, for a plugin's own read-only joins."""

from sqlalchemy import Table

from shopdb.errors import NotFoundError
from shopdb.models import CoreBase

PRIVATE = ("users", "tokens", "revoked_sign_ins", "failed_sign_ins", "auth_epoch")
"""Tables that hold credentials or tell of sign-ins."""


def table_of(resource: str) -> Table:
    """The table behind one of core's resources, such as ``people`` or ``business-units``.

    Reading only: whatever is written goes through `create_item` and its siblings.

    Raises:
        NotFoundError: core has no such resource.
    """
    table = CoreBase.metadata.tables.get(resource.replace("-", "_"))
    if table is None or table.name in PRIVATE:
        raise NotFoundError(f"Core has no table for {resource!r}.")
    return table
