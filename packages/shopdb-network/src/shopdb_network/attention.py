"""What network gear and the plan of addresses ask of somebody now."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from shopdb.plugins import Card, CardLine, Viewer
from shopdb.services import table_of
from shopdb_network.models import Address, Device, Interface
from shopdb_network.owner import owned_macs
from shopdb_network.port import has_state
from shopdb_network.usage import list_full

SHOWN = 10


def list_cards(viewer: Viewer, session: Session) -> list[Card]:
    """Lost links, conflicts, and prefixes without room; each is asked for only where the viewer may see it."""
    cards = []
    if viewer.may("network.interfaces.view"):
        lines, count = list_lost_links(session)
        lost = "/network/interfaces?state=lost"
        cards.append(_card("Links lost", "interfaces", lines, count=count, url=lost, icon="plug-connected-x"))
    if viewer.may("network.addresses.view"):
        found = list_conflicts(session)
        cards.append(_card("Address conflicts", "addresses", found, count=len(found), icon="arrows-cross"))
    if viewer.may("network.prefixes.view"):
        full = list_full(session)
        url = "/network/prefixes?fullness__in=full,nearly_full"
        cards.append(_card("Prefixes nearly full", "prefixes", full, count=len(full), url=url, icon="gauge"))
    return cards


def _card(title: str, resource: str, lines: list[CardLine], *, count: int, icon: str, url: str = "") -> Card:
    permission = f"network.{resource}.view"
    return Card(title=title, permission=permission, lines=lines, count=count, url=url, icon=icon, order=25)


def list_lost_links(session: Session) -> tuple[list[CardLine], int]:
    """The ports that are down though a link is known of, and how many there are."""
    assets = table_of("assets")
    is_lost = has_state(session, "lost")
    statement = (
        select(
            Interface.device_id,
            func.coalesce(assets.c.name, assets.c.asset_tag).label("device"),
            Interface.name,
            Interface.alias,
        )
        .join(assets, assets.c.id == Interface.device_id)
        .where(is_lost)
        .order_by(assets.c.name, Interface.if_index)
        .limit(SHOWN)
    )
    lines = [
        CardLine(
            text=f"{row.device}, {row.name}",
            url=f"/network/devices/{row.device_id}",
            tone="warning",
            note=row.alias or "",
        )
        for row in session.execute(statement)
    ]
    count = session.scalar(select(func.count()).select_from(Interface).where(is_lost)) or 0
    return lines, count


def list_conflicts(session: Session) -> list[CardLine]:
    """MACs and addresses that two assets claim."""
    return [*_shared_macs(session), *_shared_hosts(session), *_taken_hosts(session)]


def _shared_macs(session: Session) -> Iterable[CardLine]:
    owned = owned_macs()
    twice = select(owned.c.mac).group_by(owned.c.mac).having(func.count(owned.c.asset_id.distinct()) > 1)
    assets, each = table_of("assets"), owned_macs()
    statement = (
        select(each.c.mac.label("value"), func.coalesce(assets.c.name, assets.c.asset_tag).label("name"))
        .join(assets, assets.c.id == each.c.asset_id)
        .where(each.c.mac.in_(twice))
    )
    for mac, names in _gathered(session.execute(statement.order_by(each.c.mac, assets.c.id)).all()):
        yield CardLine(
            text=f"{' and '.join(names)} have one MAC",
            url=f"/network/addresses?{urlencode({'mac': mac})}",
            tone="warning",
            note=mac,
        )


def _shared_hosts(session: Session) -> Iterable[CardLine]:
    """Addresses at which several devices are asked."""
    assets = table_of("assets")
    twice = select(Device.host).where(Device.host.is_not(None)).group_by(Device.host).having(func.count() > 1)
    statement = (
        select(Device.host.label("value"), func.coalesce(assets.c.name, assets.c.asset_tag).label("name"))
        .join(assets, assets.c.id == Device.asset_id)
        .where(Device.host.in_(twice))
    )
    for host, names in _gathered(session.execute(statement.order_by(Device.host, assets.c.id)).all()):
        yield CardLine(
            text=f"{' and '.join(names)} are asked at one address",
            url=f"/network/devices?{urlencode({'host': host})}",
            tone="danger",
            note=host,
        )


def _taken_hosts(session: Session) -> Iterable[CardLine]:
    """Devices that are asked at an address that is written down for another asset, which isn't asked there."""
    assets, twin = table_of("assets"), aliased(Device)
    mine, other = assets.alias("mine"), assets.alias("other")
    statement = (
        select(
            Address.id,
            Address.address,
            func.coalesce(mine.c.name, mine.c.asset_tag).label("device"),
            func.coalesce(other.c.name, other.c.asset_tag).label("owner"),
        )
        .join(Device, and_(Device.host == Address.address, Device.asset_id != Address.asset_id))
        .join(mine, mine.c.id == Device.asset_id)
        .join(other, other.c.id == Address.asset_id)
        .where(~exists().where(twin.asset_id == Address.asset_id, twin.host == Address.address))
        .order_by(Address.address_key, mine.c.id)
    )
    for row in session.execute(statement):
        yield CardLine(
            text=f"{row.device} is asked at the address of {row.owner}",
            url=f"/network/addresses/{row.id}",
            tone="danger",
            note=row.address,
        )


def _gathered(rows: Iterable[Any]) -> Iterable[tuple[str, list[str]]]:
    names: dict[str, list[str]] = defaultdict(list)
    for value, name in rows:
        names[value].append(name)
    return names.items()
