"""The pages of the documentation that are made from the code."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_settings_command_line_and_http_are_documented_as_they_are() -> None:
    command = [sys.executable, ROOT / "tools" / "reference_pages.py", "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
