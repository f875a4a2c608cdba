"""The plugin of the page about asking devices: written, installed and polled as the page says."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shopdb.db import Database
from shopdb.new_site import create_site
from shopdb.outbound import AuthProtocol, SecurityLevel, SnmpUser
from shopdb.testing import Recording, SnmpAgent

PAGES = Path(__file__).parents[3] / "docs"
FIRMWARE = "1.3.6.1.2.1.47.1.1.1.1.9.1"
RUN_JOB = """
from pathlib import Path
from shopdb.jobs.schedule import list_jobs
from shopdb.runtime import start
runtime = start(Path())
(job,) = (each for each in list_jobs(runtime) if each.name == "scales.poll")
job.run()
"""
USER = SnmpUser("reader", SecurityLevel.AUTH, AuthProtocol.SHA256, "maplesyrup")
Run = Callable[..., str]


def write_files(page: Path, folder: Path) -> None:
    """Write each block of code that stands below the path of its file."""
    blocks = re.findall(
        r"`(plugins/scales/[^`]+)`:\n\n```(?:python|toml)\n(.*?)```", page.read_text("utf-8"), re.DOTALL
    )
    assert {Path(path).name for path, _ in blocks} == {
        "shopdb-plugin.toml",
        "models.py",
        "poll.py",
        "plugin.py",
    }
    for path, code in blocks:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code, "utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    create_site(folder, name="test", password="a long enough password", environ={})
    write_files(PAGES / "how-to" / "ask-devices.md", folder)
    return folder


@pytest.fixture
def run(site: Path) -> Run:
    """Run Python in the site; its output."""

    def run_(*arguments: str) -> str:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("SHOPDB_")}
        environ["SHOPDB_OUTBOUND_ALLOW"] = "127.0.0.0/8"
        done = subprocess.run(
            [sys.executable, *arguments],
            env=environ, cwd=site, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run_


def test_the_pages_plugin_asks_a_scale_by_v3(site: Path, run: Run) -> None:
    run("-m", "shopdb", "plugin", "migration", "plugins/scales")
    run("-m", "shopdb", "plugin", "install", "scales")
    run("-m", "shopdb", "db", "check")
    with SnmpAgent({"reader": Recording({FIRMWARE: "2.1"})}, users=[USER]) as agent:
        row = {
            "name": "Goods in",
            "host": "127.0.0.1",
            "snmp_port": str(agent.port),
            "snmp_version": "3",
            "snmp_username": "reader",
            "snmp_security_level": "authNoPriv",
            "snmp_auth_protocol": "SHA-256",
            "snmp_auth_password": "maplesyrup",
        }
        (site / "scales.csv").write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
        run("-m", "shopdb", "import", "scales", "scales.csv")
        run("-c", RUN_JOB)
    database = Database(f"sqlite:///{site / 'var' / 'shopdb.sqlite3'}")
    kept = database.read_value("SELECT firmware || ', ' || failures FROM scales_reading")
    database.dispose()
    assert kept == "2.1, 0"
