"""The names behind numbers: what a port is called and whose a MAC is, beside links and MAC table entries."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from shopdb.plugins import Extra
from shopdb_network.models import Interface, Link, Mac
from shopdb_network.owner import find_owners

_PORT = {"type": ["string", "null"], "title": "What the port is called"}
_OWNER = {
    "anyOf": [{"$ref": "#/components/schemas/Reference"}, {"type": "null"}],
    "title": "The asset that is known to have the MAC",
}


def load_link_ports(session: Session, link_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """The names of links' local ports, by the link's id."""
    same = and_(Interface.device_id == Link.device_id, Interface.if_index == Link.local_if_index)
    statement = select(Link.id, Interface.name).join(Interface, same).where(Link.id.in_(link_ids))
    return {link_id: {"local_port": name} for link_id, name in session.execute(statement)}


def load_seen(session: Session, entry_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """The port's name and the MAC's owner, by the entry's id."""
    same = and_(Interface.device_id == Mac.device_id, Interface.if_index == Mac.if_index)
    statement = (
        select(Mac.id, Mac.mac, Interface.name).outerjoin(Interface, same).where(Mac.id.in_(entry_ids))
    )
    rows = session.execute(statement).all()
    owners = find_owners(session, {row.mac for row in rows})
    found: dict[int, dict[str, Any]] = {row.id: {"port": row.name, "asset": None} for row in rows}
    for row in rows:
        owner = owners.get(row.mac)
        if owner is not None:
            found[row.id]["asset"] = {"id": owner.asset_id, "name": owner.name}
    return found


LINK_PORT = Extra(
    load=load_link_ports,
    schema={"local_port": _PORT},
    empty={"local_port": None},
    listed={"local_port": "Port"},
)
SEEN = Extra(
    load=load_seen,
    schema={"port": _PORT, "asset": _OWNER},
    empty={"port": None, "asset": None},
    listed={"port": "Port", "asset": "Belongs to"},
)
