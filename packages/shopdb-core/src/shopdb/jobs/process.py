"""One run of a job: a process of its own, ended at its deadline whatever it does."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

MAX_ERROR_BYTES = 4000


class JobProcess:
    """A forked process that runs a function once.

    The forking process must have one thread and no open database connection.
    """

    def __init__(self, name: str, run: Callable[[], Any], *, deadline_s: float):
        self.name = name
        self.deadline_s = deadline_s
        self.ends_by = time.monotonic() + deadline_s
        self._failed_by_deadline = False
        self._reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._reader)
            _run_and_exit(run, writer)
        os.close(writer)

    def poll(self) -> tuple[bool, str | None]:
        """Look at it, and kill it with all that it started when its deadline has passed.

        Returns:
            Whether it has ended, and then the error, None where it did its work.
        """
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            if time.monotonic() > self.ends_by and not self._failed_by_deadline:
                self._failed_by_deadline = True
                self.kill()
            return False, None
        return True, self._read_error(status)

    def kill(self) -> None:
        """End it and what it started, at once."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:  # it has no session of its own yet, or is gone
            self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def _signal(self, signum: int) -> None:
        try:
            os.kill(self.pid, signum)
        except ProcessLookupError:
            return

    def _read_error(self, status: int) -> str | None:
        said = b""
        if select.select([self._reader], [], [], 0)[0]:  # a grandchild may hold the other end open
            said = os.read(self._reader, MAX_ERROR_BYTES)
        os.close(self._reader)
        if self._failed_by_deadline:
            return f"It did not end within {self.deadline_s:.0f} s and was ended."
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            return None
        if code < 0:
            return f"It was ended by {signal.Signals(-code).name}."
        return said.decode("utf-8", "replace") or f"It ended with code {code}."


def _run_and_exit(run: Callable[[], Any], writer: int) -> None:
    """The life of the forked process; never returns."""
    code = 1
    try:
        os.setsid()
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(signum, signal.SIG_DFL)
        run()
        code = 0
    except BaseException as error:  # noqa: BLE001 - told to the worker, whatever it is
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}".strip().encode("utf-8", "replace")
        os.write(writer, text[:MAX_ERROR_BYTES])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
