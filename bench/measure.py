"""How a figure is taken: calls that take turns, processes from their start to an answer, memory."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDES = ("bare", "two", "six")
"""Bare Flask, ShopDB with two plugins, ShopDB with all six."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of each side, all taken in one run; larger is worse."""

    name: str
    unit: str
    values: Mapping[str, float]

    @property
    def times_bare(self) -> float:
        """How many times as much six plugins take as bare Flask."""
        return self.values["six"] / self.values["bare"]

    @property
    def times_two(self) -> float:
        """How many times as much six plugins take as two."""
        return self.values["six"] / self.values["two"]


def median_ms(calls: Sequence[Callable[[], Any]], rounds: int, *, warm: int = 5) -> list[float]:
    """The median time of each call, the calls taking turns so that a busy machine hits all alike."""
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        for _ in range(warm):
            call()
    for _ in range(rounds):
        for kept, call in zip(times, calls, strict=True):
            began = time.perf_counter()
            call()
            kept.append((time.perf_counter() - began) * 1000)
    return [statistics.median(kept) for kept in times]


def run(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Run it to its end."""
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)


def find_free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Start:
    """A server's start: milliseconds until it answered, and the memory of its largest process then."""

    answer_ms: float
    memory_mib: float


def time_until_answer(command: Sequence[str], port: int, path: str, environ: Mapping[str, str]) -> Start:
    """Start a server, wait until it answers with 200, and end it."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not is_answered(port, path):
            assert process.poll() is None, f"{command} ended"
            time.sleep(0.01)
        answer_ms = (time.perf_counter() - began) * 1000
        return Start(answer_ms, max(map(memory_mib, family_of(process.pid))))
    finally:
        process.terminate()
        process.wait()


def is_answered(port: int, path: str) -> bool:
    """Whether a server answers there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def family_of(pid: int) -> list[int]:
    """A process and all that it started."""
    family = [pid]
    for parent in family:
        try:
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
        except OSError:
            continue
        family += [int(child) for child in children]
    return family


def memory_mib(pid: int) -> float:
    """The resident memory of a process; 0 where it has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
