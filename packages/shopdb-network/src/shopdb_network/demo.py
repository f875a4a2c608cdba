"""The network of the demo: gear, ports, and an address and a port for what stands near a switch."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError
from shopdb.plugins import Actor, Demo, JobContext, now
from shopdb.services import create_item, list_items
from shopdb_network import sample
from shopdb_network.panel import told_macs
from shopdb_network.plan import Plan
from shopdb_network.sample import CORE, GEAR, Gear

ACTOR = Actor(name="demo", source="demo")


class Guest(NamedTuple):
    """Something that hangs on a port of a switch: its network, and the MAC that the switch sees."""

    asset_id: int
    name: str
    net: str
    mac: str
    is_lost: bool = False
    is_gear: bool = False


def seed(context: JobContext) -> None:
    """Write the sample network through the ordinary service path."""
    with context.database.write() as session:
        _Seed(session).write()


class _Seed:
    """What is there, by name, and how far each network's addresses are handed out."""

    def __init__(self, session: Session):
        self.session = session
        self.places = self._ids("locations")
        self.vendors = self._ids("vendors")
        self.models = self._ids("models")
        self.statuses = self._ids("statuses")
        self.free: dict[str, Iterator[str]] = {}
        self.vids = {net.name: net.vid for net in sample.NETS}
        self.devices: dict[str, int] = {}
        self.hosts: dict[str, str] = {}
        self.seen_at = now() - timedelta(minutes=7)

    def write(self) -> None:
        """The plan first, then gear, then ports and what hangs on them."""
        self._write_plan()
        for gear in GEAR:
            self._write_gear(gear)
        guests = self._find_guests()
        for gear in GEAR:
            if gear.kind == "switch":
                self._write_switch(gear, guests[gear.name])
        self._fill_printers()

    def _list(self, resource: str, **parameters: str) -> list[dict[str, Any]]:
        return list_items(self.session, resource, {"limit": "1000", **parameters})

    def _ids(self, resource: str) -> dict[str, int]:
        return {item["name"]: item["id"] for item in self._list(resource)}

    def _new(self, resource: str, **values: Any) -> int:
        given = {name: value for name, value in values.items() if value not in (None, "")}
        return int(create_item(self.session, resource, given, actor=ACTOR)["id"])

    # -- the plan -------------------------------------------------------------------------------

    def _write_plan(self) -> None:
        for prefix, description, status in sample.AROUND:
            self._new("network/prefixes", prefix=prefix, description=description, status=status)
        for net in sample.NETS:
            place = self.places.get(net.building)
            vlan = self._new("network/vlans", vid=net.vid, name=net.name, location=place)
            values = {"prefix": net.prefix, "gateway": net.gateway, "description": net.name}
            self._new("network/prefixes", **values, vlan=vlan, location=place)
            network = ip_network(net.prefix)
            plan = Plan(network, taken=frozenset({int(network[1])}))
            self.free[net.name] = (str(address) for address in plan.find_free(250))
        for address, name in zip(sample.TRANSIT, (CORE, "fw-1"), strict=True):
            self._new("network/addresses", address=address, description=f"{name}, to its neighbour")

    def _fill_printers(self) -> None:
        """Reserve what is left but one, so that the demo has a prefix that is nearly full."""
        for address in list(self.free["Printers"])[:-1]:
            self._new(
                "network/addresses", address=address, status="reserved", description="Next label printer"
            )

    # -- gear -----------------------------------------------------------------------------------

    def _write_gear(self, gear: Gear) -> None:
        host = None if gear.kind == "media_converter" else next(self.free["Network gear"])
        first, second = sample.CONFUSED
        self.hosts[gear.name] = self.hosts[first] if gear.name == second else host or ""
        id_ = self.devices[gear.name] = self._new(
            "network/devices",
            name=gear.name,
            kind=gear.kind,
            serial_number=gear.serial,
            location=self.places.get(gear.place),
            status=self.statuses.get("In use"),
            firmware=gear.firmware,
            port_count=gear.ports,
            rack=gear.rack,
            host=self.hosts[gear.name],
            **self._model(*gear.make),
        )
        if host is not None:
            told = {"dns_name": f"{gear.name}.plant7.example", "role": "static"}
            self._new("network/addresses", address=host, asset=id_, mac=_mac_of(gear, 0), **told)

    def _model(self, vendor: str, model: str) -> dict[str, int]:
        if vendor not in self.vendors:
            self.vendors[vendor] = self._new("vendors", name=vendor)
        if model not in self.models:
            self.models[model] = self._new("models", name=model, vendor=self.vendors[vendor])
        return {"vendor": self.vendors[vendor], "model": self.models[model]}

    # -- what hangs where -----------------------------------------------------------------------

    def _find_guests(self) -> dict[str, list[Guest]]:
        """What hangs on each switch: the gear at its place, then machines, computers and printers there."""
        guests: dict[str, list[Guest]] = defaultdict(list)
        takers = {self.places.get(gear.place): gear for gear in GEAR if gear.takes}
        for gear in GEAR:
            taker = takers.get(self.places.get(gear.place))
            if gear.name in sample.ON_PORTS and taker is not None:
                guests[taker.name].append(self._gear_guest(gear))
        types = {item["id"]: item["slug"] for item in self._list("asset-types")}
        macs = self._known_macs()
        for asset in self._list("assets", sort="name"):
            taker = takers.get(asset["location"]["id"]) if asset["location"] else None
            group = sample.NET_OF.get(types[asset["asset_type"]["id"]])
            if taker is None or group is None or len(guests[taker.name]) >= taker.ports - 2:
                continue
            net = _net_of(group, taker.place, hall=asset["location"]["name"] not in sample.HALL_B)
            mac = macs.get(asset["id"]) or f"00:0b:ab:{asset['id'] >> 8 & 255:02x}:{asset['id'] & 255:02x}:01"
            guests[taker.name].append(Guest(asset["id"], asset["name"] or asset["asset_tag"], net, mac))
        return guests

    def _gear_guest(self, gear: Gear) -> Guest:
        is_lost = gear.name == sample.LOST
        return Guest(
            self.devices[gear.name],
            gear.name,
            "Network gear",
            _mac_of(gear, 0),
            is_lost=is_lost,
            is_gear=True,
        )

    def _known_macs(self) -> dict[int, str]:
        """The first MAC that a computer has by its own plugin, where that is there."""
        try:
            computers = self._list("computers")
        except NotFoundError:
            return {}
        return {item["id"]: macs[0] for item in computers if (macs := sorted(told_macs(item)))}

    def _write_switch(self, gear: Gear, guests: list[Guest]) -> None:
        on_core = {each.uplink: each for each in GEAR if each.uplink} if gear.name == CORE else {}
        for number in range(1, gear.ports + 1):
            guest = guests[number - 1] if number <= len(guests) else None
            below = on_core.get(number)
            is_uplink = below is not None or (gear.uplink != 0 and number == gear.ports)
            is_up = is_uplink or (guest is not None and not guest.is_lost)
            self._new(
                "network/interfaces",
                device=self.devices[gear.name],
                if_index=number,
                name=gear.port.format(number),
                alias=below.name if below else f"Uplink to {CORE}" if is_uplink else guest and guest.name,
                mac=_mac_of(gear, number),
                oper_status="up" if is_up else "down",
                speed_bps=(10**9 if is_uplink else 10**8) if is_up else None,
                mode="trunk" if is_uplink else "access",
                vlan=None if is_uplink else self.vids[guest.net] if guest else 30,
            )
            if below is not None:
                self._link(gear, number, self.devices[below.name], below.port.format(below.ports), "lldp")
            elif guest is not None:
                self._plug_in(gear, number, guest)

    def _plug_in(self, gear: Gear, number: int, guest: Guest) -> None:
        """A guest on a port: a link where it is gear, else its address; the switches on its way have seen it."""
        if guest.is_gear:
            self._link(gear, number, guest.asset_id, "", "manual")
        else:
            told = {"dns_name": _dns_name(guest.name), "role": "dhcp"}
            address = next(self.free[guest.net], None)
            if address is not None:
                self._new("network/addresses", address=address, asset=guest.asset_id, mac=guest.mac, **told)
        if guest.is_lost:
            return
        for name, port in ((gear.name, number), (CORE, gear.uplink)):
            entry = {"device": self.devices[name], "if_index": port, "vlan": self.vids[guest.net]}
            self._new("network/macs", mac=guest.mac, last_seen=self.seen_at, **entry)

    def _link(self, gear: Gear, number: int, remote: int, remote_port: str, protocol: str) -> None:
        near = {"device": self.devices[gear.name], "local_if_index": number}
        self._new("network/links", **near, remote=remote, remote_port=remote_port, protocol=protocol)


def _mac_of(gear: Gear, number: int) -> str:
    at = GEAR.index(gear)
    return f"{gear.mac_prefix}:{16 + at:02x}:{at * 29 % 256:02x}:{number:02x}"


def _net_of(group: str, place: str, *, hall: bool) -> str:
    if group == "Machines":
        return "Machines hall A" if hall else "Machines hall B"
    return "Office" if group == "Shop floor PCs" and place in sample.OFFICES else group


def _dns_name(name: str) -> str:
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower())
    return f"{'-'.join(part for part in plain.split('-') if part) or 'host'}.plant7.example"


DEMO = Demo(seed=seed, after=("computers", "equipment", "printers"))
"""What the plugin adds to a demo."""
