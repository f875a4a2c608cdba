"""What one value says about another: checks of whole items before they are written."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shopdb.errors import InvalidError
from shopdb.outbound import check_snmp
from shopdb_network.models import Interface
from shopdb_network.notation import read_address, read_prefix
from shopdb_network.plan import usable_span


def check_device(session: Session, state: Mapping[str, Any], device_id: int | None) -> None:
    """A device can be asked as its fields say."""
    check_snmp(state)


def check_link(session: Session, state: Mapping[str, Any], link_id: int | None) -> None:
    """A link says what hangs there, and no device hangs on itself."""
    if not state.get("remote") and not state.get("remote_name"):
        raise _wrong("remote_name", "Say what hangs there: an asset, or what the other end calls itself.")
    if state.get("remote") is not None and state["remote"] == state["device"]:
        raise _wrong("remote", "This is the device itself: choose what hangs on its port.")


def check_prefix_item(session: Session, state: Mapping[str, Any], prefix_id: int | None) -> None:
    """A gateway is an address that a device in the prefix can have."""
    if state.get("gateway") is None:
        return
    network, gateway = read_prefix(state["prefix"]), read_address(state["gateway"])
    if gateway not in network:
        raise _wrong("gateway", f"{gateway} is not in {network}.")
    if not usable_span(network).has(int(gateway)):
        raise _wrong(
            "gateway", f"{gateway} names the network {network} itself, or all in it: no router has it."
        )


def check_address_item(session: Session, state: Mapping[str, Any], address_id: int | None) -> None:
    """A port that has an address belongs to the asset that has it."""
    if state.get("interface") is None:
        return
    owner = select(Interface.device_id).where(Interface.id == state["interface"])
    device = session.connection().execute(owner).scalar()
    if state.get("asset") != device:
        raise _wrong(
            "interface", f"This port belongs to asset {device}: choose that as the asset, or no port."
        )


def _wrong(name: str, text: str) -> InvalidError:
    return InvalidError(f"{name}: {text}", errors={name: [text]})
