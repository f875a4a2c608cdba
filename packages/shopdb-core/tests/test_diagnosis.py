"""What `check` and `doctor` find, and how they end."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shopdb.db import Database
from shopdb.diagnosis import diagnose
from shopdb.new_site import create_site
from shopdb.services import lease

ENVIRON = {k: v for k, v in os.environ.items() if not k.startswith("SHOPDB_")}


def run(site_dir: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "shopdb", "--site", str(site_dir), *arguments, "--json"]
    done = subprocess.run(command, env=ENVIRON, text=True, capture_output=True, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def codes(site_dir: Path, **environ: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in diagnose(site_dir, environ)]


def append(site_dir: Path, text: str) -> None:
    with (site_dir / "shopdb.toml").open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def test_a_new_site_has_nothing_wrong(site_dir: Path) -> None:
    assert run(site_dir, "check", "--strict") == (0, [])
    assert run(site_dir, "doctor") == (0, [])


def test_a_wrong_setting_is_an_error_with_its_remedy(site_dir: Path) -> None:
    append(site_dir, 'threads = "many"')
    code, [finding] = run(site_dir, "check")
    assert code == 1
    assert finding["code"] == "setting-wrong"
    assert finding["remedy"] == "Write it as in threads = 1, or remove it."


def test_a_misspelt_key_is_a_warning_unless_strict(site_dir: Path) -> None:
    append(site_dir, "nmae = 'x'\n[printrs]\n")
    assert run(site_dir, "check")[0] == 0
    assert run(site_dir, "check", "--strict")[0] == 1
    assert codes(site_dir) == [("setting-unknown", "warning"), ("setting-unknown", "warning")]


def test_a_database_that_is_away_is_an_error(site_dir: Path) -> None:
    url = "postgresql://shopdb@127.0.0.1:1/none"
    assert ("database-away", "error") in codes(site_dir, SHOPDB_DATABASE_URL=url)


def test_a_schema_that_is_behind_is_an_error_with_the_command(tmp_path: Path, site_dir: Path) -> None:
    (tmp_path / "empty.db").touch()
    findings = diagnose(site_dir, {"SHOPDB_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"})
    assert [(f.code, f.severity, f.remedy) for f in findings] == [
        ("core-schema", "error", "shopdb db upgrade")
    ]


def test_a_required_plugin_that_is_not_here_is_an_error(site_dir: Path) -> None:
    append(site_dir, 'required = ["scales"]')
    code, [finding] = run(site_dir, "check")
    assert code == 1
    assert (finding["subject"], finding["code"]) == ("scales", "required-missing")
    assert run(site_dir, "check", "--safe-mode")[0] == 0


def test_a_plugin_that_is_out_of_order_is_a_warning(site_dir: Path) -> None:
    folder = site_dir / "plugins" / "scales"
    folder.mkdir()
    (folder / "plugin.py").write_text("", "utf-8")
    code, findings = run(site_dir, "check")
    assert code == 0
    assert findings[0]["severity"] == "warning"
    assert findings[0]["subject"] == "scales"
    assert findings[0]["remedy"]
    assert run(site_dir, "check", "--strict")[0] == 1


def test_doctor_tells_of_jobs_that_fail_and_check_does_not(site_dir: Path, site_database: Database) -> None:
    with site_database.write() as session:
        lease.add_leases(session, ["core.prune"])
        lease.take_lease(session, "core.prune", holder="h", every_s=1, deadline_s=1)
        lease.end_lease(session, "core.prune", holder="h", error="ValueError: no")
    assert run(site_dir, "check", "--strict") == (0, [])
    code, [finding] = run(site_dir, "doctor")
    assert code == 1
    assert finding["code"] == "job-failing"


def test_secrets_that_others_can_read_are_told_of(site_dir: Path) -> None:
    (site_dir / ".env").chmod(0o644)
    assert codes(site_dir) == [("secrets-readable", "warning")]


@pytest.fixture
def file_site(tmp_path: Path) -> Path:
    """A site whose database is a file."""
    create_site(tmp_path / "file", name="Plant 7", password="correct horse 7", environ={})
    return tmp_path / "file"


def test_a_site_without_its_database_file_is_behind_and_not_a_crash(file_site: Path) -> None:
    shutil.rmtree(file_site / "var")
    found = codes(file_site)
    assert found
    assert found[0][1] == "error"


@pytest.mark.parametrize("damage", ["not a database at all" * 100])
def test_a_damaged_database_file_is_an_error_in_words(file_site: Path, damage: str) -> None:
    (file_site / "var" / "shopdb.sqlite3").write_text(damage, "utf-8")
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        sqlite3.connect(file_site / "var" / "shopdb.sqlite3").execute("SELECT 1 FROM sqlite_master")
    done = subprocess.run(
        [sys.executable, "-m", "shopdb", "--site", str(file_site), "check"],
        env=ENVIRON, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
