"""What is asked of a printer, in which order, and what may be missing."""

from collections.abc import Sequence
from dataclasses import replace

from shopdb.errors import OutboundError, OutboundProtocolError, OutboundReportedError
from shopdb.outbound import PollSettings, SnmpSession, SnmpTarget, SnmpValue
from shopdb_printers import identity, mib

_SUPPLIES = (
    *(mib.SUPPLY_COLORANT, mib.SUPPLY_TYPE, mib.SUPPLY_DESCRIPTION, mib.SUPPLY_UNIT, mib.SUPPLY_CAPACITY),
    *(mib.COLORANT_VALUE, mib.RICOH_LEVEL),
)
_TRAYS = (mib.INPUT_TYPE, mib.INPUT_UNIT, mib.INPUT_CAPACITY, mib.INPUT_NAME, mib.INPUT_DESCRIPTION)
_STATE = (
    *(mib.HR_DEVICE_TYPE, mib.HR_DEVICE_DESCR, mib.HR_DEVICE_STATUS, mib.HR_PRINTER_STATUS),
    *(mib.HR_PRINTER_ERRORS, mib.PRT_SERIAL_NUMBER, mib.COUNTER_UNIT, mib.LIFE_COUNT),
    *(mib.ALERT_SEVERITY, mib.ALERT_DESCRIPTION),
)
_HP = "1.3.6.1.4.1.11."
_HP_CONTEXT = "Jetdirect"
_MAX_ROWS = 1000

Values = dict[str, SnmpValue]


async def ask(target: SnmpTarget, context: str | None, settings: PollSettings) -> Values:
    """Everything that a reading is made of.

    Args:
        context: A MIB view that the supplies are in, besides the plain one. HP's print servers keep
            theirs in ``Jetdirect``; that is tried where the plain one has none.

    Raises:
        OutboundError: as `shopdb.outbound.SnmpSession` says, and where the device shows nothing at all.
    """
    async with settings.session(target, max_rows=_MAX_ROWS) as session:
        values = await session.get(*identity.OBJECTS)
        values |= await _ask_tables(session)
        for name in _contexts(context, values):
            values = await _ask_context(target.in_context(name), settings, values, is_given=bool(context))
        if not values:
            raise OutboundProtocolError(
                f"{target.host}:{target.port} answers SNMP and shows nothing. "
                "Check what its community may read."
            )
        return values


async def _ask_tables(session: SnmpSession) -> Values:
    values = await _walk_optional(session, _STATE)
    values |= await session.walk(mib.SUPPLY_LEVEL, mib.INPUT_LEVEL)
    for level, others in ((mib.SUPPLY_LEVEL, _SUPPLIES), (mib.INPUT_LEVEL, _TRAYS)):
        if any(oid.startswith(level + ".") for oid in values):
            values |= await _walk_optional(session, others)
    return values


async def _walk_optional(session: SnmpSession, columns: Sequence[str]) -> Values:
    """Columns that a reading can do without: a device that reports an error in one keeps the others."""
    try:
        return await session.walk(*columns)
    except OutboundReportedError:
        if len(columns) == 1:
            return {}
    values: Values = {}
    for column in columns:
        values |= await _walk_optional(session, [column])
    return values


def _contexts(given: str | None, values: Values) -> list[str]:
    if given:
        return [given]
    maker = str(values.get(mib.SYS_OBJECT_ID, "")) + "."
    has_supplies = any(oid.startswith(mib.SUPPLY_LEVEL + ".") for oid in values)
    return [_HP_CONTEXT] if maker.startswith(_HP) and not has_supplies else []


async def _ask_context(
    target: SnmpTarget, settings: PollSettings, values: Values, *, is_given: bool
) -> Values:
    """The plain view's values with the context's in front; a context that we only guessed may be silent."""
    brief = settings if is_given else replace(settings, timeout_s=min(1.0, settings.timeout_s), tries=1)
    try:
        async with brief.session(target, max_rows=_MAX_ROWS) as session:
            found = await session.get(*identity.OBJECTS)
            return values | found | await _ask_tables(session)
    except OutboundError:
        if is_given:
            raise
        return values
