"""A made-up plant's printers, for the demo and its simulator."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from shopdb.outbound import AuthProtocol, PrivProtocol, SecurityLevel, SnmpUser

PORT = 16161
V3_PASSWORD = "demo-printers-only"

_CMYK = ("black", "cyan", "magenta", "yellow")


@dataclass(frozen=True, slots=True)
class SampleSupply:
    """A supply: its name, type and unit code (RFC 3805), colour, capacity, level, and what a page takes of it."""

    name: str
    type: int
    color: str | None
    capacity: int
    level: int
    per_page: float = 0.0


@dataclass(frozen=True, slots=True)
class SamplePrinter:
    """A printer: how it is recorded in the database, and what it answers."""

    tag: str
    name: str
    community: str
    model: str
    serial: str
    pages: int
    pages_per_hour: int
    supplies: tuple[SampleSupply, ...]
    trays: tuple[tuple[str, int, int], ...]
    errors: bytes = b"\x00\x00"
    alert: str | None = None
    is_off: bool = False
    place: str = ""
    is_v3: bool = False
    """It answers SNMPv3 alone, to a user who is called like the others' communities."""

    @property
    def user(self) -> SnmpUser | None:
        """Who may ask it by v3."""
        if not self.is_v3:
            return None
        auth, priv = AuthProtocol.SHA256, PrivProtocol.AES128
        return SnmpUser(self.community, SecurityLevel.PRIV, auth, V3_PASSWORD, priv, V3_PASSWORD)

    @property
    def asked_by(self) -> dict[str, str]:
        """The fields that say how it is asked."""
        user = self.user
        if user is None:
            return {"snmp_community": self.community}
        return {
            "snmp_version": "3",
            "snmp_username": user.name,
            "snmp_security_level": user.level.value,
            "snmp_auth_protocol": AuthProtocol.SHA256.value,
            "snmp_auth_password": user.auth_password,
            "snmp_priv_protocol": PrivProtocol.AES128.value,
            "snmp_priv_password": user.priv_password,
        }


def address_of(site_dir: Path) -> str:
    """The loopback address on which a demo's printers answer; each folder has one of its own.

    Source: RFC 1122, section 3.2.1.3 (g): all of 127.0.0.0/8 is this host.
    """
    first, second, third = hashlib.sha256(str(site_dir.resolve()).encode()).digest()[:3]
    return f"127.{first % 254 + 1}.{second}.{third % 254 + 1}"


def _toners(*levels: int, capacity: int = 100, takes: float = 0.004) -> tuple[SampleSupply, ...]:
    colors = _CMYK if len(levels) == 4 else _CMYK[: len(levels)]
    return tuple(
        SampleSupply(f"{color.capitalize()} toner", 3, color, capacity, level, takes)
        for color, level in zip(colors, levels, strict=True)
    )


_TRAYS = (("Bypass tray", 100, 0), ("Tray 1", 500, 410), ("Tray 2", 500, 130))

