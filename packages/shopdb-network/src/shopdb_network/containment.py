"""Which prefix an address or a prefix lies in, kept when either changes.

The keys of all prefixes that could contain an address are known from the address alone, so the smallest one is
found by its key. Whoever writes prefixes or addresses goes in the same turn (`Resource.turn_of`).
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shopdb.plugins import Written
from shopdb_network.models import Address, Prefix
from shopdb_network.notation import (
    IpAddress,
    IpPrefix,
    host_prefix,
    key_of_prefix,
    keys_of_containers,
    read_address,
    read_prefix,
    span_of_addresses,
    span_of_prefixes,
)


def find_container(session: Session, network: IpPrefix) -> int | None:
    """The smallest prefix that contains a network and is not it, or None."""
    return _find_smallest(session, keys_of_containers(network))


def find_prefix_of(session: Session, address: IpAddress) -> int | None:
    """The smallest prefix that contains an address, or None."""
    alone = host_prefix(address)
    return _find_smallest(session, [*keys_of_containers(alone), key_of_prefix(alone)])


def _find_smallest(session: Session, keys: list[str]) -> int | None:
    found = select(Prefix.id).where(Prefix.prefix_key.in_(keys)).order_by(Prefix.prefix_key.desc()).limit(1)
    return session.connection().execute(found).scalar()


def place_address(session: Session, written: Written) -> None:
    """Write into an address which prefix it lies in."""
    if written.before is None or written.before["address"] != written.after["address"]:
        prefix_id = find_prefix_of(session, read_address(written.after["address"]))
        placed = update(Address).where(Address.id == written.item_id).values(prefix_id=prefix_id)
        session.connection().execute(placed)


def place_prefix(session: Session, written: Written) -> None:
    """Write into a prefix what it lies in, and into what lies in it that it does."""
    before = None if written.before is None else written.before["prefix"]
    if before == written.after["prefix"]:
        return
    if before is not None:
        release_members(session, written.item_id)
    network = read_prefix(written.after["prefix"])
    parent = find_container(session, network)
    connection = session.connection()
    connection.execute(update(Prefix).where(Prefix.id == written.item_id).values(parent_id=parent))
    own = (
        Address.address_key.between(*span_of_addresses(network)),
        Address.prefix_id.is_not_distinct_from(parent),
    )
    connection.execute(update(Address).where(*own).values(prefix_id=written.item_id))
    below = (
        Prefix.prefix_key.between(*span_of_prefixes(network)),
        Prefix.parent_id.is_not_distinct_from(parent),
        Prefix.id != written.item_id,
    )
    connection.execute(update(Prefix).where(*below).values(parent_id=written.item_id))


def release_members(session: Session, prefix_id: int) -> None:
    """Give what lies in a prefix to the one that contains it, because this one goes or moves."""
    connection = session.connection()
    above = connection.execute(select(Prefix.parent_id).where(Prefix.id == prefix_id)).scalar()
    connection.execute(update(Address).where(Address.prefix_id == prefix_id).values(prefix_id=above))
    connection.execute(update(Prefix).where(Prefix.parent_id == prefix_id).values(parent_id=above))
