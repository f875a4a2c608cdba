"""The seven resources of network gear, declared."""

from shopdb.plugins import Extra, Resource
from shopdb_network import checks, containment, naming, port, usage
from shopdb_network.models import Address, Device, Interface, Link, Mac, Prefix, Vlan

_PORT_STATE = Extra(
    load=port.load_ports,
    schema=port.SCHEMA,
    empty=port.EMPTY,
    listed=port.LISTED,
    badges={"state": port.STATES},
    filters={"state": port.has_state},
)
_ROOM = Extra(
    load=usage.load_usage,
    schema=usage.SCHEMA,
    empty=usage.EMPTY,
    listed=usage.LISTED,
    badges={"fullness": usage.FULLNESS},
    filters={"fullness": usage.has_fullness},
)

DEVICES = Resource(
    name="network/devices",
    title="Network devices",
    title_one="Network device",
    model=Device,
    asset_type="network-device",
    keys=("asset_tag", "serial_number"),
    check=checks.check_device,
    icon="network",
    help="Switches, routers, access points, serial servers. Add one, then its ports, or import them from a sheet.",
)
INTERFACES = Resource(
    name="network/interfaces",
    title="Ports",
    title_one="Port",
    model=Interface,
    keys=(("device", "if_index"),),
    default_sort="device,if_index",
    extra=_PORT_STATE,
    icon="plug",
    group="network",
    under="network/devices",
    help="The ports of network gear: import a device's port list, or add what matters by hand.",
)
LINKS = Resource(
    name="network/links",
    title="Links",
    title_one="Link",
    model=Link,
    label="remote_name",
    keys=(
        ("device", "local_if_index", "protocol", "remote_name"),
        ("device", "local_if_index", "protocol", "remote"),
    ),
    default_sort="device,local_if_index",
    extra=naming.LINK_PORT,
    check=checks.check_link,
    icon="plug-connected",
    group="network",
    under="network/devices",
    help="What hangs on which port: write down what is patched where.",
)
MACS = Resource(
    name="network/macs",
    title="MAC table",
    title_one="MAC table entry",
    model=Mac,
    label="mac",
    keys=(("device", "mac", "vlan"), ("device", "mac")),
    default_sort="-last_seen",
    extra=naming.SEEN,
    icon="list-search",
    group="network",
    under="network/devices",
    help="Which MAC a switch has seen on which port. Import a switch's table, and assets find their ports.",
)
VLANS = Resource(
    name="network/vlans",
    title="VLANs",
    title_one="VLAN",
    model=Vlan,
    keys=(("location", "vid"), "name"),
    default_sort="location,vid",
    icon="stack-2",
    group="network",
    help="Virtual networks, each with its VID and the place where it is that.",
)
PREFIXES = Resource(
    name="network/prefixes",
    title="Prefixes",
    title_one="Prefix",
    model=Prefix,
    label="prefix",
    keys=("prefix",),
    default_sort="prefix",
    extra=_ROOM,
    check=checks.check_prefix_item,
    follow_up=containment.place_prefix,
    on_deleting=containment.release_members,
    turn_of="network/prefixes",
    icon="binary-tree",
    group="network",
    help="Ranges of addresses, each with its VLAN and gateway. Each knows which of its addresses are free.",
)
ADDRESSES = Resource(
    name="network/addresses",
    title="Addresses",
    title_one="Address",
    model=Address,
    label="address",
    keys=("address",),
    default_sort="address",
    check=checks.check_address_item,
    follow_up=containment.place_address,
    turn_of="network/prefixes",
    icon="at",
    group="network",
    help="IP addresses and whose they are. A prefix's page says which are free.",
)
RESOURCES = [DEVICES, INTERFACES, LINKS, MACS, VLANS, PREFIXES, ADDRESSES]
