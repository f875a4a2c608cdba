"""Where else the search box looks: the port of a MAC, an address in any notation, the prefix that holds one."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shopdb.plugins import SearchHit, SearchSource, SearchTerm
from shopdb.services import table_of
from shopdb_network.containment import find_prefix_of
from shopdb_network.models import Address, Mac, Prefix
from shopdb_network.notation import key_of_address, span_of_addresses
from shopdb_network.plug import find_by_macs
from shopdb_network.usage import load_usage


def find_ports(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    """The ports where a MAC, or one that holds the bytes that were typed, was seen."""
    if term.mac is None:
        return []
    seen = select(Mac.mac).where(Mac.mac.contains(term.mac, autoescape=True)).distinct().order_by(Mac.mac)
    macs = session.execute(seen.limit(limit)).scalars().all()
    plugs = find_by_macs(session, macs)
    return [
        SearchHit(
            title=mac,
            resource="network/devices",
            item_id=plugs[mac].device_id,
            detail=f"Seen on {plugs[mac].device}, {plugs[mac].port}",
            kind="Port",
            is_exact=term.is_whole_mac,
        )
        for mac in macs
    ]


def find_addresses(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    """An address that was typed in whichever notation, or those within a prefix that was."""
    if term.address is None and term.prefix is None:
        return []
    assets = table_of("assets")
    owner = func.coalesce(assets.c.name, assets.c.asset_tag).label("owner")
    statement = select(Address.id, Address.address, Address.dns_name, owner)
    if term.address is not None:
        wanted = Address.address_key == key_of_address(term.address)
    else:
        assert term.prefix is not None
        wanted = Address.address_key.between(*span_of_addresses(term.prefix))
    statement = statement.outerjoin(assets, assets.c.id == Address.asset_id).where(wanted)
    return [
        SearchHit(
            title=row.address,
            resource="network/addresses",
            item_id=row.id,
            detail=", ".join(text for text in (row.owner, row.dns_name) if text),
            is_exact=term.address is not None,
        )
        for row in session.execute(statement.order_by(Address.address_key).limit(limit))
    ]


def find_prefixes(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    """The smallest prefix that holds an address that was typed."""
    if term.address is None:
        return []
    prefix_id = find_prefix_of(session, term.address)
    row = session.execute(select(Prefix.prefix, Prefix.description).where(Prefix.id == prefix_id)).first()
    if prefix_id is None or row is None:
        return []
    free = load_usage(session, [prefix_id])[prefix_id]["next_free"]
    told = [row.description, f"next free: {free}" if free else "no address is free"]
    detail = ", ".join(text for text in told if text)
    return [SearchHit(title=row.prefix, resource="network/prefixes", item_id=prefix_id, detail=detail)]


SOURCES = [
    SearchSource(
        name="network.ports",
        title="Ports by MAC",
        permission="network.macs.view",
        find=find_ports,
        icon="plug",
    ),
    SearchSource(
        name="network.addresses",
        title="Addresses",
        permission="network.addresses.view",
        find=find_addresses,
        icon="at",
    ),
    SearchSource(
        name="network.prefixes",
        title="Prefixes",
        permission="network.prefixes.view",
        find=find_prefixes,
        icon="binary-tree",
    ),
]
