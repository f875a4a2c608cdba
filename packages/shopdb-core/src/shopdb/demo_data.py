"""A sample factory, for the demo: a machine shop in two buildings."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.plugins.manifest import BUNDLED_ASSET_TYPES
from shopdb.resources.declare import Actor
from shopdb.resources.write import create_item, update_item
from shopdb.services.listing import list_items

ACTOR: Final = Actor(name="shopdb demo", source="demo")
_PLAIN = str.maketrans({"ø": "o", "ı": "i", "ł": "l"})

PLACES: Final = {
    "Building A": (
        *(
            "Cell 1 – turning",
            "Cell 2 – milling",
            "Cell 3 – grinding",
            "Cell 4 – EDM",
            "Deburring and washing",
        ),
        *("Tool crib", "Maintenance", "Compressor room", "Raw material store"),
    ),
    "Building B": (
        *("Measuring room", "Assembly", "Packing", "Shipping", "Server room"),
        *("Office", "Production planning", "Training room", "Gatehouse"),
    ),
}
UNITS: Final = (
    *(("Production", "4100"), ("Quality", "4200"), ("Logistics", "4300")),
    *(("Maintenance", "4400"), ("IT", "7100"), ("Engineering", "7300")),
)
PEOPLE: Final = (
    ("Anna Lindqvist", "1042", "Production"),
    ("Marek Novák", "1108", "Production"),
    ("Zeynep Yıldız", "1131", "Quality"),
    ("Tom Okafor", "1177", "Maintenance"),
    ("Claire Dubois", "1203", "IT"),
    ("Jonas Weber", "1219", "Logistics"),
    ("Ingrid Sørensen", "1224", "Quality"),
    ("Pedro Almeida", "1230", "Production"),
    ("Aoife Byrne", "1237", "Engineering"),
    ("Kofi Mensah", "1241", "Maintenance"),
    ("Lucía Fernández", "1256", "Production"),
    ("Henrik Bauer", "1262", "Production"),
    ("Mei Tanaka", "1270", "Engineering"),
    ("Oleh Shevchenko", "1288", "Production"),
    ("Giulia Romano", "1295", "Logistics"),
    ("Samir Haddad", "1301", "IT"),
    ("Petra Horvat", "1310", "Production"),
    ("Daniel Kowalski", "1322", "Maintenance"),
)
TYPES: Final = (
    ("CNC machine", "cnc-machine"),
    ("Coordinate measuring machine", "cmm"),
    ("Computer", "computer"),
    ("Switch", "switch"),
    ("Gauge", "gauge"),
    ("Crane", "crane"),
    ("Safety equipment", "safety"),
)
MODELS: Final = (
    ("Haas Automation", "VF-2SS", "cnc-machine"),
    ("Haas Automation", "ST-20Y", "cnc-machine"),
    ("Zeiss", "CONTURA 7/10/6", "cmm"),
    ("Mitutoyo", "Absolute Digimatic 500-196-30", "gauge"),
    ("Dell", "OptiPlex 7010 Micro", "computer"),
    ("Beckhoff", "C6030", "computer"),
    ("Moxa", "EDS-G508E", "switch"),
    ("Jungheinrich", "EFG 216", "vehicle"),
    ("Jungheinrich", "EJE 116", "vehicle"),
    ("Demag", "DC-Pro 5", "crane"),
    ("Hazet", "6290-1 CT", "tool"),
    ("Hoffmann", "GARANT 655215", "tool"),
    ("Atlas Copco", "ETF SL21-04", "tool"),
    ("Bott", "cubio workbench 1500", "furniture"),
    ("Lista", "Drawer cabinet 36/36", "furniture"),
    ("ZOLL", "AED 3", "safety"),
    ("Kärcher", "B 60 W", "other"),
)
ASSETS: Final = (
    # name, model, serial number, place, status, owner; what a plugin's own data has is left to that plugin
    ("Mill 1", "VF-2SS", "1163204", "Cell 2 – milling", "In use", "Marek Novák"),
    ("Mill 2", "VF-2SS", "1163271", "Cell 2 – milling", "In repair", "Marek Novák"),
    ("Lathe 1", "ST-20Y", "3127755", "Cell 1 – turning", "In use", "Anna Lindqvist"),
    ("CMM 1", "CONTURA 7/10/6", "182734", "Measuring room", "In use", "Zeynep Yıldız"),
    ("Caliper 11", "Absolute Digimatic 500-196-30", "20114478", "Tool crib", "Ready", "Tom Okafor"),
    ("PC Mill 1", "C6030", "00481516", "Cell 2 – milling", "In use", "Claire Dubois"),
    ("PC CMM", "OptiPlex 7010 Micro", "7HQ2LX3", "Measuring room", "In use", "Claire Dubois"),
    ("Switch cell 2", "EDS-G508E", "TBBFD1003014", "Cell 2 – milling", "In use", "Claire Dubois"),
    ("Forklift 1", "EFG 216", "FN512043", "Shipping", "In use", "Jonas Weber"),
    ("Forklift 2", "EFG 216", "FN498817", "Shipping", "Retired", "Jonas Weber"),
    ("Forklift 3", "EFG 216", "FN533190", "Raw material store", "In use", "Giulia Romano"),
    ("Pallet truck 1", "EJE 116", "98034417", "Packing", "In use", "Giulia Romano"),
    ("Pallet truck 2", "EJE 116", "98034422", "Raw material store", "In repair", "Jonas Weber"),
    ("Crane cell 2", "DC-Pro 5", "1029337", "Cell 2 – milling", "In use", "Kofi Mensah"),
    ("Crane assembly", "DC-Pro 5", "1029341", "Assembly", "In use", "Kofi Mensah"),
    ("Torque wrench 1", "6290-1 CT", "H-22417", "Assembly", "In use", "Petra Horvat"),
    ("Torque wrench 2", "6290-1 CT", "H-22431", "Assembly", "Ready", "Petra Horvat"),
    ("Torque wrench 3", "GARANT 655215", "655215-0871", "Tool crib", "Ready", "Daniel Kowalski"),
    ("Nutrunner 1", "ETF SL21-04", "A4120071", "Assembly", "In use", "Petra Horvat"),
    ("Nutrunner 2", "ETF SL21-04", "A4120077", "Assembly", "Spare", "Petra Horvat"),
    ("Workbench 4", "cubio workbench 1500", None, "Maintenance", "In use", "Tom Okafor"),
    ("Workbench 7", "cubio workbench 1500", None, "Assembly", "In use", "Petra Horvat"),
    ("Gauge cabinet", "Drawer cabinet 36/36", None, "Measuring room", "In use", "Ingrid Sørensen"),
    ("Tool cabinet 2", "Drawer cabinet 36/36", None, "Tool crib", "In use", "Daniel Kowalski"),
    ("Defibrillator hall A", "AED 3", "AE22G009431", "Maintenance", "In use", "Tom Okafor"),
    ("Defibrillator gatehouse", "AED 3", "AE22G009447", "Gatehouse", "In use", "Jonas Weber"),
    ("Torque wrench 4", "GARANT 655215", "655215-0902", "Cell 2 – milling", "In use", "Pedro Almeida"),
    ("Torque wrench 5", "GARANT 655215", "655215-0913", "Maintenance", "In repair", "Daniel Kowalski"),
    ("Nutrunner 3", "ETF SL21-04", "A4120093", "Packing", "In use", "Giulia Romano"),
    ("Forklift 4", "EFG 216", "FN540266", "Assembly", "In use", "Petra Horvat"),
    ("Pallet truck 3", "EJE 116", "98034431", "Shipping", "In use", "Jonas Weber"),
    ("Crane cell 1", "DC-Pro 5", "1029329", "Cell 1 – turning", "In use", "Kofi Mensah"),
    ("Crane raw material", "DC-Pro 5", "1029350", "Raw material store", "In use", "Kofi Mensah"),
    ("Workbench 1", "cubio workbench 1500", None, "Tool crib", "In use", "Daniel Kowalski"),
    ("Workbench 2", "cubio workbench 1500", None, "Cell 3 – grinding", "In use", "Henrik Bauer"),
    ("Workbench 8", "cubio workbench 1500", None, "Packing", "In use", "Giulia Romano"),
    ("Tool cabinet 1", "Drawer cabinet 36/36", None, "Cell 1 – turning", "In use", "Anna Lindqvist"),
    ("Tool cabinet 3", "Drawer cabinet 36/36", None, "Cell 4 – EDM", "In use", "Oleh Shevchenko"),
    ("Defibrillator hall B", "AED 3", "AE22G009452", "Assembly", "In use", "Petra Horvat"),
    ("Scrubber drier", "B 60 W", "K-118842", "Deburring and washing", "In use", "Oleh Shevchenko"),
)
RELATIONS: Final = (
    ("PC Mill 1", "controls", "Mill 1"),
    ("PC CMM", "controls", "CMM 1"),
    ("Switch cell 2", "connected_to", "PC Mill 1"),
    ("Nutrunner 2", "spare_for", "Nutrunner 1"),
)
TAGS: Final = {
    "audit 2026": ("Torque wrench 1", "Torque wrench 2", "Torque wrench 3", "Forklift 1", "Forklift 3"),
    "leased": ("Forklift 3", "Scrubber drier"),
}


def seed_core(session: Session) -> None:
    """Write the factory into a new site, through the one write path.

    Things of a type that an installed plugin looks after are left out: its own sample data has them.
    """
    places = _write_places(session)
    people = _write_people(session)
    models = _write_models(session)
    statuses = _ids(session, "statuses")
    made = {}
    for number, (name, model, serial, place, status, owner) in enumerate(ASSETS):
        if model not in models:
            continue
        bought = clock.now().date() - timedelta(days=120 + number * 97 % 1100)
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
        if source in made and target in made:
            _new(session, "relationships", {"source": made[source], "kind": kind, "target": made[target]})
    for tag, names in TAGS.items():
        number = _new(session, "tags", {"name": tag})
        for name in names:
            update_item(session, "assets", made[name], {"tags": [number]}, actor=ACTOR)
    note = {"notes": "The fork carriage knocks; a new bearing is ordered."}
    update_item(session, "assets", made["Pallet truck 2"], note, actor=ACTOR)


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


def _write_people(session: Session) -> dict[str, int]:
    units = {n: _new(session, "business-units", {"name": n, "code": code}) for n, code in UNITS}
    people = {}
    for name, number, unit in PEOPLE:
        values = {
            "name": name,
            "employee_number": number,
            "email": _address(name),
            "business_unit": units[unit],
        }
        people[name] = _new(session, "people", values)
    return people


def _address(name: str) -> str:
    """``Zeynep Yıldız`` -> ``zeynep.yildiz@plant7.example``."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN)).encode("ascii", "ignore").decode()
    return f"{plain.replace(' ', '.')}@plant7.example"


def _write_models(session: Session) -> dict[str, dict[str, int]]:
    """The models, each as the references that an asset of it has; those that a plugin looks after are left out."""
    types = _ids(session, "asset-types", "slug")
    looked_after = _looked_after(session)
    for name, slug in TYPES:
        if slug not in types and slug not in looked_after:
            types[slug] = _new(session, "asset-types", {"name": name, "slug": slug})
    vendors: dict[str, int] = {}
    models = {}
    for vendor, name, slug in MODELS:
        if slug in looked_after:
            continue
        if vendor not in vendors:
            vendors[vendor] = _new(session, "vendors", {"name": vendor})
        values = {"name": name, "vendor": vendors[vendor], "asset_type": types[slug]}
        model = _new(session, "models", values)
        models[name] = {"model": model, "vendor": vendors[vendor], "asset_type": types[slug]}
    return models


def _looked_after(session: Session) -> frozenset[str]:
    """The types of things that installed plugins bring to life, under whichever of their names."""
    plugins = {item["plugin"] for item in list_items(session, "asset-types", {"limit": "1000"})}
    named = [slugs for plugin, slugs in BUNDLED_ASSET_TYPES.items() if plugin in plugins]
    return frozenset(slug for slugs in named for slug in slugs)
