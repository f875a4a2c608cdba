"""Jobs: leased, in processes of their own, ended at their deadlines."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import select

from shopdb import clock
from shopdb.db import Database
from shopdb.jobs import worker as worker_module
from shopdb.jobs.process import JobProcess
from shopdb.jobs.queue import JobQueue
from shopdb.jobs.schedule import ScheduledJob
from shopdb.jobs.worker import Worker
from shopdb.models import CoreBase, Event
from shopdb.plugins.values import Change
from shopdb.runtime import Runtime, start
from shopdb.services import Actor, create_item, lease, outbox
from shopdb.settings import load_settings

REDIS_URL = os.environ.get("SHOPDB_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


@pytest.fixture
def runtime(site_dir: Path) -> Iterator[Runtime]:
    started = start(site_dir, environ={})
    yield started
    started.database.dispose()


@pytest.fixture
def leases(database: Database) -> Database:
    CoreBase.metadata.create_all(database.engine)
    with database.write() as session:
        lease.add_leases(session, ["core.prune"])
    return database


def take(database: Database, holder: str, *, every_s: float = 60, deadline_s: float = 60) -> bool:
    with database.write() as session:
        return lease.take_lease(session, "core.prune", holder=holder, every_s=every_s, deadline_s=deadline_s)


def end(database: Database, holder: str, error: str | None = None, *, again: bool = False) -> None:
    with database.write() as session:
        lease.end_lease(session, "core.prune", holder=holder, error=error, again=again)


def run_until_ended(process: JobProcess, seconds: float = 15) -> str | None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        has_ended, error = process.poll()
        if has_ended:
            return error
        time.sleep(0.02)
    raise AssertionError("the process did not end")


def test_of_many_schedulers_one_gets_the_lease(leases: Database) -> None:
    won: list[str] = []
    barrier = threading.Barrier(8)

    def try_it(holder: str) -> None:
        barrier.wait()
        if take(leases, holder):
            won.append(holder)

    threads = [threading.Thread(target=try_it, args=(f"host:{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_job_is_due_again_after_its_interval_and_not_before(
    leases: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert take(leases, "a")
    end(leases, "a")
    assert not take(leases, "b")
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert take(leases, "b")


def test_a_holder_that_died_loses_its_lease_after_the_deadline(
    leases: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert take(leases, "a", every_s=1, deadline_s=10)
    later = clock.now() + timedelta(seconds=20)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not take(leases, "b", every_s=1)
    much_later = later + timedelta(seconds=30)
    monkeypatch.setattr(clock, "now", lambda: much_later)
    assert take(leases, "b", every_s=1)
    end(leases, "a", "too late")  # what the dead one says afterwards counts for nothing
    with leases.read() as session:
        assert lease.list_leases(session)["core.prune"]["last_error"] is None


def test_an_interrupted_job_is_due_at_once(leases: Database) -> None:
    assert take(leases, "a")
    end(leases, "a", "stopped", again=True)
    assert take(leases, "b")


def test_a_job_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    assert run_until_ended(JobProcess("t", lambda: path.write_text(str(os.getpid())), deadline_s=10)) is None
    assert int(path.read_text()) != os.getpid()


def test_an_error_is_told_in_its_words(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError("the sky fell")

    assert run_until_ended(JobProcess("t", fail, deadline_s=10)) == "ValueError: the sky fell"
    assert "Traceback" in capfd.readouterr().err


def test_a_job_that_hangs_is_ended_at_its_deadline_with_all_that_it_started(tmp_path: Path) -> None:
    path = tmp_path / "pid"

    def hang() -> None:
        sleeper = subprocess.Popen(["sleep", "600"])
        path.write_text(str(sleeper.pid))
        sleeper.wait()

    began = time.monotonic()
    error = run_until_ended(JobProcess("t", hang, deadline_s=1))
    assert error == "It did not end within 1 s and was ended."
    assert time.monotonic() - began < 5
    state = Path(f"/proc/{path.read_text()}/stat")
    assert not state.exists() or state.read_text().split()[2] == "Z"


def test_a_job_that_is_killed_says_by_what() -> None:
    assert run_until_ended(JobProcess("t", lambda: os.kill(os.getpid(), 9), deadline_s=5)) == (
        "It was ended by SIGKILL."
    )


@pytest.fixture(params=["sqlite", "redis"])
def queue(request: pytest.FixtureRequest, site_dir: Path) -> Iterator[JobQueue]:
    settings = load_settings(site_dir, {})
    if request.param == "redis":
        server = Redis.from_url(REDIS_URL)
        try:
            server.delete("huey.redis.shopdb")
        except RedisConnectionError:
            pytest.skip(f"no Redis at {REDIS_URL}: set SHOPDB_TEST_REDIS_URL")
        finally:
            server.close()
        settings = replace(settings, redis_url=REDIS_URL)
    made = JobQueue(settings)
    yield made
    made.close()


def test_requests_come_out_in_the_order_in_which_they_went_in(queue: JobQueue) -> None:
    assert queue.take() is None
    queue.request("core.prune")
    queue.request("printers.poll")
    assert [queue.take(), queue.take(), queue.take()] == ["core.prune", "printers.poll", None]


def test_a_request_that_someone_else_wrote_is_refused_unread(site_dir: Path) -> None:
    settings = load_settings(site_dir, {})
    own, others = JobQueue(settings), JobQueue(replace(settings, secret_key="x" * 40))
    others.request("core.prune")
    with pytest.raises(ValueError, match="mismatch"):
        own.take()
    assert own.take() is None
    own.close()
    others.close()


def work(worker: Worker, is_done: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < deadline, "the worker did not get there in time"
        worker.tick()
        time.sleep(0.05)
    while worker.running:
        worker.collect()
        time.sleep(0.05)


def add_job(worker: Worker, name: str, run: Callable[[], Any], **options: Any) -> None:
    job = ScheduledJob(name=name, run=run, **{"every_s": 3600, "deadline_s": 10, **options})
    worker._jobs[name] = job


def last_error(runtime: Runtime, name: str) -> str | None:
    with runtime.database.read() as session:
        return lease.list_leases(session)[name]["last_error"]  # type: ignore[no-any-return]


def test_one_failing_job_stops_neither_the_loop_nor_the_others(runtime: Runtime, tmp_path: Path) -> None:
    worker = Worker(runtime)
    add_job(worker, "t.fail", lambda: 1 / 0)
    add_job(worker, "t.write", lambda: (tmp_path / "done").touch())
    work(worker, lambda: (tmp_path / "done").exists() and not worker.running)
    assert last_error(runtime, "t.fail") == "ZeroDivisionError: division by zero"
    assert last_error(runtime, "t.write") is None


def test_a_request_runs_a_job_that_is_not_due(runtime: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "runs"

    def note() -> None:
        with path.open("a") as file:
            file.write("x")

    worker = Worker(runtime)
    add_job(worker, "t.note", note)
    work(worker, path.exists)
    JobQueue(runtime.settings).request("t.note")
    JobQueue(runtime.settings).request("t.unknown")
    work(worker, lambda: path.read_text() == "xx")


def test_changes_are_told_to_the_plugins_after_their_commit(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Change] = []

    def tell(change: Change, database: Database) -> list[str]:
        told.append(change)
        return []

    monkeypatch.setattr(runtime.plugins, "tell_item_changed", tell)
    with runtime.database.write() as session:
        outbox.mark_delivered(session, list(session.connection().execute(select(Event.id)).scalars()))
        item = create_item(session, "vendors", {"name": "Acme"}, actor=Actor(name="test"))
    from shopdb.jobs.housekeeping import deliver_events, has_undelivered_events

    assert has_undelivered_events(runtime.database)
    assert deliver_events(runtime) == 1
    assert [(c.resource, c.item_id, c.action) for c in told] == [("vendors", item["id"], "create")]
    assert deliver_events(runtime) == 0
    assert not has_undelivered_events(runtime.database)


def test_the_worker_waits_while_cores_schema_is_not_the_codes(runtime: Runtime, tmp_path: Path) -> None:
    with runtime.database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version_core SET version_num = 'gone'")
    worker = Worker(runtime)
    add_job(worker, "t.write", lambda: (tmp_path / "done").touch())
    for _ in range(3):
        worker.tick()
    assert worker.running == ()
    assert worker_module.TICK_S <= 1
