"""Polling many printers: due ones, dead ones, and levels over time."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from shopdb.clock import now
from shopdb.outbound import AuthProtocol, PrivProtocol, SecurityLevel, SnmpUser
from shopdb.plugins import Actor, Change, JobContext
from shopdb.services import create_item, get_item
from shopdb.testing import ENGINES, Lie, Manner, Recording, SiteUnderTest, SnmpAgent
from shopdb_printers import cli, mib, plugin, poll, services
from shopdb_printers.models import Level, Reading
from shopdb_printers.poll import POLL

ACTOR = Actor(name="tester", source="cli")
ENVIRON = {
    "SHOPDB_OUTBOUND_ALLOW": "127.0.0.0/8",
    "SHOPDB_PRINTERS_POLL_TIMEOUT_S": "1.5",
    "SHOPDB_PRINTERS_POLL_DEADLINE_S": "5",
}


def device(number: int, level: int = 50) -> Recording:
    return Recording(
        {
            mib.SYS_DESCR: f"Acme Press {number}",
            f"{mib.PRT_SERIAL_NUMBER}.1": f"SN-{number}",
            f"{mib.SUPPLY_CAPACITY}.1.1": 100,
            f"{mib.SUPPLY_LEVEL}.1.1": level,
            f"{mib.SUPPLY_DESCRIPTION}.1.1": "Black toner",
        }
    )


@pytest.fixture
def agent() -> Iterator[SnmpAgent]:
    with SnmpAgent({f"p{number}": device(number) for number in range(50)}) as running:
        yield running


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers", engine=request.param, environ=ENVIRON)


@pytest.fixture
def lite(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers", environ=ENVIRON)


def make(site: SiteUnderTest, agent: SnmpAgent, count: int) -> list[int]:
    """Printers P-0, P-1, … in the database."""
    with site.runtime.database.write() as session:
        return [
            create_item(
                session,
                "printers",
                {
                    "asset_tag": f"P-{number}",
                    "name": f"Press {number}",
                    "host": "127.0.0.1",
                    "snmp_port": agent.port,
                    "snmp_community": f"p{number}",
                },
                actor=ACTOR,
            )["id"]
            for number in range(count)
        ]


def context(site: SiteUnderTest, **settings: Any) -> JobContext:
    made = site.runtime.context_of("printers")
    return JobContext(database=made.database, settings={**made.settings, **settings}, site_dir=made.site_dir)


def item(site: SiteUnderTest, id_: int) -> dict[str, Any]:
    with site.runtime.database.read() as session:
        return get_item(session, "printers", id_)


def reading(site: SiteUnderTest, id_: int) -> Reading:
    with site.runtime.database.read() as session:
        found = session.get(Reading, id_)
        assert found is not None
        return found


def levels(site: SiteUnderTest) -> list[int | None]:
    with site.runtime.database.read() as session:
        return list(session.execute(select(Level.percent).order_by(Level.id)).scalars())


def test_fifty_printers_with_dead_and_lying_ones_among_them_take_as_long_as_one(
    site: SiteUnderTest, agent: SnmpAgent
) -> None:
    ids = make(site, agent, 50)
    for number in range(0, 50, 5):
        agent.manners[f"p{number}"] = Manner(lie=Lie.DEAD)
    agent.manners["p1"] = Manner(lie=Lie.ENDLESS)
    agent.manners["p2"] = Manner(delay_s=20)
    agent.manners["p3"] = Manner(lie=Lie.GARBAGE)
    started = time.monotonic()
    assert POLL.ask_due(context(site)) == 50
    assert time.monotonic() - started < 15  # one after the other they would take over 40
    items = [item(site, id_) for id_ in ids]
    bad = {number for number, each in enumerate(items) if each["last_error"]}
    assert bad == {*range(0, 50, 5), 1, 2, 3}
    assert all(each["supplies"][0]["percent"] == 50 for number, each in enumerate(items) if number not in bad)


def test_fifty_v3_printers_with_ten_silent_ones_among_them_are_done_within_a_deadline(
    lite: SiteUnderTest,
) -> None:
    users = [v3_user(f"p{number}") for number in range(40)]
    with silent_port() as silent, SnmpAgent({user.name: device(7) for user in users}, users=users) as agent:
        ids = make_v3(
            lite, [*users, *(v3_user(f"p{number}") for number in range(40, 50))], agent.port, silent
        )
        started = time.monotonic()
        assert POLL.ask_due(context(lite)) == 50
        took_s = time.monotonic() - started
    items = [item(lite, id_) for id_ in ids]
    assert [each["last_error"] for each in items[:40]] == [None] * 40
    assert all("did not answer SNMP v3" in each["last_error"] for each in items[40:])
    assert (
        took_s < 5 + 3
    )  # the deadline of one, and a busy machine; one after the other the ten would take 45


def v3_user(name: str) -> SnmpUser:
    """A user with passwords of its own, so that each printer's keys have to be made."""
    passwords = (f"maplesyrup-{name}", f"pancakes-{name}")
    return SnmpUser(
        name, SecurityLevel.PRIV, AuthProtocol.SHA256, passwords[0], PrivProtocol.AES128, passwords[1]
    )


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes everything and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def make_v3(site: SiteUnderTest, users: list[SnmpUser], port: int, silent: int) -> list[int]:
    """A printer for each user; from the 41st on at the silent port."""
    with site.runtime.database.write() as session:
        return [
            create_item(
                session,
                "printers",
                {
                    "name": f"Press {number}",
                    "host": "127.0.0.1",
                    "snmp_port": port if number < 40 else silent,
                    "snmp_version": "3",
                    "snmp_username": user.name,
                    "snmp_security_level": user.level,
                    "snmp_auth_protocol": user.auth,
                    "snmp_auth_password": user.auth_password,
                    "snmp_priv_protocol": user.priv,
                    "snmp_priv_password": user.priv_password,
                },
                actor=ACTOR,
            )["id"]
            for number, user in enumerate(users)
        ]


