"""What network gear bring to ShopDB."""

from shopdb.plugins import Resource, hookimpl


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Nothing yet."""
    return []
