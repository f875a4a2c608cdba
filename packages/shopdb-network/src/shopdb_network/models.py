"""Network gear, its ports and what hangs on them; prefixes, VLANs and addresses."""

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped

from shopdb.db import AssetRow, ItemRow, Str, Text, UtcDateTime, field, model_base, reference, unique_key
from shopdb.outbound import SnmpFields
from shopdb_network.notation import (
    ADDRESS_FORM,
    PREFIX_FORM,
    VID_MAX,
    VID_MIN,
    check_address,
    check_dns_name,
    check_mac,
    check_prefix,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase):
        """What `model_base` makes, for the type checker."""
else:
    Base = model_base("network")

INDEX_MAX = 2**31 - 1
"""Source: RFC 2863, InterfaceIndex."""

KINDS = {
    "switch": "Switch",
    "router": "Router",
    "firewall": "Firewall",
    "access_point": "Access point",
    "wireless_bridge": "Wireless bridge or client",
    "serial_server": "Serial server",
    "media_converter": "Media converter",
    "plc_gateway": "PLC or fieldbus gateway",
    "modem": "Modem or remote access",
    "controller": "Controller",
    "other": "Other",
}
ADMIN_STATUSES = {"up": "Enabled", "down": "Disabled", "testing": "Testing"}
OPER_STATUSES = {
    "up": "Up",
    "down": "Down",
    "testing": "Testing",
    "unknown": "Unknown",
    "dormant": "Dormant",
    "not_present": "Not present",
    "lower_layer_down": "Lower layer down",
}
"""Source: RFC 2863, ifAdminStatus and ifOperStatus."""
MODES = {"access": "Access", "trunk": "Trunk", "hybrid": "Hybrid", "routed": "Routed"}
PROTOCOLS = {"lldp": "LLDP", "cdp": "CDP", "manual": "Patched by hand"}
PREFIX_STATUSES = {
    "active": "In use",
    "reserved": "Reserved",
    "container": "Only holds others",
    "deprecated": "Being given up",
}
ADDRESS_STATUSES = {"active": "In use", "reserved": "Reserved", "deprecated": "Being given up"}
ROLES = {
    "static": "Fixed",
    "dhcp": "DHCP reservation",
    "gateway": "Gateway",
    "virtual": "Virtual (VRRP, HSRP, cluster)",
    "loopback": "Loopback",
}


class Device(SnmpFields, AssetRow, Base):
    """A switch, router, firewall, access point, serial server … and how it is asked."""

    __tablename__ = "network_device"
    kind = field(Str(20), choices=KINDS, listed=True)
    firmware = field(Str(120), search=True, help="Name and version, as the device tells it.")
    port_count = field(Integer, label="Ports by its type plate", minimum=0, maximum=10_000)
    rack = field(Str(60), search=True, help="Rack or cabinet, and where in it: CAB-A2, rail 1.")
    management_notes = field(
        Text(),
        label="Managing it",
        folded=True,
        help="How one gets in: management VLAN, jump host, console cable. No passwords.",
    )


class Interface(ItemRow, Base):
    """A port of a device, as its ifTable numbers it."""

    __tablename__ = "network_interface"
    __table_args__ = (UniqueConstraint("device_id", "if_index"),)
    device_id = reference("network/devices", asset=True, required=True, listed=True, on_delete="CASCADE")
    if_index = field(
        Integer,
        label="Index",
        required=True,
        minimum=1,
        maximum=INDEX_MAX,
        help="ifIndex, or the port's number.",
    )
    name = field(Str(120), required=True, search=True, help="As on the device: Gi1/0/5, port 5.")
    alias = field(Str(255), label="Description", search=True, listed=True, help="ifAlias: what it is for.")
    admin_status = field(Str(20), label="Setting", choices=ADMIN_STATUSES, default="up")
    oper_status = field(Str(20), label="Operational status", choices=OPER_STATUSES, default="unknown")
    speed_bps = field(
        BigInteger, label="Speed (bit/s)", minimum=0, help="In bits per second: 1000000000 is 1 Gbit/s."
    )
    mac = field(Str(17), label="MAC", search=True, check=check_mac, index=True)
    mode = field(Str(10), choices=MODES)
    vlan = field(
        Integer,
        label="VLAN",
        minimum=VID_MIN,
        maximum=VID_MAX,
        listed=True,
        help="The VID that it carries untagged.",
    )


