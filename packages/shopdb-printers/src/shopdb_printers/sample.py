"""A made-up plant's printers, for the demo and its simulator."""

from dataclasses import dataclass

PORT = 16161

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
    ),
    SamplePrinter(
        *("P-0102", "Goods in, label desk", "demo-goods-in", "MFC-L2710DW", "E78283C0N512204", 31_077, 35),
        (
            SampleSupply("Black toner cartridge", 3, "black", -2, -3),
            SampleSupply("Drum unit", 9, None, 12_000, 5_340, 1.0),
        ),
        (("Manual slot", 1, -3), ("Tray 1", 250, -3)),
    ),
    SamplePrinter(
        *("P-0103", "Engineering, plan copier", "demo-plans", "Aficio MP C3002", "W492K700981", 271_904, 90),
        (*_toners(70, 30, 50, 50), SampleSupply("Waste toner", 4, None, 100, 60, 0.001)),
        (*_TRAYS, ("Tray 3", 550, 550)),
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
    ),
    SamplePrinter(
        *("P-0105", "Quality lab", "demo-lab", "bizhub C258", "A7R0021014522", 59_810, 25),
        (*_toners(83, 58, 31, 29), SampleSupply("Developer, black", 10, "black", 100, 71, 0.0008)),
        _TRAYS,
    ),
    SamplePrinter(
        *("P-0106", "Heat treatment, furnace log", "demo-furnace", "T640", "991KXW4", 402_118, 0),
        _toners(55),
        _TRAYS,
        is_off=True,
    ),
    SamplePrinter(
        *("P-0107", "Canteen notice board", "demo-canteen", "AltaLink C8045", "8TB471209", 35_560, 15),
        (*_toners(5_100, 2_310, 1_940, 240, capacity=5_300, takes=0.2),),
        _TRAYS,
    ),
    SamplePrinter(
        *("P-0108", "Packing line, labels", "demo-packing", "ZT411", "18J204100723", 918_330, 400),
        (SampleSupply("Ribbon", 7, "black", 450, 380, 0.02),),
        (("Label roll", 1500, 960),),
    ),
)
