"""What the wheels' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock
from kill_loop import tell_kills
from wheel_site import CleanEnvironment, build_wheels


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the loops of killed migrations came to."""
    tell_kills(terminalreporter)


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel of every package and of all that they require; built once for all processes."""
    folder = tmp_path_factory.getbasetemp().parent / "wheelhouse"
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            build_wheels(folder)
            (folder / "done").touch()
    return folder


@pytest.fixture
def environment(wheelhouse: Path, tmp_path: Path) -> CleanEnvironment:
    """An empty virtual environment."""
    return CleanEnvironment(tmp_path / "venv", wheelhouse)
