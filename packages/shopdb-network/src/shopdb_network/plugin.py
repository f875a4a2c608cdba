"""What network gear brings to ShopDB."""

from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Card, Demo, Panel, Resource, SearchSource, Viewer, Views, hookimpl
from shopdb_network import attention, demo, panel, search
from shopdb_network.resources import RESOURCES


@hookimpl
def shopdb_register_resources() -> list[Resource]:
    """Gear, ports, links and MAC tables; VLANs, prefixes and addresses."""
    return RESOURCES


@hookimpl
def shopdb_register_views() -> list[Views]:
    """The free addresses of a prefix."""
    from shopdb_network import web  # Flask is for the server alone

    return [web.views()]


@hookimpl
def shopdb_register_search_sources() -> list[SearchSource]:
    """The port of a MAC, an address in any notation, the prefix that holds one."""
    return search.SOURCES


@hookimpl
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """Ports and links of gear, room in prefixes, and the addresses and ports of every asset."""
    return panel.panels_of(resource, item, session)


@hookimpl
def shopdb_add_cards(viewer: Viewer, session: Session) -> list[Card]:
    """Links that are lost, addresses in conflict, prefixes without room."""
    return attention.list_cards(viewer, session)


@hookimpl
def shopdb_register_demos() -> list[Demo]:
    """The network of two buildings."""
    return [demo.DEMO]
