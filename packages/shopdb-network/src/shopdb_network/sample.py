"""A made-up plant's network, for the demo: the gear of two buildings, its VLANs and prefixes."""

from typing import NamedTuple


class Gear(NamedTuple):
    """One device.

    Args:
        place: Where it stands, by the name of the location.
        ports: How many it has; ``port`` names them, from 1.
        uplink: The core switch's port that its last port hangs on; 0 for none.
        takes: Whether it takes what stands at its place.
    """

    name: str
    kind: str
    make: tuple[str, str]
    serial: str
    firmware: str
    mac_prefix: str
    place: str
    rack: str = ""
    ports: int = 1
    port: str = "Port {}"
    uplink: int = 0
    takes: bool = False


class Net(NamedTuple):
    """A VLAN with its prefix, and the building where its VID means that; everywhere where that is empty."""

    vid: int
    name: str
    building: str
    prefix: str
    gateway: str


CORE = "sw-core"
_IE = ("Cisco", "IE-3400-8T2S")
_EDS = ("Moxa", "EDS-G508E")
_CISCO, _MOXA, _HIRSCHMANN, _SIEMENS = "00:26:99", "00:90:e8", "ec:74:ba", "20:87:56"
GEAR = (
    Gear(
        *(
            CORE,
            "switch",
            ("Cisco", "Catalyst 9300-24T"),
            "FCW2347L0TQ",
            "IOS XE 17.12.4",
            _CISCO,
            "Server room",
        ),
        *("RACK-B1, U20", 24, "Gi1/0/{}"),
    ),
    Gear(
        *("fw-1", "firewall", ("Fortinet", "FortiGate 80F"), "FGT80FTK20012345", "FortiOS 7.4.5", "e0:23:ff"),
        *("Server room", "RACK-B1, U22", 10, "port{}", 1),
    ),
    Gear(
        *("sw-cell-1", "switch", _IE, "FDO2711J0M4", "IOS XE 17.12.4", _CISCO, "Cell 1 – turning"),
        *("CAB-A1, rail 1", 10, "Gi1/{}", 2, True),
    ),
    Gear(
        *("sw-cell-2", "switch", _EDS, "TBBFD1003014", "V6.3", _MOXA, "Cell 2 – milling", "CAB-A2, rail 1"),
        *(8, "Port {}", 3, True),
    ),
    Gear(
        *("sw-cell-3", "switch", _EDS, "TBBFD1003027", "V6.3", _MOXA, "Cell 3 – grinding", "CAB-A3, rail 1"),
        *(8, "Port {}", 4, True),
    ),
    Gear(
        *("sw-cell-4", "switch", ("Siemens", "SCALANCE XC208"), "VPL6190037", "V04.06.00", _SIEMENS),
        *("Cell 4 – EDM", "CAB-A4, rail 2", 8, "P0.{}", 5, True),
    ),
    Gear(
        *(
            "sw-maintenance",
            "switch",
            ("Hirschmann", "RSP25"),
            "942053002010000A1",
            "HiOS 09.4.02",
            _HIRSCHMANN,
        ),
        *("Maintenance", "CAB-A6", 11, "1/{}", 6, True),
    ),
    Gear(
        *(
            "sw-measuring",
            "switch",
            ("Hirschmann", "BRS20"),
            "942170004010002B7",
            "HiOS 09.4.02",
            _HIRSCHMANN,
        ),
        *("Measuring room", "CAB-B2", 8, "1/{}", 7, True),
    ),
    Gear(
        *("sw-assembly", "switch", _IE, "FDO2711J0P9", "IOS XE 17.12.4", _CISCO, "Assembly", "CAB-B3"),
        *(10, "Gi1/{}", 8, True),
    ),
    Gear(
        *(
            "sw-office",
            "switch",
            ("Cisco", "Catalyst 1200-8T-E-2G"),
            "DNI2723A0KX",
            "4.1.3.36",
            _CISCO,
            "Office",
        ),
        *("RACK-B4, U3", 10, "gi{}", 9, True),
    ),
    Gear(
        *(
            "ap-maintenance",
            "access_point",
            ("Cisco", "Catalyst 9120AXI"),
            "FGL2731LK3T",
            "17.12.4",
            "f0:1d:2d",
        ),
        "Maintenance",
    ),
    Gear(
        *("ap-office", "access_point", ("Cisco", "Catalyst 9120AXI"), "FGL2731LK4A", "17.12.4", "f0:1d:2d"),
        "Office",
    ),
    Gear(
        *("nport-lathes", "serial_server", ("Moxa", "NPort 5450"), "TADFB1049772", "Ver 3.14", _MOXA),
        *("Cell 1 – turning", "CAB-A1, rail 2", 5),
    ),
    Gear(
        *("nport-mills", "serial_server", ("Moxa", "NPort 5250A"), "TAGGC1021187", "Ver 3.10", _MOXA),
        *("Cell 2 – milling", "CAB-A2, rail 2", 3),
    ),
    Gear(
        *("gw-edm", "plc_gateway", ("HMS", "Anybus X-gateway PROFINET"), "A01B7C55", "1.22.1", "00:30:11"),
        *("Cell 4 – EDM", "CAB-A4, rail 3"),
    ),
    Gear(
        *("mc-compressors", "media_converter", ("Moxa", "IMC-21A-M-SC"), "TAIHB1008845", "", _MOXA),
        *("Compressor room", "", 2),
    ),
)
ON_PORTS = ("ap-maintenance", "ap-office", "nport-lathes", "nport-mills", "gw-edm")
"""Gear that hangs on the switch of its place, like any other asset there."""
LOST = "gw-edm"
"""Gear whose port is down though its link is known."""
CONFUSED = ("nport-lathes", "nport-mills")
"""Gear that two people gave one address."""

NETS = (
    Net(99, "Network gear", "", "10.20.99.0/26", "10.20.99.1"),
    Net(10, "Office", "", "10.20.10.0/24", "10.20.10.1"),
    Net(20, "Machines hall A", "Building A", "10.20.20.0/24", "10.20.20.1"),
    Net(21, "Machines hall B", "Building B", "10.20.21.0/25", "10.20.21.1"),
    Net(30, "Shop floor PCs", "", "10.20.30.0/24", "10.20.30.1"),
    Net(40, "Printers", "", "10.20.40.0/28", "10.20.40.1"),
    Net(50, "Guests", "", "10.20.50.0/23", "10.20.50.1"),
)
AROUND = (
    ("10.20.0.0/16", "Plant 7", "container"),
    ("10.20.255.0/31", "sw-core to fw-1", "active"),
    ("2001:db8:7::/48", "Plant 7", "container"),
    ("2001:db8:7:10::/64", "Office", "active"),
    ("192.168.100.0/24", "Old machine network", "deprecated"),
)
"""Prefixes beside those of VLANs: description and status."""
TRANSIT = ("10.20.255.0", "10.20.255.1")
"""The addresses of both ends between the core switch and the firewall."""
NET_OF = {
    "computer": "Shop floor PCs",
    "cnc-machine": "Machines",
    "cmm": "Machines",
    "equipment": "Machines",
    "printer": "Printers",
}
"""Type of asset, by its slug -> the network that it belongs to; machines to their hall's."""
OFFICES = ("Office", "Production planning", "Training room", "Server room")
"""Where a computer is an office's."""
HALL_B = ("Measuring room", "Assembly", "Packing", "Shipping", *OFFICES)
"""Places in the second building."""
