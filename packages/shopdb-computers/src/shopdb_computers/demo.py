"""Sample computers for the demo: one on each machine that is there, and those of offices, stores and servers."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Actor, Demo, JobContext, now
from shopdb.services import create_item, list_items, update_item
from shopdb_computers.sample import ELSEWHERE, MEASURES, ON_MACHINES, Profile

_ACTOR = Actor(name="shopdb demo", source="demo")
_MACHINE_TYPES = ("equipment", "cnc-machine", "cmm")
_WITHOUT_COMPUTER = (
    *("compressor", "crane", "forklift", "washer", "saw", "furnace"),
    *("caliper", "micrometer", "gauge", "tester"),
)
"""Words in the names of equipment that nobody expects a computer at."""


def seed(context: JobContext) -> None:
    """Write the sample computers through the ordinary service path; those that are there get their data."""
    with context.database.write() as session:
        _Seed(session).write()


class _Seed:
    """What the site has already, by name, and what is added."""

    def __init__(self, session: Session):
        self.session = session
        self.places = self._ids("locations")
        self.people = self._ids("people")
        self.vendors = self._ids("vendors")
        self.models = self._ids("models")
        self.statuses = self._ids("statuses")
        self.computers = self._ids("computers")
        self.count = 0

    def write(self) -> None:
        """A computer on each machine, as far as there are both; then the others."""
        controls = self._list("relationships", kind="controls")
        controller = {each["target"]["id"]: each["source"]["id"] for each in controls}
        for profile, machine in zip(ON_MACHINES, self._machines(), strict=False):
            self._write_controller(profile, machine, controller)
        for profile in ELSEWHERE:
            self._write(profile, profile.name, self.computers.get(profile.name), profile.place)

    def _machines(self) -> list[dict[str, Any]]:
        types = {each["slug"]: str(each["id"]) for each in self._list("asset-types")}
        wanted = ",".join(types[slug] for slug in _MACHINE_TYPES if slug in types)
        found = self._list("assets", sort="name", asset_type__in=wanted) if wanted else []
        return [each for each in found if not _is_without_computer(each)]

    def _write_controller(
        self, profile: Profile, machine: Mapping[str, Any], controller: Mapping[int, int]
    ) -> None:
        place = machine["location"]["name"] if machine["location"] else ""
        known = controller.get(machine["id"])
        id_ = self._write(profile, f"PC {machine['name']}", known, place)
        if known is None:
            self._create("relationships", source=id_, kind="controls", target=machine["id"])

    def _write(self, profile: Profile, name: str, known: int | None, place: str) -> int:
        self.count += 1
        values = self._values(profile, name, place)
        if known is None:
            values["serial_number"] = (
                f"{profile.hardware.mac_prefix[-2:].upper()}{4_810_000 + self.count * 7919}"
            )
            id_ = self._create("computers", name=name, **values)
        else:
            id_ = known
            update_item(self.session, "computers", id_, values, actor=_ACTOR)
        for software, version, publisher in profile.software:
            application = {"name": software, "app_version": version, "publisher": publisher}
            self._create("computers/applications", computer=id_, **application)
        if profile.excused is not None:
            kind, reason, left = profile.excused
            until = now().date() + timedelta(days=left)
            excuse = {"kind": kind, "reason": reason, "allowed_until": until, "measures": MEASURES}
            approved_by = self.people.get("Claire Dubois")
            self._create("computers/exceptions", computer=id_, approved_by=approved_by, **excuse)
        return id_

    def _values(self, profile: Profile, name: str, place: str) -> dict[str, Any]:
        hardware, at = profile.hardware, now()
        hostname = name.upper().replace(" ", "-").encode("ascii", "ignore").decode()
        is_on_machine = not profile.name
        values: dict[str, Any] = {
            **{key: value or None for key, value in asdict(profile.system).items()},
            "kind": hardware.kind,
            "hostname": hostname,
            "domain": "PLANT7" if profile.antivirus else "WORKGROUP",
            "cpu": hardware.cpu,
            "ram_mb": hardware.ram_mb,
            "disk_gb": hardware.disk_gb,
            "disks": hardware.disks,
            "macs": f"{hardware.mac_prefix}:{self.count:02x}:{self.count * 37 % 256:02x}:{self.count * 91 % 256:02x}",
            "antivirus": profile.antivirus or None,
            "last_user": f"PLANT7\\{profile.user}" if profile.user else None,
            "last_seen_at": at - timedelta(days=profile.seen_days, minutes=7 * self.count),
            "nc_share": r"\\SRV-FILE1\nc" if is_on_machine else None,
            "backup_interval_days": profile.every_days,
            "location": self.places.get(place),
            "status": self.statuses.get("Spare" if name.endswith("spare") else "In use"),
            "owner": self.people.get("Claire Dubois"),
            **self._model(profile),
        }
        if profile.imaged_days is not None:
            values["last_image_at"] = at - timedelta(days=profile.imaged_days, hours=3)
            values["image_location"] = rf"\\SRV-FILE1\images\{hostname}"
        return {key: value for key, value in values.items() if value is not None}

    def _model(self, profile: Profile) -> dict[str, int]:
        hardware = profile.hardware
        if hardware.vendor not in self.vendors:
            self.vendors[hardware.vendor] = self._create("vendors", name=hardware.vendor)
        vendor = self.vendors[hardware.vendor]
        if hardware.model not in self.models:
            self.models[hardware.model] = self._create("models", name=hardware.model, vendor=vendor)
        return {"vendor": vendor, "model": self.models[hardware.model]}

    def _create(self, resource: str, **values: Any) -> int:
        return int(create_item(self.session, resource, values, actor=_ACTOR)["id"])

    def _list(self, resource: str, **parameters: str) -> list[dict[str, Any]]:
        return list_items(self.session, resource, {"limit": "1000", **parameters})

    def _ids(self, resource: str) -> dict[str, int]:
        return {each["name"]: each["id"] for each in self._list(resource)}


def _is_without_computer(asset: Mapping[str, Any]) -> bool:
    name = str(asset["name"] or "").lower()
    return any(word in name for word in _WITHOUT_COMPUTER)


DEMO = Demo(seed=seed, after=("equipment",))
