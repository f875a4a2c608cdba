"""Asking many devices at once, each within its own deadline, and keeping each answer as soon as it is there.

What is asked and what is kept is the plugin's: it makes one `Poll` and gives its methods to jobs and actions.

>>> from shopdb.outbound import Poll, PollSettings, snmp_target
>>> async def ask(scale, settings: PollSettings):
...     async with settings.session(snmp_target(scale)) as session:
...         return await session.get("1.3.6.1.2.1.1.5.0")
>>> def keep(session, row, said):
...     row.name_reported = said.get("1.3.6.1.2.1.1.5.0", b"").decode(errors="replace")

    POLL = Poll(Scale, ScaleReading, ask=ask, keep=keep, noun="scale")
    Job(name="scales.poll", run=POLL.ask_due, every_s=30, deadline_s=600)
    Action(name="poll", title="Poll now", run=POLL.ask_now)
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.db import Database
from shopdb.errors import InvalidError, OutboundError, OutboundTimeoutError
from shopdb.outbound.guard import AddressGuard
from shopdb.outbound.schedule import Schedule, select_due
from shopdb.outbound.snmp import SnmpSession
from shopdb.outbound.target import SnmpTarget

MOST_AT_A_TURN = 1000
_GRACE_S = 1.0
"""Whoever asks keeps the deadline itself and can say more; this ends what does not."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class PollSettings:
    """How devices are asked, as the site wants it. `shopdb.plugins.poll_settings` declares the settings.

    Args:
        interval_s: From an answer to the next turn.
        deadline_s: For a device as a whole.
        timeout_s: For an answer, before the request is sent again.
        tries: How often a request is sent.
        at_once: How many devices are asked at the same time.
    """

    interval_s: int = 300
    deadline_s: float = 20.0
    timeout_s: float = 2.0
    tries: int = 3
    at_once: int = 50
    guard: AddressGuard = field(default_factory=AddressGuard)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From the settings of a plugin, ``poll_<name>`` each; a default where it has none."""
        names = ("interval_s", "deadline_s", "timeout_s", "tries", "at_once")
        given = {name: settings[f"poll_{name}"] for name in names if f"poll_{name}" in settings}
        return cls(**given, guard=AddressGuard(settings.get("outbound_allow", ())))

    def session(self, target: SnmpTarget, *, max_rows: int = 10_000) -> SnmpSession:
        """A conversation over SNMP that keeps to them."""
        return SnmpSession(
            target,
            guard=self.guard,
            deadline_s=self.deadline_s,
            timeout_s=self.timeout_s,
            tries=self.tries,
            max_rows=max_rows,
        )


class PollContext(Protocol):
    """What jobs, commands and actions work with: `shopdb.plugins.JobContext`."""

    @property
    def database(self) -> Database:
        """Where devices and readings are."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The plugin's."""


class PollCall(Protocol):
    """The call of an action: `shopdb.plugins.ActionCall`."""

    @property
    def context(self) -> PollContext:
        """What it works with."""

    @property
    def item(self) -> Mapping[str, Any]:
        """The device."""


Device = TypeVar("Device")
Row = TypeVar("Row", bound=Schedule)
Reading = TypeVar("Reading")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Device, Reading]):
    """How asking one device went: what it said, or why there is nothing."""

    device: Device
    reading: Reading | None
    error: str | None


