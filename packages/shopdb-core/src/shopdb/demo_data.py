"""A sample factory, for the demo: a lathe shop in two buildings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.resources.declare import Actor
from shopdb.resources.write import create_item, update_item
from shopdb.services.listing import list_items

ACTOR: Final = Actor(name="shopdb demo", source="demo")

PLACES: Final = {
    "Building A": ("Cell 1 – turning", "Cell 2 – milling", "Tool crib", "Maintenance"),
    "Building B": ("Measuring room", "Assembly", "Shipping", "Server room", "Office"),
}
UNITS: Final = (("Production", "4100"), ("Quality", "4200"), ("Logistics", "4300"), ("IT", "7100"))
PEOPLE: Final = (
    ("Anna Lindqvist", "1042", "anna.lindqvist@plant7.example", "Production"),
    ("Marek Novák", "1108", "marek.novak@plant7.example", "Production"),
    ("Zeynep Yıldız", "1131", "zeynep.yildiz@plant7.example", "Quality"),
    ("Tom Okafor", "1177", "tom.okafor@plant7.example", "Production"),
    ("Claire Dubois", "1203", "claire.dubois@plant7.example", "IT"),
    ("Jonas Weber", "1219", "jonas.weber@plant7.example", "Logistics"),
)
TYPES: Final = (
    ("CNC machine", "cnc-machine"),
    ("Coordinate measuring machine", "cmm"),
    ("Computer", "computer"),
    ("Switch", "switch"),
    ("Gauge", "gauge"),
)
MODELS: Final = (
    ("Haas Automation", "VF-2SS", "cnc-machine"),
    ("Haas Automation", "ST-20Y", "cnc-machine"),
    ("DMG Mori", "NLX 2500/700", "cnc-machine"),
    ("Okuma", "GENOS M560-V", "cnc-machine"),
    ("Zeiss", "CONTURA 7/10/6", "cmm"),
    ("Mitutoyo", "Absolute Digimatic 500-196-30", "gauge"),
    ("Mitutoyo", "Litematic VL-50", "gauge"),
    ("Dell", "OptiPlex 7010 Micro", "computer"),
    ("Beckhoff", "C6030", "computer"),
    ("Moxa", "EDS-G508E", "switch"),
    ("Jungheinrich", "EFG 216", "vehicle"),
    ("Atlas Copco", "GA 11 VSD+", "other"),
)
ASSETS: Final = (
    # name, model, serial number, place, status, owner
    ("Mill 1", "VF-2SS", "1163204", "Cell 2 – milling", "In use", "Marek Novák"),
    ("Mill 2", "VF-2SS", "1163271", "Cell 2 – milling", "In use", "Marek Novák"),
    ("Mill 3", "GENOS M560-V", "215904", "Cell 2 – milling", "In repair", "Marek Novák"),
    ("Lathe 1", "ST-20Y", "3127755", "Cell 1 – turning", "In use", "Anna Lindqvist"),
    ("Lathe 2", "ST-20Y", "3127802", "Cell 1 – turning", "In use", "Anna Lindqvist"),
    ("Lathe 3", "NLX 2500/700", "NL251-0342", "Cell 1 – turning", "In use", "Anna Lindqvist"),
    ("CMM 1", "CONTURA 7/10/6", "182734", "Measuring room", "In use", "Zeynep Yıldız"),
    ("Caliper 11", "Absolute Digimatic 500-196-30", "20114478", "Tool crib", "Ready", "Tom Okafor"),
    ("Caliper 12", "Absolute Digimatic 500-196-30", "20114479", "Tool crib", "Ready", "Tom Okafor"),
    (
        "Caliper 13",
        "Absolute Digimatic 500-196-30",
        "20114502",
        "Cell 1 – turning",
        "In use",
        "Anna Lindqvist",
    ),
    ("Height gauge", "Litematic VL-50", "700231", "Measuring room", "In use", "Zeynep Yıldız"),
    ("PC Mill 1", "C6030", "00481516", "Cell 2 – milling", "In use", "Claire Dubois"),
    ("PC Mill 2", "C6030", "00481523", "Cell 2 – milling", "In use", "Claire Dubois"),
    ("PC Lathe 3", "C6030", "00481542", "Cell 1 – turning", "In use", "Claire Dubois"),
    ("PC CMM", "OptiPlex 7010 Micro", "7HQ2LX3", "Measuring room", "In use", "Claire Dubois"),
    ("PC tool crib", "OptiPlex 7010 Micro", "7HQ2LY3", "Tool crib", "In use", "Claire Dubois"),
    ("PC shipping", "OptiPlex 7010 Micro", "7HQ2LZ3", "Shipping", "In use", "Claire Dubois"),
    ("PC spare", "OptiPlex 7010 Micro", "7HQ2M04", "Server room", "Spare", "Claire Dubois"),
    ("Switch cell 1", "EDS-G508E", "TBBFD1003001", "Cell 1 – turning", "In use", "Claire Dubois"),
    ("Switch cell 2", "EDS-G508E", "TBBFD1003014", "Cell 2 – milling", "In use", "Claire Dubois"),
    ("Switch spare", "EDS-G508E", "TBBFD1003027", "Server room", "Spare", "Claire Dubois"),
    ("Forklift 1", "EFG 216", "FN512043", "Shipping", "In use", "Jonas Weber"),
    ("Forklift 2", "EFG 216", "FN498817", "Shipping", "Retired", "Jonas Weber"),
    ("Compressor", "GA 11 VSD+", "API204551", "Maintenance", "In use", "Tom Okafor"),
)
RELATIONS: Final = (
    ("PC Mill 1", "controls", "Mill 1"),
    ("PC Mill 2", "controls", "Mill 2"),
    ("PC Lathe 3", "controls", "Lathe 3"),
    ("PC CMM", "controls", "CMM 1"),
    ("PC spare", "spare_for", "PC CMM"),
    ("Switch spare", "spare_for", "Switch cell 1"),
    ("Switch cell 1", "connected_to", "PC Lathe 3"),
    ("Switch cell 2", "connected_to", "PC Mill 1"),
    ("Compressor", "powers", "Mill 1"),
)


def seed_core(session: Session) -> None:
    """Write the factory into a new site, through the one write path."""
    places = _write_places(session)
    units = {n: _new(session, "business-units", {"name": n, "code": code}) for n, code in UNITS}
    people = {
        name: _new(
            session,
            "people",
            {"name": name, "employee_number": number, "email": mail, "business_unit": units[unit]},
        )
        for name, number, mail, unit in PEOPLE
    }
    models = _write_models(session)
    statuses = _ids(session, "statuses")
    made = {}
    for number, (name, model, serial, place, status, owner) in enumerate(ASSETS):
        bought = clock.now().date() - timedelta(days=120 + number * 97)
        values = {
            "name": name,
            "serial_number": serial,
            **models[model],
            "location": places[place],
            "status": statuses[status],
            "owner": people[owner],
            "purchase_date": bought.isoformat(),
            "warranty_end": (bought + timedelta(days=3 * 365)).isoformat(),
        }
        made[name] = _new(session, "assets", values)
    for source, kind, target in RELATIONS:
        _new(session, "relationships", {"source": made[source], "kind": kind, "target": made[target]})
    note = {"notes": "Spindle bearing is loud above 8,000 rpm; service is booked."}
    update_item(session, "assets", made["Mill 3"], note, actor=ACTOR)


def _new(session: Session, resource: str, values: dict[str, Any]) -> int:
    return int(create_item(session, resource, values, actor=ACTOR)["id"])


def _ids(session: Session, resource: str, key: str = "name") -> dict[str, int]:
    return {item[key]: item["id"] for item in list_items(session, resource, {"limit": "1000"})}


def _write_places(session: Session) -> dict[str, int]:
    places = {}
    for building, cells in PLACES.items():
        inside = places[building] = _new(session, "locations", {"name": building})
        for cell in cells:
            places[cell] = _new(session, "locations", {"name": cell, "parent": inside})
    return places


def _write_models(session: Session) -> dict[str, dict[str, int]]:
    """The models, each as the references that an asset of it has; types that plugins brought are kept."""
    types = _ids(session, "asset-types", "slug")
    for name, slug in TYPES:
        if slug not in types:
            types[slug] = _new(session, "asset-types", {"name": name, "slug": slug})
    vendors: dict[str, int] = {}
    models = {}
    for vendor, name, slug in MODELS:
        if vendor not in vendors:
            vendors[vendor] = _new(session, "vendors", {"name": vendor})
        values = {"name": name, "vendor": vendors[vendor], "asset_type": types[slug]}
        model = _new(session, "models", values)
        models[name] = {"model": model, "vendor": vendors[vendor], "asset_type": types[slug]}
    return models
