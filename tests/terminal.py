"""A terminal in which a page's commands are typed one after another, and programs go on until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from document import find_difference

TIMEOUT_S = 300
START_TIMEOUT_S = 120


class LastingProgram:
    """A program that a terminal has started and that goes on."""

    def __init__(self, pid: int, output: Path):
        self.pid = pid
        self._output = output

    def read(self) -> str:
        """What it has said so far."""
        return self._output.read_text("utf-8")

    def wait_for(self, shown: tuple[str, ...]) -> None:
        """Wait until it has said what a page shows, among whatever else it says.

        Raises:
            AssertionError: it didn't, in time.
        """
        until = time.monotonic() + START_TIMEOUT_S
        while (difference := find_difference(("…", *shown, "…"), self.read())) is not None:
            assert time.monotonic() < until and self.is_running(), difference
            time.sleep(0.05)

    def is_running(self) -> bool:
        """Whether it has not ended; its shell reaps it at its next command."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def interrupt(self) -> None:
        """Ctrl-C: it and its children are told; waits for its end.

        Raises:
            AssertionError: it goes on all the same.
        """
        if self.is_running():
            os.killpg(self.pid, signal.SIGINT)
        until = time.monotonic() + 60
        while self.is_running():
            if time.monotonic() > until:
                os.killpg(self.pid, signal.SIGKILL)
                raise AssertionError(f"it goes on after Ctrl-C:\n{self.read()}")
            time.sleep(0.05)


class Terminal:
    """One shell: what a command changes, such as the folder or a variable, stays for the next.

    Args:
        folder: Where it begins.
        environ: Its whole environment.
        scratch: A folder for what commands say.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], scratch: Path):
        self._scratch = scratch
        self._count = 0
        self._lasting: list[LastingProgram] = []
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environ),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._ask("set -m; echo")  # each lasting program in a process group of its own, as on a terminal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for program in self._lasting:
                program.interrupt()
        finally:
            self._shell.kill()
            self._shell.wait()
            for stream in (self._shell.stdin, self._shell.stdout):
                if stream is not None:
                    stream.close()

    @property
    def folder(self) -> Path:
        """Where it stands now."""
        return Path(self._ask("pwd -P"))

    def run(self, command: str) -> tuple[int, str]:
        """Type a command and wait for its end: its exit code, and what it wrote to both outputs."""
        output = self._new_output()
        code = self._ask(f'{{ {command}\n}} >"{output}" 2>&1 </dev/null; echo "$?"')
        return int(code), output.read_text("utf-8", errors="replace")

    def start(self, command: str) -> LastingProgram:
        """Type a command that goes on."""
        output = self._new_output()
        pid = self._ask(f'{{ exec {command}\n}} >"{output}" 2>&1 </dev/null & echo "$!"')
        program = LastingProgram(int(pid), output)
        self._lasting.append(program)
        return program

    def _new_output(self) -> Path:
        self._count += 1
        output = self._scratch / f"{id(self)}-{self._count}.txt"
        output.touch()
        return output

    def _ask(self, line: str) -> str:
        stdin, stdout = self._shell.stdin, self._shell.stdout
        assert stdin is not None and stdout is not None
        timer = threading.Timer(TIMEOUT_S, self._shell.kill)
        timer.start()
        try:
            stdin.write(f"{line}\n")
            stdin.flush()
            answer = stdout.readline()
        finally:
            timer.cancel()
        assert answer, f"the shell ended, or gave no answer within {TIMEOUT_S} s: {line}"
        return answer.rstrip("\n")
