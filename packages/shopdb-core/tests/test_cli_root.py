"""The root of the command line, run as people run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ENVIRON = {
    **{k: v for k, v in os.environ.items() if not k.startswith("SHOPDB_")},
    "SHOPDB_SECRET_KEY": "0123456789abcdef0123456789abcdef",
}


def shopdb(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from shopdb.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=ENVIRON, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "shopdb.toml").write_text('name = "Plant 7"\n', "utf-8")
    return tmp_path


def test_the_version_is_told_without_importing_click(tmp_path: Path) -> None:
    assert shopdb("--version", cwd=tmp_path).stdout == "shopdb-core 1.0.0\n"
    code = "import sys; sys.argv[1:] = ['--version']; from shopdb.cli import main; main(); print('click' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=True)
    assert done.stdout.splitlines()[1] == "False"


def test_settings_are_one_json_value(site: Path) -> None:
    done = shopdb("settings", "--json", cwd=site)
    assert done.returncode == 0
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["name"]["value"] == "Plant 7"
    assert rows["secret_key"]["value"] == "***"


def test_the_site_option_may_stand_behind_the_command(site: Path, tmp_path: Path) -> None:
    for arguments in (("--site", str(site), "settings"), ("settings", "--site", str(site))):
        done = shopdb(*arguments, cwd=Path("/"))
        assert done.returncode == 0, done.stderr
        assert "Plant 7" in done.stdout


def test_an_error_is_a_line_without_a_traceback_unless_debug_is_asked_for(tmp_path: Path) -> None:
    done = shopdb("settings", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: No shopdb.toml in ")
    assert "Traceback" in shopdb("settings", "--debug", cwd=tmp_path).stderr


def test_wrong_usage_ends_with_two(site: Path) -> None:
    assert shopdb("settings", "--jsn", cwd=site).returncode == 2
