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


def test_flask_tells_of_a_missing_site_in_a_line_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "shopdb", "plugin", "list"]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRON, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: No shopdb.toml in ")


def test_an_empty_database_is_told_with_the_command_that_fills_it(site: Path) -> None:
    (site / "var").mkdir()
    done = shopdb("user", "list", cwd=site)
    assert done.returncode == 1
    assert done.stderr.endswith("Run: shopdb db upgrade\n")


SETTING_PLUGIN = """
from shopdb.plugins import Setting, hookimpl

@hookimpl
def shopdb_register_settings():
    return [
        Setting(name="every_s", kind=int, default=60, doc="Seconds."),
        Setting(name="pin", kind=str, default="", doc="A secret.", secret=True),
    ]
"""
SETTING_MANIFEST = """
name = "toy"
title = "Toy"
hook_api = 1
version = "1.0"
requires = ["shopdb-core>=1,<2"]
"""


def test_the_settings_of_plugins_are_listed_with_cores(site_dir: Path) -> None:
    folder = site_dir / "plugins" / "toy"
    folder.mkdir()
    (folder / "plugin.py").write_text(SETTING_PLUGIN, "utf-8")
    (folder / "shopdb-plugin.toml").write_text(SETTING_MANIFEST, "utf-8")
    with (site_dir / "shopdb.toml").open("a", encoding="utf-8") as file:
        file.write('[toy]\npin = "1234"\n')
    installed = shopdb("plugin", "install", "toy", cwd=site_dir)
    assert installed.returncode == 0, installed.stderr
    rows = {row["name"]: row for row in json.loads(shopdb("settings", "--json", cwd=site_dir).stdout)}
    assert (rows["toy.every_s"]["value"], rows["toy.every_s"]["origin"]) == (60, "default")
    assert (rows["toy.pin"]["value"], rows["toy.pin"]["origin"]) == ("***", "shopdb.toml [toy]")
    assert rows["toy.pin"]["variable"] == "SHOPDB_TOY_PIN"
