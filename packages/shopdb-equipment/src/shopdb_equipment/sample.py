"""The sample factory: what stands in both buildings, and what happened to it in the last year."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """One machine or gauge; ages and intervals in days, unless their names say otherwise.

    Args:
        more: Other fields, by their names.
    """

    name: str
    vendor: str
    model: str
    serial_number: str
    place: str
    kind: str
    criticality: str
    bought_years: int
    owner: str
    status: str
    service_days: int | None = None
    serviced_days_ago: int = 0
    service_h: int | None = None
    hours: float | None = None
    hours_a_day: float = 0.0
    calibration_months: int | None = None
    calibrated_days_ago: int = 0
    calibration_result: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """All of it: relations as (source, kind, target), repairs and open orders as they are written."""

    machines: Sequence[Machine]
    relations: Sequence[Sequence[str]]
    repairs: Sequence[Mapping[str, Any]]
    open_orders: Sequence[Mapping[str, Any]]


def read_sample() -> Sample:
    """What ``sample.json`` holds."""
    told = json.loads((files("shopdb_equipment") / "sample.json").read_text("utf-8"))
    return Sample(**{**told, "machines": [Machine(**each) for each in told["machines"]]})
