"""Ports: what state they are in, and what hangs on them by links and MAC tables."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shopdb.plugins import Badge
from shopdb.services import table_of
from shopdb_network.models import Interface, Link, Mac
from shopdb_network.notation import speed_text
from shopdb_network.owner import find_owners

STATES = {
    "up": Badge("Up", "good"),
    "lost": Badge("Link lost", "warning"),
    "down": Badge("Down", "muted"),
    "disabled": Badge("Disabled", "muted"),
    "waiting": Badge("Waiting", "notice"),
    "testing": Badge("Testing", "notice"),
    "unknown": Badge("Unknown", "muted"),
}
SCHEMA: Mapping[str, Any] = {
    "state": {"enum": list(STATES), "title": "Both statuses in one word; lost: down, though a link is known"},
    "speed": {"type": ["string", "null"], "title": "The speed with its unit"},
    "attached": {"type": ["string", "null"], "title": "What hangs on it"},
}
EMPTY: Mapping[str, Any] = {"state": "unknown", "speed": None, "attached": None}
LISTED = {"state": "Status", "speed": "Speed", "attached": "Connected to"}
MACS_SHOWN = 3
"""A port with more MACs than these shows how many they are."""
_DOWN = ("down", "lower_layer_down", "not_present")

_PLAIN = {"up": "up", "dormant": "waiting", "unknown": "unknown"}

Place = tuple[int, int]
"""A port by its device and its ifIndex."""


@dataclass(frozen=True, slots=True)
class End:
    """One thing that hangs on a port.

    Args:
        asset_id: Where it is an asset of the site.
        note: Its port or MAC.
        is_link: It is known by a link, not only by a MAC that was seen.
    """

    text: str
    asset_id: int | None = None
    note: str = ""
    is_link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One port as tables show it."""

    id: int
    if_index: int
    name: str
    alias: str | None
    vlan: int | None
    mode: str | None
    state: str
    speed: str | None
    ends: Sequence[End]


@dataclass(frozen=True, slots=True)
class Wire:
    """A link with the names of both its ends.

    Args:
        remote_if_index: Of the remote port, where the remote is a device here that has a port of that name.
    """

    link: Link
    device: str
    local_port: str | None
    remote: str | None
    remote_if_index: int | None

    @property
    def local_text(self) -> str:
        """What the local port is called."""
        return self.local_port or f"port {self.link.local_if_index}"

    def ends(self) -> Iterator[tuple[Place, End]]:
        """What hangs on the port of either end, where that is known."""
        link = self.link
        there = link.remote_port or ""
        yield (
            (link.device_id, link.local_if_index),
            End(self.remote or link.remote_name, link.remote_id, there, is_link=True),
        )
        if self.remote_if_index is not None:
            back = End(self.device, link.device_id, self.local_text, is_link=True)
            yield (link.remote_id, self.remote_if_index), back


def state_of(admin_status: str, oper_status: str, *, has_link: bool) -> str:
    """One of `STATES`."""
    if admin_status == "down":
        return "disabled"
    if "testing" in (admin_status, oper_status):
        return "testing"
    if oper_status in _DOWN:
        return "lost" if has_link else "down"
    return _PLAIN.get(oper_status, "unknown")


def is_linked() -> ColumnElement[bool]:
    """The condition on ports that a link is known of, from either end."""
    near = exists().where(Link.device_id == Interface.device_id, Link.local_if_index == Interface.if_index)
    far = exists().where(Link.remote_id == Interface.device_id, Link.remote_port == Interface.name)
    return or_(near, far)


def has_state(session: Session, state: str) -> ColumnElement[bool]:
    """The condition on ports in that state: the same that `state_of` tells."""
    is_testing = or_(Interface.admin_status == "testing", Interface.oper_status == "testing")
    is_down = Interface.oper_status.in_(_DOWN)
    told = {
        "testing": is_testing,
        "lost": and_(~is_testing, is_down, is_linked()),
        "down": and_(~is_testing, is_down, ~is_linked()),
        **{name: and_(~is_testing, Interface.oper_status == oper) for oper, name in _PLAIN.items()},
    }
    if state == "disabled":
        return Interface.admin_status == "down"
    return and_(Interface.admin_status != "down", told[state])


