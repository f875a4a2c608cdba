"""The demo: made once, served again, never over someone's own site."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from serving_site import ENVIRON, ServedSite
from sqlalchemy import update

from shopdb.demo import in_order, prepare_demo, simulators
from shopdb.demo_data import seed_core
from shopdb.errors import SettingsError
from shopdb.models import AssetType
from shopdb.plugins import Demo
from shopdb.services import create_item, list_items
from shopdb.testing import SiteUnderTest

PLUGIN = """
from shopdb.plugins import Demo, hookimpl

@hookimpl
def shopdb_register_demos():
    return [Demo(commands=[["sleep", "600", "{site_dir}/x"]])]
"""
MANIFEST = """
name = "toy"
title = "Toy"
hook_api = 1
version = "1.0"
requires = ["shopdb-core>=1,<2"]
"""


@pytest.fixture
def demo_dir(tmp_path: Path) -> Path:
    return tmp_path / "demo"


def run_demo(folder: Path, *options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shopdb", "demo", "--dir", str(folder), *options]
    return subprocess.run(command, env=ENVIRON, cwd=cwd, text=True, capture_output=True, check=False)


def test_the_demo_is_a_factory_with_people_places_and_assets(demo_dir: Path, tmp_path: Path) -> None:
    done = run_demo(demo_dir, "--no-serve", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    password = done.stdout.rpartition("password ")[2].splitlines()[0]
    with ServedSite(demo_dir, "--no-worker", "--workers", "1") as site:
        token = site.sign_in("admin", password)
        for resource, least in (("assets", 24), ("locations", 20), ("people", 18), ("tags", 2)):
            status, body = site.ask(f"/api/v1/{resource}?total=true&limit=1", token=token)
            assert status == 200
            assert body["total"] >= least, resource
    again = run_demo(demo_dir, "--no-serve", cwd=tmp_path)
    assert again.stdout.rpartition("password ")[2].splitlines()[0] == password


def test_a_site_of_ones_own_is_never_made_a_demo(site_dir: Path) -> None:
    with pytest.raises(SettingsError, match="is a site of its own, and no demo"):
        prepare_demo(site_dir, {})


def test_a_demo_that_was_killed_in_the_making_is_made_anew(demo_dir: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shopdb", "demo", "--dir", str(demo_dir), "--no-serve"]
    process = subprocess.Popen(command, env=ENVIRON, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while not (demo_dir / "var" / "demo.json").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert run_demo(demo_dir, "--no-serve", cwd=tmp_path).returncode == 0


def test_the_demo_never_writes_into_a_database_that_the_environment_names(
    demo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine.db"
    monkeypatch.setenv("SHOPDB_DATABASE_URL", f"sqlite:///{mine}")
    prepare_demo(demo_dir, os.environ)
    assert not mine.exists()
    assert (demo_dir / "var" / "shopdb.sqlite3").exists()


def test_the_simulators_of_installed_plugins_are_found(site_dir: Path) -> None:
    folder = site_dir / "plugins" / "toy"
    folder.mkdir()
    (folder / "plugin.py").write_text(PLUGIN, "utf-8")
    (folder / "shopdb-plugin.toml").write_text(MANIFEST, "utf-8")
    command = [sys.executable, "-m", "shopdb", "--site", str(site_dir), "plugin", "install", "toy"]
    subprocess.run(command, env=ENVIRON, check=True, capture_output=True)
    [child] = simulators(site_dir, {"PATH": "/bin"})
    assert (child.name, list(child.command), child.restart) == (
        "The simulator of toy",
        ["sleep", "600", f"{site_dir}/x"],
        True,
    )


@pytest.mark.parametrize(
    ("demos", "order"),
    [
        ([("usb", Demo(after=["computers"])), ("computers", Demo(after=["machines"]))], "computers usb"),
        ([("usb", Demo(after=["computers"])), ("computers", Demo()), ("machines", Demo())], None),
        ([("a", Demo(after=["b"])), ("b", Demo(after=["a"]))], "a b"),
        ([("a", Demo(after=["a"]))], "a"),
    ],
    ids=["one after another", "only what is named matters", "a ring", "itself"],
)
def test_sample_data_comes_after_what_it_builds_on(demos: list[tuple[str, Demo]], order: str | None) -> None:
    found = [name for name, _ in in_order(demos)]
    if order is None:
        assert found.index("computers") < found.index("usb")
        assert sorted(found) == sorted(name for name, _ in demos)
    else:
        assert found == order.split()


def test_things_that_an_installed_plugin_looks_after_are_left_to_its_own_sample_data(
    shopdb_site: Callable[..., SiteUnderTest],
) -> None:
    site = shopdb_site()
    with site.runtime.database.write() as session:
        for slug, plugin in (("equipment", "equipment"), ("computer", "computers")):
            item = create_item(session, "asset-types", {"name": slug, "slug": slug}, actor=site.actor)
            owned = update(AssetType).where(AssetType.id == item["id"]).values(plugin=plugin)
            session.connection().execute(owned)
        seed_core(session)
        names = {item["name"] for item in list_items(session, "assets", {"limit": "1000"})}
    assert {"Forklift 1", "Switch cell 2", "Torque wrench 1"} <= names
    assert not {"Mill 1", "CMM 1", "Caliper 11", "PC Mill 1"} & names
