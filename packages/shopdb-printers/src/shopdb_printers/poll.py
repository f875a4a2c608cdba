"""What is asked of a printer, and what is kept of its answer; how printers are asked is `shopdb.outbound.Poll`'s."""

import logging
from datetime import timedelta

from sqlalchemy.orm import Session

from shopdb.errors import RequestError
from shopdb.outbound import Poll, PollSettings, snmp_target
from shopdb.plugins import Actor, JobContext, now
from shopdb.services import update_item
from shopdb_printers import device, services
from shopdb_printers.models import Printer, Reading
from shopdb_printers.reading import DeviceReading, read_values
from shopdb_printers.settings import value_of

_log = logging.getLogger(__name__)
_POLLER = Actor(name="Printer poll", source="job")


async def ask(printer: Printer, settings: PollSettings) -> DeviceReading:
    """What the printer says.

    Raises:
        OutboundError: as `shopdb_printers.device.ask` says.
    """
    values = await device.ask(snmp_target(printer), printer.snmp_context or None, settings)
    return read_values(values)


def keep(session: Session, row: Reading, reading: DeviceReading) -> None:
    """Keep what it said, and its serial number where the asset has none."""
    services.save_reading(session, row, reading)
    if reading.serial and not services.has_serial_number(session, row.asset_id):
        _fill_serial_number(session, row.asset_id, reading.serial)


def _fill_serial_number(session: Session, asset_id: int, serial: str) -> None:
    """Write an empty serial number; one that another asset has, or that is refused, stays a reading."""
    try:
        with session.begin_nested():
            update_item(session, "printers", asset_id, {"serial_number": serial}, actor=_POLLER)
    except RequestError as error:
        _log.info("Serial number %r of printer %s is not taken over: %s", serial, asset_id, error)


POLL = Poll(Printer, Reading, ask=ask, keep=keep, noun="printer")
"""The polling of printers."""


def prune(context: JobContext) -> int:
    """Forget levels that are older than the site keeps them; returns how many."""
    before = now() - timedelta(days=int(value_of(context.settings, "levels_keep_days")))
    with context.database.write() as session:
        return services.prune_levels(session, before=before)