PRINTERS = (
    SamplePrinter(
        *(
            "P-0101",
            "Shipping office",
            "demo-shipping",
            "Color LaserJet Pro M454dn",
            "VNB3R41207",
            88_412,
            60,
        ),
        (*_toners(64, 41, 22, 8), SampleSupply("Fuser kit", 15, None, 150_000, 97_300, 1.0)),
        _TRAYS,
        b"\x20\x00",
        "Yellow toner low",
        place="Shipping",
    ),
    SamplePrinter(
        *("P-0102", "Goods in, label desk", "demo-goods-in", "MFC-L2710DW", "E78283C0N512204", 31_077, 35),
        (
            SampleSupply("Black toner cartridge", 3, "black", -2, -3),
            SampleSupply("Drum unit", 9, None, 12_000, 5_340, 1.0),
        ),
        (("Manual slot", 1, -3), ("Tray 1", 250, -3)),
        place="Raw material store",
    ),
    SamplePrinter(
        *("P-0103", "Engineering, plan copier", "demo-plans", "Aficio MP C3002", "W492K700981", 271_904, 90),
        (*_toners(70, 30, 50, 50), SampleSupply("Waste toner", 4, None, 100, 60, 0.001)),
        (*_TRAYS, ("Tray 3", 550, 550)),
        place="Production planning",
        is_v3=True,
    ),
    SamplePrinter(
        *(
            "P-0104",
            "Machine hall 2, setup sheets",
            "demo-hall-2",
            "ECOSYS P3155dn",
            "R4P1Y05512",
            140_266,
            140,
        ),
        (*_toners(11_900, capacity=21_000, takes=1.0), SampleSupply("Waste toner box", 4, None, -2, -2)),
        (("Cassette 1", 500, 0), ("Multi-purpose tray", 100, 40)),
        b"\x40\x04",
        "Load paper in cassette 1",
        place="Cell 2 – milling",
    ),
    SamplePrinter(
        *("P-0105", "Quality lab", "demo-lab", "bizhub C258", "A7R0021014522", 59_810, 25),
        (*_toners(83, 58, 31, 29), SampleSupply("Developer, black", 10, "black", 100, 71, 0.0008)),
        _TRAYS,
        place="Measuring room",
    ),
    SamplePrinter(
        *("P-0106", "Heat treatment, furnace log", "demo-furnace", "T640", "991KXW4", 402_118, 0),
        _toners(55),
        _TRAYS,
        is_off=True,
        place="Deburring and washing",
    ),
    SamplePrinter(
        *("P-0107", "Canteen notice board", "demo-canteen", "AltaLink C8045", "8TB471209", 35_560, 15),
        (*_toners(5_100, 2_310, 1_940, 240, capacity=5_300, takes=0.2),),
        _TRAYS,
        place="Training room",
    ),
    SamplePrinter(
        *("P-0108", "Packing line, labels", "demo-packing", "ZT411", "18J204100723", 918_330, 400),
        (SampleSupply("Ribbon", 7, "black", 450, 380, 0.02),),
        (("Label roll", 1500, 960),),
        place="Packing",
    ),
    SamplePrinter(
        *(
            "P-0109",
            "Assembly, work instructions",
            "demo-assembly",
            "LaserJet M507dn",
            "PHB4D20173",
            61_904,
            45,
        ),
        (*_toners(37, takes=0.01), SampleSupply("Fuser kit", 15, None, 225_000, 163_000, 1.0)),
        _TRAYS,
        place="Assembly",
    ),
    SamplePrinter(
        *("P-0110", "Cell 1 labels", "demo-cell-1", "ZD621", "50J211300418", 77_215, 120),
        (SampleSupply("Ribbon", 7, "black", 300, 18, 0.02),),
        (("Label roll", 1000, 210),),
        place="Cell 1 – turning",
    ),
    SamplePrinter(
        *("P-0111", "Office, ground floor", "demo-office", "VersaLink C405", "4HX829114", 112_480, 70),
        (*_toners(4_800, 3_900, 4_100, 4_450, capacity=5_500, takes=0.6),),
        _TRAYS,
        place="Office",
    ),
    SamplePrinter(
        *("P-0112", "Tool crib, tool labels", "demo-crib", "TD-4550DNWB", "U64283H1N104812", 18_220, 30),
        (SampleSupply("Label roll", 7, None, -2, -3),),
        (("Roll", 1, -3),),
        place="Tool crib",
    ),
    SamplePrinter(
        *("P-0113", "Gatehouse, visitor badges", "demo-gate", "ZC300", "C3J194700226", 9_406, 6),
        (SampleSupply("YMCKO ribbon", 7, None, 200, 96, 1.0),),
        (("Card feeder", 100, 64),),
        place="Gatehouse",
    ),
    SamplePrinter(
        *("P-0114", "Maintenance workshop", "demo-maintenance", "ECOSYS M2640idw", "VXN9Z12077", 44_310, 20),
        (*_toners(5_200, capacity=7_200, takes=1.0), SampleSupply("Waste toner box", 4, None, -2, -2)),
        (("Cassette 1", 250, 140), ("Multi-purpose tray", 100, 0)),
        place="Maintenance",
    ),
)
