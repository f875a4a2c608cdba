"""What network gear brings to ShopDB."""

from shopdb.plugins import Resource, hookimpl
from shopdb_network.resources import RESOURCES


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Gear, ports, links and MAC tables; VLANs, prefixes and addresses."""
    return RESOURCES
