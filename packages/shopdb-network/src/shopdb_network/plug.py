"""Where an asset is plugged in: by a link that names it, else by the port where its MAC was seen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shopdb.services import table_of
from shopdb_network.models import Device, Interface, Link, Mac
from shopdb_network.port import Place, list_links


@dataclass(frozen=True, slots=True, kw_only=True)
class Plug:
    """A port that an asset is plugged into.

    Args:
        mac: By which it was found; None where a link says so.
        seen_at: When that MAC was last seen there.
        protocol: Of the link.
    """

    device_id: int
    device: str
    if_index: int
    port: str
    interface_id: int | None = None
    vlan: int | None = None
    mac: str | None = None
    seen_at: datetime | None = None
    protocol: str | None = None

    @property
    def place(self) -> Place:
        """Device and ifIndex."""
        return self.device_id, self.if_index


def list_plugs(session: Session, asset_id: int, macs: Collection[str]) -> list[Plug]:
    """The ports that an asset is plugged into, each once, those of links first."""
    linked = [
        Plug(
            device_id=wire.link.device_id,
            device=wire.device,
            if_index=wire.link.local_if_index,
            port=wire.local_text,
            protocol=wire.link.protocol,
        )
        for wire in list_links(session, Link.remote_id == asset_id)
    ]
    plugs = {plug.place: plug for plug in linked}
    for plug in find_by_macs(session, macs).values():
        if plug.device_id != asset_id:
            plugs.setdefault(plug.place, plug)
    return list(plugs.values())


def find_by_macs(session: Session, macs: Collection[str]) -> dict[str, Plug]:
    """The port of each MAC that some device has seen.

    A MAC is seen by every switch on its way. Its own port is no link to other network gear, and has the fewest
    MACs; of several, the one that saw it last.
    """
    if not macs:
        return {}
    assets, port = table_of("assets"), aliased(Interface)
    statement = (
        select(
            Mac,
            func.coalesce(assets.c.name, assets.c.asset_tag).label("device"),
            port.id.label("interface_id"),
            port.name.label("port"),
        )
        .join(assets, assets.c.id == Mac.device_id)
        .outerjoin(port, and_(port.device_id == Mac.device_id, port.if_index == Mac.if_index))
        .where(Mac.mac.in_(macs))
        .order_by(_leads_on(port), _crowd(), Mac.last_seen.is_(None), Mac.last_seen.desc(), Mac.id)
    )
    found: dict[str, Plug] = {}
    for entry, device, interface_id, name in session.execute(statement):
        found.setdefault(
            entry.mac,
            Plug(
                device_id=entry.device_id,
                device=device,
                if_index=entry.if_index,
                port=name or f"port {entry.if_index}",
                interface_id=interface_id,
                vlan=entry.vlan,
                mac=entry.mac,
                seen_at=entry.last_seen,
            ),
        )
    return found


def _crowd() -> ColumnElement[int]:
    """How many MACs were seen on the port."""
    other = aliased(Mac)
    same_port = (other.device_id == Mac.device_id, other.if_index == Mac.if_index)
    return select(func.count(other.mac.distinct())).where(*same_port).scalar_subquery()


def _leads_on(port: type[Interface]) -> ColumnElement[int]:
    """1 where a port is linked to other network gear, from either end; else 0."""
    near = exists().where(
        Link.device_id == Mac.device_id,
        Link.local_if_index == Mac.if_index,
        Link.remote_id == Device.asset_id,
    )
    far = exists().where(Link.remote_id == Mac.device_id, Link.remote_port == port.name)
    return case((or_(near, far), 1), else_=0)