class Link(ItemRow, Base):
    """What hangs on a port: told by LLDP or CDP, or patched and written down by hand."""

    __tablename__ = "network_link"
    __table_args__ = (
        UniqueConstraint(
            *("device_id", "local_if_index", "protocol", "remote_id", "remote_name", "remote_port"),
            name="uq_network_link_ends",
        ),
    )
    device_id = reference("network/devices", asset=True, required=True, listed=True, on_delete="CASCADE")
    local_if_index = field(Integer, label="Port index", required=True, minimum=1, maximum=INDEX_MAX)
    protocol = field(Str(10), label="Known by", choices=PROTOCOLS, default="manual", listed=True)
    remote_id = reference(
        "assets",
        label="Remote asset",
        listed=True,
        on_delete="CASCADE",
        help="What hangs there, where it is an asset of this site.",
    )
    remote_name = field(
        Str(160), search=True, listed=True, help="What the other end calls itself: lldpRemSysName."
    )
    remote_port = field(
        Str(160), search=True, listed=True, help="Its port: lldpRemPortId or lldpRemPortDesc, or as labelled."
    )
    cable = field(Str(80), search=True, help="The label on the cable, or the patch panel and socket.")
    notes = field(Text(), folded=True)


class Mac(ItemRow, Base):
    """A MAC that a device has learned on a port: one row of its forwarding table."""

    __tablename__ = "network_mac"
    __table_args__ = (UniqueConstraint("device_id", "mac", "vlan"),)
    mac = field(Str(17), label="MAC", required=True, search=True, check=check_mac, index=True)
    device_id = reference("network/devices", asset=True, required=True, listed=True, on_delete="CASCADE")
    if_index = field(Integer, label="Port index", required=True, minimum=1, maximum=INDEX_MAX)
    vlan = field(Integer, label="VLAN", minimum=VID_MIN, maximum=VID_MAX, listed=True)
    last_seen = field(UtcDateTime, listed=True, index=True)


class Vlan(ItemRow, Base):
    """A VLAN of a place; two places may use one VID for different things."""

    __tablename__ = "network_vlan"
    __table_args__ = (
        UniqueConstraint("location_id", "vid"),
        UniqueConstraint("location_id", "name_key"),
    )
    vid = field(Integer, label="VID", required=True, minimum=VID_MIN, maximum=VID_MAX, listed=True)
    name = field(Str(120), required=True, search=True)
    name_key: Mapped[str | None] = unique_key("name", 120, within="location_id")
    location_id = reference("locations", listed=True, help="Where it is this VLAN; empty for the whole site.")
    description = field(Str(255), search=True, listed=True)


class Prefix(ItemRow, Base):
    """A range of addresses. The prefix that contains it, and the addresses in it, are derived."""

    __tablename__ = "network_prefix"
    prefix = field(
        Str(43), required=True, search=True, check=check_prefix, help="As 10.20.0.0/24 or 2001:db8:20::/64."
    )
    prefix_key: Mapped[str | None] = unique_key("prefix", form=PREFIX_FORM)
    description = field(Str(255), search=True, listed=True)
    status = field(Str(20), choices=PREFIX_STATUSES, default="active")
    vlan_id = reference("network/vlans", to="network_vlan.id", label="VLAN", listed=True)
    location_id = reference("locations", listed=True)
    gateway = field(Str(39), search=True, check=check_address, help="Its router; never handed out.")
    parent_id = reference(
        "network/prefixes", to="network_prefix.id", label="Within", readonly=True, on_delete="SET NULL"
    )
    notes = field(Text(), folded=True)


class Address(ItemRow, Base):
    """An address, and whose it is. The smallest prefix that contains it is derived."""

    __tablename__ = "network_address"
    address = field(
        Str(39), required=True, search=True, check=check_address, help="10.20.0.17 or 2001:db8::17."
    )
    address_key: Mapped[str | None] = unique_key("address", form=ADDRESS_FORM)
    asset_id = reference("assets", listed=True, on_delete="SET NULL", help="The asset that has it.")
    dns_name = field(Str(253), label="DNS name", search=True, check=check_dns_name, listed=True)
    mac = field(
        Str(17),
        label="MAC",
        search=True,
        check=check_mac,
        listed=True,
        index=True,
        help="Of the card that has it.",
    )
    role = field(Str(20), choices=ROLES, listed=True)
    status = field(Str(20), choices=ADDRESS_STATUSES, default="active")
    interface_id = reference(
        "network/interfaces",
        to="network_interface.id",
        label="Port",
        folded=True,
        on_delete="SET NULL",
        help="For network gear: the port or VLAN interface that has it.",
    )
    prefix_id = reference(
        "network/prefixes", to="network_prefix.id", readonly=True, listed=True, on_delete="SET NULL"
    )
    description = field(Str(255), search=True)
