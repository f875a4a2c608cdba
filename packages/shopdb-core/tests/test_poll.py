"""Asking many devices: whose turn it is, how long each is waited for, and what is kept."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from shopdb.clock import now
from shopdb.db import Database, Str, new_metadata
from shopdb.errors import InvalidError, OutboundError
from shopdb.outbound import Poll, PollSettings, Schedule
from shopdb.plugins import poll_settings

DEADLINE_S = 0.5


class Base(DeclarativeBase):
    """Tables of these tests."""

    metadata = new_metadata()


class Gauge(Base):
    """A device, which its host says how to treat."""

    __tablename__ = "gauges_gauge"
    asset_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    host: Mapped[str | None] = mapped_column(Str(40))


class GaugeReading(Schedule, Base):
    """What it said."""

    __tablename__ = "gauges_reading"
    asset_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[str | None] = mapped_column(Str(40))


@dataclass
class Context:
    """What a job has."""

    database: Database
    settings: dict[str, Any]


async def ask(gauge: Gauge, settings: PollSettings) -> str:
    if gauge.host == "dead":
        await asyncio.sleep(settings.deadline_s)
        raise OutboundError("dead did not answer.")
    if gauge.host == "hung":
        await asyncio.sleep(60)
    if gauge.host == "odd":
        raise ZeroDivisionError
    return f"{gauge.host} says 7"


def keep(session: Session, row: GaugeReading, reading: str) -> None:
    if reading.startswith("unkeepable"):
        raise RuntimeError("no room")
    row.value = reading


POLL = Poll(Gauge, GaugeReading, ask=ask, keep=keep, noun="gauge")


@pytest.fixture
def context(database: Database) -> Context:
    Base.metadata.create_all(database.engine)
    return Context(database, {"poll_interval_s": 300, "poll_deadline_s": DEADLINE_S, "poll_at_once": 50})


def add(context: Context, *hosts: str | None) -> None:
    with context.database.write() as session:
        session.add_all(Gauge(asset_id=number, host=host) for number, host in enumerate(hosts, start=1))


def rows(context: Context) -> dict[int, GaugeReading]:
    with context.database.read() as session:
        return {row.asset_id: row for row in session.query(GaugeReading)}


def test_each_answer_is_kept_and_each_silence_with_its_reason(context: Context) -> None:
    add(context, "scale", "dead", "hung", "odd", None, "")
    started = time.monotonic()
    assert POLL.ask_due(context) == 4
    assert time.monotonic() - started < DEADLINE_S + 3
    kept = rows(context)
    assert (kept[1].value, kept[1].last_error, kept[1].failures) == ("scale says 7", None, 0)
    assert kept[2].last_error == "dead did not answer."
    assert kept[3].last_error == f"It was not done after {DEADLINE_S:g} s; given up."
    assert "could not be read; the log says where" in (kept[4].last_error or "")
    assert all(kept[number].polled_at is None and kept[number].failures == 1 for number in (2, 3, 4))


def test_an_answer_is_kept_while_a_neighbour_is_still_waited_for(context: Context) -> None:
    add(context, *["dead"] * 5, "scale")
    POLL.ask_due(context)
    kept = rows(context)
    assert kept[6].polled_at is not None
    waited = [kept[number].attempted_at - kept[6].polled_at for number in range(1, 6)]  # type: ignore[operator]
    assert min(waited) > timedelta(seconds=DEADLINE_S / 2)


def test_no_more_are_asked_at_once_than_the_site_wants(context: Context) -> None:
    add(context, *["scale"] * 9)
    context.settings["poll_at_once"] = 2
    asked: list[int] = []
    most: list[int] = []

    async def count(gauge: Gauge, settings: PollSettings) -> str:
        asked.append(gauge.asset_id)
        most.append(len(asked))
        await asyncio.sleep(0.01)
        asked.remove(gauge.asset_id)
        return "7"

    assert Poll(Gauge, GaugeReading, ask=count, keep=keep).ask_due(context) == 9
    assert max(most) == 2


def test_answers_are_kept_outside_the_loop_and_one_at_a_time(context: Context) -> None:
    add(context, *["scale"] * 4)
    threads: list[bool] = []
    inside: list[int] = []

    def slowly(session: Session, row: GaugeReading, reading: str) -> None:
        inside.append(1)
        threads.append(threading.current_thread() is threading.main_thread())
        time.sleep(0.02)
        assert len(inside) == 1
        inside.pop()

    Poll(Gauge, GaugeReading, ask=ask, keep=slowly).ask_due(context)
    assert threads == [False] * 4


def test_one_that_can_not_be_kept_loses_no_other_and_is_not_hushed_up(context: Context) -> None:
    add(context, "unkeepable", "scale", "lathe")
    with pytest.raises(RuntimeError, match="no room"):
        POLL.ask_due(context)
    assert {number: row.value for number, row in rows(context).items()} == {
        2: "scale says 7",
        3: "lathe says 7",
    }


def test_new_devices_come_first_then_those_that_wait_longest(context: Context) -> None:
    add(context, "a", "b", "c", "d")
    at = now()
    with context.database.write() as session:
        for number, seconds in ((1, -10), (2, -60), (3, 60)):
            turn = at + timedelta(seconds=seconds)
            session.add(GaugeReading(asset_id=number, failures=0, next_poll_at=turn))
    with context.database.read() as session:
        assert [gauge.host for gauge in POLL.list_due(session, at)] == ["d", "b", "a"]
        assert [gauge.host for gauge in POLL.list_due(session, at, limit=1)] == ["d"]


def test_a_silent_device_is_asked_less_and_less_often_until_it_answers(context: Context) -> None:
    row = GaugeReading(asset_id=1, failures=0)
    waits = []
    for _ in range(7):
        at = now()
        row.note_failure("off", at, interval_s=300)
        assert row.next_poll_at is not None
        waits.append((row.next_poll_at - at).total_seconds())
    assert waits == [300, 600, 1200, 2400, 3600, 3600, 3600]
    row.note_answer(at, interval_s=300)
    assert (row.failures, row.last_error, row.next_poll_at) == (0, None, at + timedelta(seconds=300))


def test_an_interval_beyond_an_hour_is_kept_in_silence_too() -> None:
    row = GaugeReading(asset_id=1, failures=5)
    at = now()
    row.note_failure("off", at, interval_s=86_400)
    assert row.next_poll_at == at + timedelta(days=1)


def test_a_device_can_be_given_its_turn(context: Context) -> None:
    add(context, "dead")
    POLL.ask_due(context)
    assert POLL.ask_due(context) == 0
    with context.database.write() as session:
        POLL.ask_soon(session, 1)
    assert POLL.ask_due(context) == 1


def test_one_device_is_asked_now_or_the_caller_is_told_what_it_lacks(context: Context) -> None:
    add(context, "scale", None)
    POLL.ask_now(SimpleNamespace(context=context, item={"id": 1}))
    assert rows(context)[1].value == "scale says 7"
    with pytest.raises(InvalidError, match="a gauge without one can't be asked") as told:
        POLL.ask_now(SimpleNamespace(context=context, item={"id": 2}))
    assert isinstance(told.value.errors, dict)
    assert list(told.value.errors) == ["host"]


def test_a_device_that_was_deleted_meanwhile_is_passed_over(context: Context) -> None:
    add(context, "scale")
    with context.database.read() as session:
        gauges = POLL.list_due(session, now())
    with context.database.write() as session:
        session.query(Gauge).delete()
    (outcome,) = POLL.ask_all(context, gauges)
    assert outcome.reading == "scale says 7"
    assert rows(context) == {}


def test_a_device_that_is_asked_twice_at_once_for_the_first_time_is_kept(
    make_database: Callable[..., Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = Context(make_database("postgresql"), {})  # SQLite lets one write at a time
    Base.metadata.create_all(context.database.engine)
    add(context, "scale")
    find_row: Callable[..., Any] = POLL.find_row
    calls: list[int] = []

    def find_late(session: Session, asset_id: int) -> Any:
        calls.append(asset_id)
        if len(calls) == 1:  # nothing was there when it looked, and something when it writes
            with context.database.write() as other:
                other.add(GaugeReading(asset_id=asset_id, failures=3))
            row = GaugeReading(asset_id=asset_id, failures=0)
            session.add(row)
            return row
        return find_row(session, asset_id)

    monkeypatch.setattr(POLL, "find_row", find_late)
    POLL.ask_due(context)
    assert (rows(context)[1].value, len(calls)) == ("scale says 7", 2)


def test_the_settings_are_those_that_a_plugin_declares() -> None:
    declared = {each.name: each.default for each in poll_settings("gauge", "gauges")}
    assert PollSettings.of(declared) != PollSettings.of({**declared, "poll_tries": 9})
    settings = PollSettings.of({**declared, "poll_tries": 9, "outbound_allow": ()})
    assert (settings.tries, settings.interval_s, settings.deadline_s) == (9, 300, 20.0)
    assert settings.guard.find_objection(ip_address("127.0.0.1"))
