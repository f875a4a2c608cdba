"""Child processes: started together, watched, ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SCRIPT = """
import sys
from shopdb.supervisor import Child, Supervisor
import shopdb.supervisor as module
module.FIRST_BACK_OFF_S = 0.2
{setup}
sys.exit(Supervisor(children).run(on_started=lambda: print("started", flush=True)))
"""
CHILD = "Child({name!r}, [sys.executable, '-c', {code!r}], {{}}, restart={restart})"
SLEEPS = "import time; time.sleep(600)"
NOTES = "import os, time; open({path!r}, 'a').write(f'{{os.getpid()}}\\n'); {then}"


def child(name: str, code: str, *, restart: bool = False) -> str:
    return CHILD.format(name=name, code=code, restart=restart)


def supervise(*children: str) -> subprocess.Popen[str]:
    script = SCRIPT.format(setup=f"children = [{', '.join(children)}]")
    process = subprocess.Popen(
        [sys.executable, "-c", script], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def wait_until(is_so: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_signal_ends_all_and_the_code_is_zero(tmp_path: Path) -> None:
    path = tmp_path / "pids"
    code = NOTES.format(path=str(path), then="time.sleep(600)")
    process = supervise(child("one", code), child("two", code, restart=True))
    wait_until(lambda: len(pids(path)) == 2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=15)
    assert process.returncode == 0
    assert not any(is_alive(pid) for pid in pids(path))


def test_a_child_that_must_stay_takes_the_others_with_it(tmp_path: Path) -> None:
    path = tmp_path / "pids"
    stays = NOTES.format(path=str(path), then="time.sleep(600)")
    process = supervise(child("other", stays), child("web", "import time, sys; time.sleep(1); sys.exit(4)"))
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "web ended with code 4." in said
    assert not any(is_alive(pid) for pid in pids(path))


def test_a_child_that_may_end_is_started_again_ever_later(tmp_path: Path) -> None:
    path = tmp_path / "pids"
    dies = NOTES.format(path=str(path), then="raise SystemExit(3)")
    process = supervise(child("web", SLEEPS), child("worker", dies, restart=True))
    wait_until(lambda: len(pids(path)) >= 3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=15)
    assert process.returncode == 0
    assert said.count("worker ended with code 3; starting it again") >= 2


def test_a_killed_supervisor_leaves_no_children(tmp_path: Path) -> None:
    path = tmp_path / "pids"
    process = supervise(child("one", NOTES.format(path=str(path), then="time.sleep(600)")))
    wait_until(lambda: len(pids(path)) == 1)
    process.kill()
    process.communicate(timeout=15)
    wait_until(lambda: not is_alive(pids(path)[0]))


def test_a_child_that_ignores_signals_is_killed_at_the_second_one(tmp_path: Path) -> None:
    path = tmp_path / "pids"
    deaf = NOTES.format(
        path=str(path),
        then="import signal; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
    )
    process = supervise(child("deaf", deaf))
    assert process.stdout is not None
    assert process.stdout.readline() == "deaf\n"
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0
    assert not is_alive(pids(path)[0])