def test_one_dead_printer_delays_no_other(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    ids = make(lite, agent, 6)
    agent.manners["p0"] = Manner(delay_s=20)
    slow = context(lite, poll_timeout_s=4.0, poll_deadline_s=4.0)
    POLL.ask_due(slow)
    dead, *others = [item(lite, id_) for id_ in ids]
    assert all((dead["attempted_at"] - each["polled_at"]).total_seconds() > 1 for each in others)


def test_more_printers_than_places_are_all_asked(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    ids = make(lite, agent, 9)
    POLL.ask_due(context(lite, poll_at_once=2))
    assert all(item(lite, id_)["polled_at"] for id_ in ids)


def test_a_printer_is_due_when_it_is_new_and_again_after_the_interval(
    lite: SiteUnderTest, agent: SnmpAgent
) -> None:
    make(lite, agent, 2)
    assert POLL.ask_due(context(lite)) == 2
    assert POLL.ask_due(context(lite)) == 0
    with lite.runtime.database.read() as session:
        assert len(POLL.list_due(session, now() + timedelta(seconds=301))) == 2
        assert not POLL.list_due(session, now() + timedelta(seconds=290))


def test_a_silent_printer_is_asked_less_and_less_often_up_to_once_an_hour(
    lite: SiteUnderTest, agent: SnmpAgent
) -> None:
    (id_,) = make(lite, agent, 1)
    waits = []
    for _ in range(7):
        at = now()
        with lite.runtime.database.write() as session:
            row = POLL.find_row(session, id_)
            assert row is not None
            row.note_failure("off", at, interval_s=300)
        next_poll_at = reading(lite, id_).next_poll_at
        assert next_poll_at is not None
        waits.append((next_poll_at - at).total_seconds())
    assert waits == [300, 600, 1200, 2400, 3600, 3600, 3600]
    assert reading(lite, id_).failures == 7


@pytest.mark.parametrize(
    ("fields", "is_due"), [(("host",), True), (("snmp_community",), True), (("notes",), False)]
)
def test_a_changed_address_makes_it_the_printers_turn(
    lite: SiteUnderTest, agent: SnmpAgent, fields: tuple[str, ...], is_due: bool
) -> None:
    (id_,) = make(lite, agent, 1)
    POLL.ask_due(context(lite))
    change = Change(id=1, resource="printers", item_id=id_, action="update", fields=fields, at=now())
    with lite.runtime.database.write() as session:
        plugin.shopdb_on_item_changed(change, session)
    with lite.runtime.database.read() as session:
        assert bool(POLL.list_due(session, now())) is is_due


def test_a_level_is_kept_when_it_changes_and_once_a_day(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    (id_,) = make(lite, agent, 1)

    def ask_again(level: int) -> None:
        agent.devices["p0"].set(f"{mib.SUPPLY_LEVEL}.1.1", level)
        with lite.runtime.database.write() as session:
            POLL.ask_soon(session, id_)
        POLL.ask_due(context(lite))

    for level in (50, 50, 49, 49, 50):
        ask_again(level)
    assert levels(lite) == [50, 49, 50]
    with lite.runtime.database.write() as session:
        kept = session.get(Reading, id_)
        assert kept is not None
        kept.levels_kept_at = now() - timedelta(days=1)
    ask_again(50)
    assert levels(lite) == [50, 49, 50, 50]


def test_a_series_holds_each_level_until_it_changes(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    (id_,) = make(lite, agent, 1)
    POLL.ask_due(context(lite))
    at = now() - timedelta(days=2)
    rows = [(0, 80), (86_400, 60)]
    with lite.runtime.database.write() as session:
        session.query(Level).delete()
        for seconds, percent in rows:
            then = at + timedelta(seconds=seconds)
            session.add(Level(asset_id=id_, at=then, part="supply", number=1, percent=percent))
    with lite.runtime.database.read() as session:
        (series,) = services.list_levels(session, id_, since=now() - timedelta(days=3))
    start = int(at.timestamp())
    assert series["points"][:3] == [(start, 80), (start + 86_399, 80), (start + 86_400, 60)]
    assert series["points"][-1][1] == 50


def test_levels_older_than_the_site_keeps_them_are_forgotten(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    (id_,) = make(lite, agent, 1)
    with lite.runtime.database.write() as session:
        for days in (399, 401, 900):
            session.add(
                Level(asset_id=id_, at=now() - timedelta(days=days), part="supply", number=1, percent=5)
            )
    assert poll.prune(context(lite)) == 2
    with lite.runtime.database.read() as session:
        assert session.execute(select(func.count(Level.id))).scalar() == 1


def test_a_printer_that_was_deleted_meanwhile_is_passed_over(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    (id_,) = make(lite, agent, 1)
    with lite.runtime.database.read() as session:
        printers = POLL.list_due(session, now())
    assert lite.delete(f"printers/{id_}").status_code == 204
    (outcome,) = POLL.ask_all(context(lite), printers)
    assert outcome.reading is not None


def test_the_command_asks_the_printers_that_are_named(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    make(lite, agent, 3)
    agent.manners["p1"] = Manner(lie=Lie.DEAD)
    run = CliRunner().invoke(cli.poll, ["P-1", "P-2", "--json"], obj=context(lite), catch_exceptions=False)
    dead, alive = json.loads(run.stdout)
    assert (dead["asset_tag"], dead["ok"], dead["supplies"]) == ("P-1", False, [])
    assert "did not answer" in dead["error"]
    assert (alive["ok"], alive["model_reported"], alive["supplies"][0]["percent"]) == (
        True,
        "Acme Press 2",
        50,
    )
    assert agent.requests["p0"] == 0


def test_the_command_tells_a_line_a_printer_and_a_sum(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    make(lite, agent, 2)
    run = CliRunner().invoke(cli.poll, [], obj=context(lite), catch_exceptions=False)
    assert "P-0 (127.0.0.1): Acme Press 0, unknown; Black toner 50 %" in run.stdout
    assert run.stdout.endswith("2 of 2 printers answered.\n")


def test_the_command_refuses_a_tag_that_no_printer_has(lite: SiteUnderTest, agent: SnmpAgent) -> None:
    run = CliRunner().invoke(cli.poll, ["P-9"], obj=context(lite))
    assert "No printer with a host has the tag 'P-9'" in str(run.exception)