def load_ports(session: Session, interface_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """What ports show beside their columns, by id."""
    return {
        port.id: {
            "state": port.state,
            "speed": port.speed,
            "attached": "; ".join(f"{end.text} {end.note}".strip() for end in port.ends) or None,
        }
        for port in list_ports(session, Interface.id.in_(interface_ids))
    }


def list_ports(session: Session, wanted: ColumnElement[bool]) -> list[Port]:
    """Ports with what hangs on them, by their numbers."""
    statement = select(Interface).where(wanted).order_by(Interface.device_id, Interface.if_index)
    rows = session.execute(statement).scalars().all()
    ends = find_ends(session, {row.device_id for row in rows})
    ports = []
    for row in rows:
        here = ends.get((row.device_id, row.if_index), [])
        has_link = any(end.is_link for end in here)
        ports.append(
            Port(
                id=row.id,
                if_index=row.if_index,
                name=row.name,
                alias=row.alias,
                vlan=row.vlan,
                mode=row.mode,
                state=state_of(row.admin_status, row.oper_status, has_link=has_link),
                speed=speed_text(row.speed_bps),
                ends=here,
            )
        )
    return ports


def find_ends(session: Session, device_ids: Collection[int]) -> dict[Place, list[End]]:
    """What hangs on each port of some devices: by links; where there is none, by MACs."""
    found: dict[Place, list[End]] = defaultdict(list)
    for link in list_links(session, or_(Link.device_id.in_(device_ids), Link.remote_id.in_(device_ids))):
        for place, end in link.ends():
            known = [
                each for each in found[place] if end.asset_id is not None and each.asset_id == end.asset_id
            ]
            if place[0] in device_ids and not known:
                found[place].append(end)
    _add_macs(session, device_ids, found)
    return {place: ends for place, ends in found.items() if ends}


def list_links(session: Session, wanted: ColumnElement[bool]) -> list[Wire]:
    """Links with the names of both ends, by device and port."""
    assets = table_of("assets")
    near, far = assets.alias("near"), assets.alias("far")
    near_port, far_port = aliased(Interface), aliased(Interface)
    statement = (
        select(
            Link,
            func.coalesce(near.c.name, near.c.asset_tag),
            near_port.name,
            func.coalesce(far.c.name, far.c.asset_tag),
            far_port.if_index,
        )
        .join(near, near.c.id == Link.device_id)
        .outerjoin(far, far.c.id == Link.remote_id)
        .outerjoin(
            near_port,
            and_(near_port.device_id == Link.device_id, near_port.if_index == Link.local_if_index),
        )
        .outerjoin(far_port, and_(far_port.device_id == Link.remote_id, far_port.name == Link.remote_port))
        .where(wanted)
        .order_by(Link.device_id, Link.local_if_index, Link.id)
    )
    return [Wire(*row) for row in session.execute(statement)]


def _add_macs(session: Session, device_ids: Collection[int], found: dict[Place, list[End]]) -> None:
    seen = select(Mac.device_id, Mac.if_index, Mac.mac).where(Mac.device_id.in_(device_ids)).distinct()
    learned: dict[Place, list[str]] = defaultdict(list)
    for device_id, if_index, mac in session.execute(seen.order_by(Mac.mac)):
        if not found[device_id, if_index]:
            learned[device_id, if_index].append(mac)
    few = {place: macs for place, macs in learned.items() if len(macs) <= MACS_SHOWN}
    owners = find_owners(session, {mac for macs in few.values() for mac in macs})
    for place, macs in learned.items():
        if place not in few:
            found[place].append(End(f"{len(macs)} MAC addresses"))
            continue
        for mac in macs:
            owner = owners.get(mac)
            found[place].append(End(mac) if owner is None else End(owner.name, owner.asset_id, mac))
