"""Sample machines and a year of work on them, for ``shopdb demo``."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shopdb.plugins import Actor, Demo, JobContext, now
from shopdb.services import create_item, list_items, update_item
from shopdb_equipment.automatic import open_due
from shopdb_equipment.meters import READINGS
from shopdb_equipment.orders import MACHINES, ORDERS
from shopdb_equipment.sample import Machine, read_sample

_ACTOR = Actor(name="shopdb demo", source="demo")
_YEAR = 365
_READ_EVERY = 60


def seed(context: JobContext) -> None:
    """Write the sample machines through the ordinary service path; then let the daily job open its orders."""
    with context.database.write() as session:
        _Seed(session).write()
    open_due(context)


class _Seed:
    """What the site has already, by name, and what is added."""

    def __init__(self, session: Session):
        self.session = session
        morning = now().replace(hour=9, minute=30, second=0, microsecond=0)
        self.at = morning if morning < now() else morning - timedelta(days=1)
        self.places = self._ids("locations")
        self.people = self._ids("people")
        self.vendors = self._ids("vendors")
        self.models = self._ids("models")
        self.statuses = self._ids("statuses")
        self.machines = self._ids(MACHINES)

    def write(self) -> None:
        """Machines first, then what was read, what was done and what is open."""
        factory = read_sample()
        for number, sample in enumerate(factory.machines):
            self._write_machine(sample, number)
            self._write_readings(sample)
            self._write_services(sample, number)
        for source, kind, target in factory.relations:
            ends = {"source": self.machines[source], "target": self.machines[target]}
            self._create("relationships", kind=kind, **ends)
        for repair in factory.repairs:
            self._write_repair(**repair)
        for order in factory.open_orders:
            self._write_open(order)

    def _write_machine(self, sample: Machine, number: int) -> None:
        bought = self.at.date() - timedelta(days=sample.bought_years * _YEAR + number * 11)
        values = {
            "serial_number": sample.serial_number,
            "kind": sample.kind,
            "criticality": sample.criticality,
            "location": self.places.get(sample.place),
            "status": self.statuses.get(sample.status),
            "owner": self.people.get(sample.owner),
            "contact": self.people.get("Tom Okafor") if sample.criticality == "A" else None,
            "floor_position": f"Column {'ABCDEFGH'[number % 8]}{number % 12 + 1}" if sample.hours else None,
            "purchase_date": bought,
            "warranty_end": bought + timedelta(days=3 * _YEAR),
            "installed_on": bought + timedelta(days=30),
            "commissioned_on": bought + timedelta(days=45),
            "maintenance_interval_days": sample.service_days,
            "maintenance_interval_h": sample.service_h,
            "calibration_interval_months": sample.calibration_months,
            **self._model(sample),
            **sample.more,
        }
        known = self.machines.get(sample.name)
        if known is None:
            self.machines[sample.name] = self._create(MACHINES, name=sample.name, **values)
        else:
            update_item(self.session, MACHINES, known, values, actor=_ACTOR)

    def _model(self, sample: Machine) -> dict[str, int]:
        if sample.vendor not in self.vendors:
            self.vendors[sample.vendor] = self._create("vendors", name=sample.vendor)
        vendor = self.vendors[sample.vendor]
        if sample.model not in self.models:
            self.models[sample.model] = self._create("models", name=sample.model, vendor=vendor)
        return {"vendor": vendor, "model": self.models[sample.model]}

    def _write_readings(self, sample: Machine) -> None:
        if sample.hours is None:
            return
        first = min(_YEAR, int(sample.hours / sample.hours_a_day))
        for days in range(first, 0, -_READ_EVERY):
            self._create(
                READINGS,
                equipment=self.machines[sample.name],
                meter="hours",
                value=round(sample.hours - days * sample.hours_a_day, 1),
                read_at=self.at - timedelta(days=days),
                read_by=sample.owner,
            )

    def _write_services(self, sample: Machine, number: int) -> None:
        """What was done at each interval, up to a year back."""
        if sample.service_days:
            every, last = sample.service_days, sample.serviced_days_ago
            for days in range(last, max(_YEAR, last + 1), every):
                self._write_service(
                    sample, "maintenance", days, work_done="By the plan.", cost=90.0 + number * 7
                )
        if sample.calibration_months:
            months, last = sample.calibration_months, sample.calibrated_days_ago
            for days in range(last, max(_YEAR, last + 1), months * 30):
                told = sample.calibration_result if days == last else "passed"
                certificate = f"K-{(self.at - timedelta(days=days)).year}-{number * 17 % 900 + 100}"
                self._write_service(sample, "calibration", days, result=told, certificate_number=certificate)

    def _write_service(self, sample: Machine, kind: str, days: float, **done: Any) -> None:
        title = f"{kind.capitalize()} of {sample.name}"
        finished = self._ago(days)
        self._create(
            ORDERS,
            equipment=self.machines[sample.name],
            kind=kind,
            title=title,
            opened_by="ShopDB",
            opened_at=finished - timedelta(days=10),
            due_at=finished + timedelta(days=4),
            started_at=finished - timedelta(hours=3),
            finished_at=finished,
            assigned_to=self.people.get("Kofi Mensah" if kind == "maintenance" else "Zeynep Yıldız"),
            **done,
        )

    def _write_repair(self, *, machine: str, days_ago: int, hours: float, **done: Any) -> None:
        begun = self._ago(days_ago)
        self._create(
            ORDERS,
            equipment=self.machines[machine],
            kind="breakdown",
            opened_at=begun,
            started_at=begun + timedelta(minutes=20),
            downtime_from=begun,
            finished_at=begun + timedelta(hours=hours),
            assigned_to=self.people.get("Daniel Kowalski"),
            **done,
        )

    def _write_open(self, order: Mapping[str, Any]) -> None:
        """What is told in days from now becomes times; the rest is written as it stands."""
        told = dict(order)
        values: dict[str, Any] = {
            "equipment": self.machines[told.pop("machine")],
            "assigned_to": self.people.get(told.pop("assigned_to", "")),
        }
        for name, moment in (("opened", "opened_at"), ("started", "started_at"), ("down", "downtime_from")):
            if (days := told.pop(f"{name}_days_ago", None)) is not None:
                values[moment] = self._ago(days)
        if (days := told.pop("due_in_days", None)) is not None:
            values["due_at"] = self._ago(-days)
        if (days := told.pop("stop_in_days", None)) is not None:
            begins = self._ago(-days)
            ends = begins + timedelta(hours=told.pop("stop_hours"))
            values |= {"downtime_from": begins, "downtime_until": ends}
        self._create(ORDERS, **values, **told)

    def _ago(self, days: float) -> datetime:
        return self.at - timedelta(days=days)

    def _create(self, resource: str, **values: Any) -> int:
        return int(create_item(self.session, resource, values, actor=_ACTOR)["id"])

    def _ids(self, resource: str) -> dict[str, int]:
        return {each["name"]: each["id"] for each in list_items(self.session, resource, {"limit": "1000"})}


DEMO = Demo(seed=seed)
"""What the plugin adds to a demo."""
