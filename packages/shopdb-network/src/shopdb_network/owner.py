"""Whose a MAC is: told by an address that an asset has, or by a port of network gear."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Subquery, func, select, union
from sqlalchemy.orm import Session

from shopdb.services import table_of
from shopdb_network.models import Address, Interface


@dataclass(frozen=True, slots=True)
class Owner:
    """An asset that has a MAC."""

    asset_id: int
    name: str


def owned_macs() -> Subquery:
    """Every MAC that an asset is known to have, as ``mac`` and ``asset_id``, each pair once."""
    of_addresses = select(Address.mac.label("mac"), Address.asset_id.label("asset_id"))
    of_ports = select(Interface.mac, Interface.device_id).where(Interface.mac.is_not(None))
    known = of_addresses.where(Address.mac.is_not(None), Address.asset_id.is_not(None))
    return union(known, of_ports).subquery("owned")


def find_owners(session: Session, macs: Collection[str]) -> dict[str, Owner]:
    """The assets that have these MACs; of several with the same, the one that was added first."""
    if not macs:
        return {}
    assets, owned = table_of("assets"), owned_macs()
    statement = (
        select(owned.c.mac, assets.c.id, func.coalesce(assets.c.name, assets.c.asset_tag))
        .join(assets, assets.c.id == owned.c.asset_id)
        .where(owned.c.mac.in_(macs))
        .order_by(assets.c.id.desc())
    )
    return {mac: Owner(id_, name) for mac, id_, name in session.execute(statement)}


def list_macs(session: Session, asset_id: int) -> list[str]:
    """The MACs that an asset is known to have."""
    owned = owned_macs()
    found = select(owned.c.mac).where(owned.c.asset_id == asset_id).order_by(owned.c.mac)
    return list(session.execute(found).scalars())
