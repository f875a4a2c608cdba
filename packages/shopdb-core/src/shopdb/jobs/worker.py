"""The worker: starts what is due or asked for, watches it, and ends in order."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import time
from dataclasses import dataclass
from datetime import timedelta

from shopdb import clock
from shopdb.jobs.process import JobProcess
from shopdb.jobs.queue import JobQueue
from shopdb.jobs.schedule import ScheduledJob, list_jobs
from shopdb.readiness import Readiness
from shopdb.runtime import Runtime
from shopdb.services import lease

TICK_S = 1.0
TROUBLE_S = 5.0
"""How long to wait when the database or the queue does not answer."""
GRACE_S = 15.0
"""How long jobs may take to end after a signal before they are ended."""
STOPPED = "The worker was stopped before the job had ended."

_log = logging.getLogger("shopdb.worker")


@dataclass
class _Run:
    job: ScheduledJob
    process: JobProcess
    began_at: float


class Worker:
    """One scheduler of a site. Any number may run at once: leases keep each job to one run at a time."""

    def __init__(self, runtime: Runtime):
        self.holder = f"{socket.gethostname()}:{os.getpid()}"
        self._runtime = runtime
        self._jobs = {job.name: job for job in list_jobs(runtime)}
        self._queue = JobQueue(runtime.settings)
        self._readiness = Readiness(runtime.database)
        self._running: dict[str, _Run] = {}
        self._requested: set[str] = set()
        self._has_leases = False
        self._stopping = False
        self._said: str | None = None

    def run(self) -> None:
        """Work until SIGTERM or SIGINT."""
        reader, writer = socket.socketpair()
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._stop)
        for signum in (signal.SIGCHLD, signal.SIGHUP):
            signal.signal(signum, lambda *_: None)  # only to wake up
        _log.info("worker began", extra={"holder": self.holder, "jobs": sorted(self._jobs)})
        while not self._stopping:
            pause_s = self._tick_safely()
            if not self._stopping and select.select([reader], [], [], pause_s)[0]:
                reader.recv(4096)
        self._end_jobs()
        _log.info("worker ended")

    def _stop(self, signum: int, frame: object) -> None:
        self._stopping = True

    def _tick_safely(self) -> float:
        """One turn; whatever goes wrong in it is logged, and the next one comes."""
        try:
            self.tick()
        except Exception as error:  # noqa: BLE001 - the loop outlives every error
            self._say(f"{type(error).__name__}: {error}")
            return TROUBLE_S
        return TICK_S

    def _say(self, trouble: str | None) -> None:
        if trouble is not None and trouble != self._said:
            _log.error("worker can't work now", extra={"error": trouble})
        self._said = trouble

    def tick(self) -> None:
        """Note what has ended; start what is due or asked for and not done elsewhere."""
        self.collect()
        problem = self._readiness.find_schema_problem()
        self._say(problem)
        if problem is not None:
            return
        if not self._has_leases:
            with self._runtime.database.write() as session:
                lease.add_leases(session, list(self._jobs))
            self._has_leases = True
        self._take_requests()
        for job in self._list_due():
            self._start(job)

    def collect(self) -> None:
        """Note which runs have ended, and how."""
        for name, run in list(self._running.items()):
            has_ended, error = run.process.poll()
            if has_ended:
                del self._running[name]
                self._note_end(run, error)

    @property
    def running(self) -> tuple[str, ...]:
        """The names of the jobs that this worker runs now."""
        return tuple(self._running)

    def _take_requests(self) -> None:
        while True:
            try:
                name = self._queue.take()
            except ValueError as error:
                _log.warning("request refused", extra={"error": str(error)})
                continue
            if name is None:
                return
            if name in self._jobs:
                self._requested.add(name)
            else:
                _log.warning("request for an unknown job", extra={"job": name})

    def _list_due(self) -> list[ScheduledJob]:
        with self._runtime.database.read() as session:
            last_runs = lease.read_last_runs(session)
        now = clock.now()
        due = []
        for name, job in self._jobs.items():
            last = last_runs.get(name)
            is_due = last is None or last <= now - timedelta(seconds=job.every_s)
            if name not in self._running and (name in self._requested or (is_due and job.has_work())):
                due.append(job)
        return due

    def _start(self, job: ScheduledJob) -> None:
        every_s = 0.0 if job.name in self._requested else job.every_s
        with self._runtime.database.write() as session:
            taken = lease.take_lease(
                session, job.name, holder=self.holder, every_s=every_s, deadline_s=job.deadline_s
            )
        if not taken:
            return
        self._requested.discard(job.name)
        self._runtime.database.dispose()  # a connection must not be shared with the forked process
        self._queue.close()
        process = JobProcess(job.name, job.run, deadline_s=job.deadline_s)
        self._running[job.name] = _Run(job, process, time.monotonic())

    def _note_end(self, run: _Run, error: str | None, *, again: bool = False) -> None:
        seconds = round(time.monotonic() - run.began_at, 2)
        if error is None:
            _log.debug("job done", extra={"job": run.job.name, "seconds": seconds})
        else:
            _log.error("job failed", extra={"job": run.job.name, "seconds": seconds, "error": error})
        with self._runtime.database.write() as session:
            lease.end_lease(session, run.job.name, holder=self.holder, error=error, again=again)

    def _end_jobs(self) -> None:
        """Let running jobs end; after the grace ask them to, then end them."""
        asked_at, killed_at = time.monotonic() + GRACE_S, time.monotonic() + GRACE_S + 3
        while self._running:
            for name, run in list(self._running.items()):
                has_ended, error = run.process.poll()
                if has_ended:
                    del self._running[name]
                    was_asked = time.monotonic() > asked_at and error is not None
                    self._note_end(run, STOPPED if was_asked else error, again=was_asked)
                elif time.monotonic() > killed_at:
                    run.process.kill()
                elif time.monotonic() > asked_at:
                    run.process.terminate()
            time.sleep(0.1)
