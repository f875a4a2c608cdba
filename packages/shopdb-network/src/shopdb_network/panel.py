"""What network gear adds to pages: to its own, to prefixes, and to whatever has an address or hangs on a port."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shopdb.plugins import Panel
from shopdb.services import list_items, table_of
from shopdb_network.models import MODES, PROTOCOLS, Interface, Link, Vlan
from shopdb_network.owner import list_macs
from shopdb_network.plug import list_plugs
from shopdb_network.port import STATES, list_links, list_ports
from shopdb_network.usage import FULLNESS, get_plan

FREE_SHOWN = 12
PORTS_SHOWN = 300
_MAC = re.compile(r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b")


def panels_of(resource: str, item: Mapping[str, Any], session: Session) -> list[Panel]:
    """The panels for one item's page."""
    if resource == "network/prefixes":
        return [_room(item, session)]
    if "asset_tag" not in item:
        return []
    panels = [_ports(item, session), *_links(item, session)] if resource == "network/devices" else []
    return [*panels, *_network(item, session)]


def _ports(item: Mapping[str, Any], session: Session) -> Panel:
    ports = list_ports(session, Interface.device_id == item["id"])
    names = name_vlans(session, item["location"]["id"] if item.get("location") else None)
    values = {
        "device": item,
        "ports": ports[:PORTS_SHOWN],
        "count": len(ports),
        "states": STATES,
        "modes": MODES,
        "vlans": names,
    }
    return Panel(
        title="Ports",
        template="network/ports.html",
        values=values,
        order=10,
        permission="network.interfaces.view",
    )


def _links(item: Mapping[str, Any], session: Session) -> list[Panel]:
    wires = list_links(session, or_(Link.device_id == item["id"], Link.remote_id == item["id"]))
    values = {"device": item, "wires": wires, "protocols": PROTOCOLS}
    return [
        Panel(
            title="Links",
            template="network/links.html",
            values=values,
            order=20,
            permission="network.links.view",
        )
    ]


def _network(item: Mapping[str, Any], session: Session) -> list[Panel]:
    """Its addresses, and where it is plugged in; nothing where neither is known."""
    addresses = list_items(session, "network/addresses", {"asset": str(item["id"]), "limit": "100"})
    plugs = list_plugs(session, item["id"], {*list_macs(session, item["id"]), *told_macs(item)})
    if not addresses and not plugs:
        return []
    values = {"addresses": addresses, "plugs": plugs, "protocols": PROTOCOLS}
    return [
        Panel(
            title="Network",
            template="network/network.html",
            values=values,
            order=30,
            permission="network.devices.view",
        )
    ]


def told_macs(item: Mapping[str, Any]) -> set[str]:
    """The MACs that an item of whichever plugin shows in a field ``mac`` or ``macs``."""
    texts = (str(item.get(name) or "") for name in ("mac", "macs"))
    return {mac for text in texts for mac in _MAC.findall(text)}


def _room(item: Mapping[str, Any], session: Session) -> Panel:
    plan = get_plan(session, item["id"])
    inside = list_items(session, "network/prefixes", {"parent": str(item["id"]), "limit": "100"})
    values = {
        "prefix": item,
        "free": [str(address) for address in plan.find_free(FREE_SHOWN)],
        "inside": inside,
        "fullness": FULLNESS,
        "bits": plan.network.max_prefixlen - plan.network.prefixlen,
    }
    return Panel(title="Addresses", template="network/room.html", values=values, order=10)


def name_vlans(session: Session, location_id: int | None) -> dict[int, str]:
    """What each VID is called at a place: by the VLAN of the nearest place around it, else the site's."""
    places = table_of("locations")
    here = select(places.c.path).where(places.c.id == location_id)
    path = session.execute(here).scalar() or ""
    statement = select(Vlan.vid, Vlan.name, places.c.path).outerjoin(places, places.c.id == Vlan.location_id)
    found: dict[int, tuple[int, str]] = {}
    for vid, name, around in session.execute(statement):
        is_near = around is None or path == around or path.startswith(f"{around} / ")
        distance = len(around or "")
        if is_near and (vid not in found or distance > found[vid][0]):
            found[vid] = (distance, name)
    return {vid: name for vid, (_, name) in found.items()}