class Poll(Generic[Device, Row, Reading]):
    """The polling of one kind of device.

    Args:
        device: The model of the devices, with ``asset_id``.
        row: The model that keeps what they say, with `Schedule`.
        ask: Asks one device, given its row; the row belongs to no session. What it raises of `OutboundError` is
            kept as the device's last error.
        keep: Writes what a device said to its row and wherever else, in one transaction with its schedule.
        address: The column without which a device can't be asked.
        noun: What one is called, in messages.
    """

    def __init__(
        self,
        device: type[Device],
        row: type[Row],
        *,
        ask: Callable[[Device, PollSettings], Awaitable[Reading]],
        keep: Callable[[Session, Row, Reading], None],
        address: str = "host",
        noun: str = "device",
    ):
        self.device: Any = device
        self.row = row
        self._ask = ask
        self._keep = keep
        self._address = address
        self._noun = noun

    def select_devices(self) -> Select[Any]:
        """The devices that can be asked."""
        address = getattr(self.device, self._address)
        return select(self.device).where(address.is_not(None), address != "")

    def list_due(self, session: Session, at: datetime, *, limit: int = MOST_AT_A_TURN) -> list[Device]:
        """The devices whose turn it is then: new ones, then those that wait longest."""
        due = select_due(self.select_devices(), self.row, key=self.device.asset_id, at=at)
        return list(session.scalars(due.limit(limit)))

    def ask_due(self, context: PollContext) -> int:
        """Ask the devices whose turn it is; returns how many were asked. For a job."""
        with context.database.read() as session:
            devices = self.list_due(session, clock.now())
        return len(self.ask_all(context, devices))

    def ask_now(self, call: PollCall) -> None:
        """Ask one device now. For an action; an answer that doesn't come is kept, and is no failure of the call.

        Raises:
            InvalidError: It has no address.
        """
        one = self.select_devices().where(self.device.asset_id == call.item["id"])
        with call.context.database.read() as session:
            devices = list(session.scalars(one))
        if not devices:
            text = f"Give its name or address first: a {self._noun} without one can't be asked."
            raise InvalidError(f"{self._address}: {text}", errors={self._address: [text]})
        self.ask_all(call.context, devices)

    def ask_soon(self, session: Session, asset_id: int) -> None:
        """Make it the device's turn, however long it has been silent."""
        mine = update(self.row).where(self.row.asset_id == asset_id)
        session.execute(mine.values(next_poll_at=None, failures=0))

    def ask_all(self, context: PollContext, devices: Iterable[Device]) -> list[Outcome[Device, Reading]]:
        """Ask all of them at once and keep what each says; in the order given.

        Raises:
            Exception: What keeping an answer raised, after all the others were kept.
        """
        return asyncio.run(self._ask_all(context, list(devices), PollSettings.of(context.settings)))

    async def _ask_all(
        self, context: PollContext, devices: list[Device], settings: PollSettings
    ) -> list[Outcome[Device, Reading]]:
        places = asyncio.Semaphore(settings.at_once)
        writing = asyncio.Lock()

        async def ask_one(device: Device) -> Outcome[Device, Reading]:
            async with places:
                outcome = await self._ask_one(device, settings)
            # Databases are written in a thread: one that is slow must not cut into the others' deadlines.
            async with writing:
                await asyncio.to_thread(self._save, context.database, outcome, settings)
            return outcome

        results = await asyncio.gather(*map(ask_one, devices), return_exceptions=True)
        outcomes: list[Outcome[Device, Reading]] = []
        for result in results:
            if isinstance(result, BaseException):
                raise result
            outcomes.append(result)
        return outcomes

    async def _ask_one(self, device: Device, settings: PollSettings) -> Outcome[Device, Reading]:
        try:
            async with asyncio.timeout(settings.deadline_s + _GRACE_S):
                return Outcome(device, await self._ask(device, settings), None)
        except OutboundError as error:
            return Outcome(device, None, str(error))
        except TimeoutError:
            late = f"It was not done after {settings.deadline_s:g} s; given up."
            return Outcome(device, None, str(OutboundTimeoutError(late)))
        except Exception:  # noqa: BLE001 - one device's answer must not end the poll of the others
            _log.exception("The answer of %s %s can't be read", self._noun, _id_of(device))
            return Outcome(
                device, None, "Its answer could not be read; the log says where. Please report it."
            )

    def _save(self, database: Database, outcome: Outcome[Device, Reading], settings: PollSettings) -> None:
        try:
            self._save_once(database, outcome, settings)
        except IntegrityError:  # the first poll twice at once, or the device was deleted meanwhile
            self._save_once(database, outcome, settings)

    def _save_once(
        self, database: Database, outcome: Outcome[Device, Reading], settings: PollSettings
    ) -> None:
        at = clock.now()
        with database.write() as session:
            row = self.find_row(session, _id_of(outcome.device))
            if row is None:
                return
            if outcome.reading is None:
                row.note_failure(outcome.error or "", at, interval_s=settings.interval_s)
            else:
                row.note_answer(at, interval_s=settings.interval_s)
                self._keep(session, row, outcome.reading)

    def find_row(self, session: Session, asset_id: int) -> Row | None:
        """What is kept of a device, made where there is nothing yet; None where the device is gone."""
        row = session.get(self.row, asset_id)
        is_device = select(self.device.asset_id).where(self.device.asset_id == asset_id)
        if row is None and session.execute(is_device).first() is not None:
            row = self.row(asset_id=asset_id, failures=0)  # type: ignore[call-arg]  # a mapped class takes its columns
            session.add(row)
        return row


def _id_of(device: Any) -> int:
    return int(device.asset_id)
