"""Polling: many printers at once, each with its own deadline, each kept as soon as it has answered."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from shopdb.errors import InvalidError, OutboundError, RequestError
from shopdb.plugins import ActionCall, Actor, JobContext, now
from shopdb.services import update_item
from shopdb_printers import services
from shopdb_printers.device import ask
from shopdb_printers.reading import DeviceReading, read_values
from shopdb_printers.services import Target
from shopdb_printers.settings import guard_of, patience_of, value_of

_log = logging.getLogger(__name__)
_POLLER = Actor(name="Printer poll", source="job")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the poll of one printer went: a reading, or why there is none."""

    target: Target
    reading: DeviceReading | None
    error: str | None

    def asdict(self) -> dict[str, Any]:
        """As the command line tells it."""
        reading = self.reading
        return {
            "id": self.target.asset_id,
            "asset_tag": self.target.asset_tag,
            "host": self.target.snmp.host,
            "ok": reading is not None,
            "error": self.error,
            "model_reported": reading.model if reading else None,
            "serial_reported": reading.serial if reading else None,
            "state": reading.state if reading else None,
            "supplies": [each.asdict() for each in reading.supplies] if reading else [],
            "trays": [each.asdict() for each in reading.trays] if reading else [],
        }


def poll_printer(call: ActionCall) -> None:
    """Ask one printer now; an answer that doesn't come is kept as its last error, and is no failure of the call.

    Raises:
        InvalidError: No host is given.
    """
    with call.context.database.read() as session:
        target = services.find_target(session, call.item["id"])
    if target is None:
        text = "Give its name or IP address first: a printer without one can't be asked."
        raise InvalidError(f"host: {text}", errors={"host": [text]})
    poll(call.context, [target])


def poll_due(context: JobContext) -> int:
    """Ask the printers whose turn it is; returns how many were asked."""
    with context.database.read() as session:
        targets = services.list_due(session, now())
    return len(poll(context, targets))


def prune(context: JobContext) -> int:
    """Forget levels that are older than the site keeps them; returns how many."""
    before = now() - timedelta(days=int(value_of(context.settings, "levels_keep_days")))
    with context.database.write() as session:
        return services.prune_levels(session, before=before)


def poll(context: JobContext, targets: Iterable[Target]) -> list[Outcome]:
    """Ask all of them at once and keep what each says; in the order given."""
    return asyncio.run(_poll_all(context, list(targets)))


async def _poll_all(context: JobContext, targets: list[Target]) -> list[Outcome]:
    places = asyncio.Semaphore(int(value_of(context.settings, "poll_at_once")))
    writing = asyncio.Lock()

    async def poll_one(target: Target) -> Outcome:
        async with places:
            outcome = await _ask(target, context.settings)
        # Databases are written in a thread: one that is slow must not cut into the others' deadlines.
        async with writing:
            await asyncio.to_thread(_keep, context, outcome)
        return outcome

    return list(await asyncio.gather(*(poll_one(target) for target in targets)))


async def _ask(target: Target, settings: Mapping[str, Any]) -> Outcome:
    try:
        values = await ask(
            target.snmp, target.context, guard=guard_of(settings), patience=patience_of(settings)
        )
        return Outcome(target, read_values(values), None)
    except OutboundError as error:
        return Outcome(target, None, str(error))
    except Exception:  # noqa: BLE001 - one device's answer must not end the poll of the others
        _log.exception("The answer of printer %s can't be read", target.asset_id)
        return Outcome(target, None, "Its answer could not be read; the log says where. Please report it.")


def _keep(context: JobContext, outcome: Outcome) -> None:
    try:
        _save(context, outcome)
    except IntegrityError:  # the first poll twice at once, or the printer was deleted meanwhile
        _save(context, outcome)
    reading = outcome.reading
    if reading is not None and reading.serial and not outcome.target.serial_number:
        _fill_serial_number(context, outcome.target.asset_id, reading.serial)


def _save(context: JobContext, outcome: Outcome) -> None:
    at = now()
    interval_s = int(value_of(context.settings, "poll_interval_s"))
    asset_id = outcome.target.asset_id
    with context.database.write() as session:
        if outcome.reading is None:
            message = outcome.error or ""
            services.save_failure(session, asset_id, message, at=at, interval_s=interval_s)
        else:
            services.save_reading(session, asset_id, outcome.reading, at=at, interval_s=interval_s)


def _fill_serial_number(context: JobContext, asset_id: int, serial: str) -> None:
    """Write an empty serial number; one that another asset has, or that is refused, stays a reading."""
    try:
        with context.database.write() as session:
            if not services.has_serial_number(session, asset_id):
                update_item(session, "printers", asset_id, {"serial_number": serial}, actor=_POLLER)
    except RequestError as error:
        _log.info("Serial number %r of printer %s is not taken over: %s", serial, asset_id, error)
