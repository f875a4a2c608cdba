"""Child processes, started together, watched, and ended together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
"""Source: prctl(2)."""

TICK_S = 0.1
GRACE_S = 30.0
"""How long children may take to end before they are killed."""
FIRST_BACK_OFF_S = 1.0
LONGEST_BACK_OFF_S = 60.0
STEADY_S = 60.0
"""A child that ran so long is restarted without back-off."""


@dataclass
class Child:
    """One child process.

    Args:
        name: What messages call it.
        command: The program and its arguments.
        environ: Its whole environment.
        restart: Start it again when it ends by itself; else its end is everybody's.
        pass_fds: Descriptors that it inherits.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    restart: bool = False
    pass_fds: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    start_at: float = field(default=0.0, init=False)
    back_off_s: float = field(default=FIRST_BACK_OFF_S, init=False)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches it through its supervisor alone."""
        parent = os.getpid()
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environ),
            pass_fds=self.pass_fds,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: _end_with_parent(parent),  # noqa: PLW1509 - the supervisor has one thread
        )
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def send(self, signum: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.process is not None and self.is_running():
            self.process.send_signal(signum)


class Supervisor:
    """Runs children until one that must stay ends, or a signal ends all.

    SIGTERM and SIGINT end them in order; a second one kills them. SIGHUP is passed on.
    """

    def __init__(self, children: Sequence[Child], *, say: Callable[[str], None] | None = None):
        self.children = list(children)
        self._say = say or (lambda text: print(text, file=sys.stderr, flush=True))
        self._asked_to_end = 0
        self._hung_up = False

    def run(self, *, on_started: Callable[[], object] | None = None) -> int:
        """Start the children and watch them.

        Args:
            on_started: Called once when all are started; an exception ends them.

        Returns:
            0 where a signal ended them, else 1.
        """
        previous = {s: signal.signal(s, self._note) for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
        try:
            for child in self.children:
                child.start()
            if on_started is not None:
                on_started()
            return self._watch()
        finally:
            self._end_all()
            for signum, handler in previous.items():
                signal.signal(signum, handler)

    def is_ending(self) -> bool:
        """Whether a signal has asked for the end."""
        return self._asked_to_end > 0

    def find_ended(self) -> Child | None:
        """A child that must stay and has ended."""
        return next((c for c in self.children if not c.restart and not c.is_running()), None)

    def _note(self, signum: int, frame: object) -> None:
        if signum == signal.SIGHUP:
            self._hung_up = True
        else:
            self._asked_to_end += 1

    def _watch(self) -> int:
        while not self._asked_to_end:
            ended = self.find_ended()
            if ended is not None:
                self._say(f"{ended.name} ended {_how(ended)}.")
                return 1
            for child in self.children:
                self._keep(child)
            if self._hung_up:
                self._hung_up = False
                for child in self.children:
                    child.send(signal.SIGHUP)
            time.sleep(TICK_S)
        return 0

    def _keep(self, child: Child) -> None:
        """Start a child again that ended by itself, the later the sooner it ends each time."""
        now = time.monotonic()
        if child.is_running():
            return
        if child.process is not None:
            steady = now - child.started_at >= STEADY_S
            wait_s = FIRST_BACK_OFF_S if steady else child.back_off_s
            child.back_off_s = min(wait_s * 2, LONGEST_BACK_OFF_S)
            child.start_at = now + wait_s
            self._say(f"{child.name} ended {_how(child)}; starting it again in {wait_s:.0f} s.")
            child.process = None
        elif now >= child.start_at:
            child.start()

    def _end_all(self) -> None:
        for child in self.children:
            child.send(signal.SIGTERM)
        deadline, asked = time.monotonic() + GRACE_S, self._asked_to_end
        while any(child.is_running() for child in self.children):
            if time.monotonic() > deadline or self._asked_to_end > max(asked, 1):
                for child in self.children:
                    child.send(signal.SIGKILL)
            time.sleep(TICK_S)


def _end_with_parent(parent: int) -> None:
    """In the child: be told to end when the supervisor dies, however it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _how(child: Child) -> str:
    code = child.process.returncode if child.process is not None else None
    if code is not None and code < 0:
        return f"by {signal.Signals(-code).name}"
    return f"with code {code}"
