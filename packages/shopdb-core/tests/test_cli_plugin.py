"""``shopdb plugin``, from the command line of a real site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plugin_wheels import Wheel, manifest_of, scale_wheel, write_directory_plugin

from shopdb.db import Database
from shopdb.migrations import core_package, upgrade

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    """A folder on the child's path that stands for its packages."""
    folder = tmp_path / "lib"
    folder.mkdir()
    return folder


@pytest.fixture
def site_dir(tmp_path: Path, make_database: Callable[..., Database]) -> Path:
    """A site with core's schema."""
    folder = tmp_path / "site"
    folder.mkdir()
    database = make_database()
    url = database.url.render_as_string(hide_password=False)
    (folder / "shopdb.toml").write_text(f'secret_key = "{"x" * 40}"\ndatabase_url = "{url}"\n')
    upgrade(database, [core_package()])
    database.dispose()
    return folder


@pytest.fixture
def run(site_dir: Path, lib: Path, tmp_path: Path) -> Run:
    """Run ``shopdb`` in a process of its own: exit code, output, errors."""

    def run_(*arguments: str, site: bool = True) -> tuple[int, str, str]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("SHOPDB_")}
        environ |= {"PYTHONPATH": str(lib), "PIP_NO_INDEX": "1"} | (
            {"SHOPDB_SITE": str(site_dir)} if site else {}
        )
        done = subprocess.run(
            [sys.executable, "-c", "from shopdb.cli import main; main()", *arguments],
            env=environ, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run_


def listed(run: Run, *arguments: str) -> dict[str, Any]:
    code, out, _ = run("plugin", "list", "--json", *arguments)
    assert code == 0
    return {one["name"]: one for one in json.loads(out)}


def test_a_plugin_goes_through_its_states(run: Run, lib: Path) -> None:
    scale_wheel().install(lib)
    assert listed(run)["scales"] == {
        "name": "scales",
        "dist": "shopdb-scales",
        "version": "1.0.0",
        "source": "wheel",
        "state": "available",
        "schema": {"current": None, "head": "scales_0001"},
        "problems": [],
    }
    code, out, _ = run("plugin", "install", "scales")
    assert (code, "next start" in out) == (0, True)
    assert listed(run)["scales"]["state"] == "active"
    assert run("plugin", "disable", "scales")[0] == 0
    assert listed(run)["scales"]["state"] == "disabled"
    assert run("plugin", "enable", "scales")[0] == 0
    assert run("plugin", "uninstall", "scales")[0] == 0
    assert listed(run)["scales"]["schema"]["current"] == "scales_0001"


def test_a_refused_install_exits_1_and_tells_the_remedy(run: Run, lib: Path) -> None:
    Wheel(code="import nowhere_at_all").install(lib)
    code, out, errors = run("plugin", "install", "scales")
    assert (code, out) == (1, "")
    assert "nowhere_at_all" in errors
    assert "Run: pip install nowhere-at-all" in errors
    assert "Traceback" not in errors
    scales = listed(run)["scales"]
    assert (scales["state"], scales["problems"][0]["code"]) == ("quarantined", "import-missing-module")


def test_list_is_readable_and_exits_0_whatever_it_lists(run: Run, lib: Path) -> None:
    Wheel(requires=["shopdb-core>=9"]).install(lib)
    code, out, _ = run("plugin", "list")
    assert code == 0
    assert "incompatible" in out
    assert "pip install 'shopdb-core>=9'" in out


def test_show_tells_what_the_manifest_says(run: Run, lib: Path) -> None:
    Wheel(manifest=manifest_of("scales", outbound='["snmp"]')).install(lib)
    code, out, _ = run("plugin", "show", "scales", "--json")
    value = json.loads(out)
    assert (code, value["title"], value["outbound"], value["installed"]) == (0, "Scales", ["snmp"], False)
    assert run("plugin", "show", "scales")[0] == 0
    code, _, errors = run("plugin", "show", "nothing")
    assert (code, "No plugin 'nothing'" in errors) == (1, True)


def test_check_judges_an_artefact_alone_and_needs_no_site(run: Run, tmp_path: Path, lib: Path) -> None:
    scale_wheel().install(lib)
    good = scale_wheel(version="1.1.0").build(tmp_path / "good")
    code, out, _ = run("plugin", "check", str(good), "--json", site=False)
    (verdict,) = json.loads(out)
    assert (code, verdict["version"], verdict["problems"]) == (0, "1.1.0", [])
    bad = Wheel(manifest=None, requires=["shopdb-core>=9"]).build(tmp_path / "bad")
    code, out, _ = run("plugin", "check", str(bad), "--json", site=False)
    (verdict,) = json.loads(out)
    assert code == 1
    assert {problem["code"] for problem in verdict["problems"]} == {"no-manifest", "core-range"}
    raising = Wheel(code="raise SystemExit").build(tmp_path / "raising")
    code, out, _ = run("plugin", "check", str(raising), site=False)
    assert (code, "import-exited" in out) == (1, True)


def test_check_of_what_is_no_plugin_says_so(run: Run, tmp_path: Path) -> None:
    code, _, errors = run("plugin", "check", "nowhere.whl", site=False)
    assert (code, "nowhere.whl is no wheel and no folder" in errors) == (1, True)
    plain = Wheel(entry_points="[console_scripts]\nx = y:z\n").build(tmp_path / "plain")
    code, out, _ = run("plugin", "check", str(plain), site=False)
    assert (code, "brings no plugin" in out) == (1, True)


def test_hooks_are_listed_without_a_site(run: Run) -> None:
    code, out, _ = run("plugin", "hooks", "--json", site=False)
    hooks = {one["name"]: one for one in json.loads(out)}
    assert code == 0
    assert hooks["shopdb_add_panels"] == {
        "name": "shopdb_add_panels",
        "kind": "add",
        "since": 1,
        "arguments": ["resource", "item", "session"],
    }
    assert {one["kind"] for one in hooks.values()} == {"register", "add", "on"}


def test_wrong_usage_exits_2(run: Run) -> None:
    assert run("plugin", "install")[0] == 2
    assert run("plugin", "install", "scales", "--all")[0] == 2
    assert run("plugin", "disable")[0] == 2


def test_in_safe_mode_nothing_is_tried_but_a_plugin_can_be_switched_off(run: Run, lib: Path) -> None:
    Wheel().install(lib)
    assert run("plugin", "install", "scales")[0] == 0
    Wheel(code="raise SystemExit").install(lib)
    code, _, errors = run("--safe-mode", "plugin", "enable", "scales")
    assert (code, "safe mode" in errors) == (1, True)
    assert run("--safe-mode", "plugin", "disable", "scales")[0] == 0


def test_after_the_wheel_is_gone_the_plugin_is_listed_as_orphaned(run: Run, lib: Path) -> None:
    scale_wheel().install(lib)
    assert run("plugin", "install", "scales")[0] == 0
    for path in sorted(lib.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    scales = listed(run)["scales"]
    assert (scales["state"], scales["source"], scales["version"]) == ("orphaned", "wheel", "1.0.0")
    code, _, errors = run("plugin", "enable", "scales")
    assert (code, "pip install shopdb-scales" in errors) == (1, True)


MODELS = """
from shopdb.db import AssetRow, Str, field, model_base

class Scale(AssetRow, model_base("scales")):
    __tablename__ = "scales_scale"
    range_kg = field(Str(20), label="Range")
"""
PLUGIN = """
from shopdb.plugins import Resource, hookimpl
from shopdb_site.scales.models import Scale

@hookimpl
def shopdb_register_resources():
    return [Resource(name="scales", title="Scales", title_one="Scale", model=Scale, asset_type="acme-scale")]
"""


def scales_folder(site_dir: Path, code: str = PLUGIN) -> Path:
    keys = {"organisation": '"acme"', "asset_types": '["acme-scale"]'}
    folder = write_directory_plugin(site_dir / "plugins" / "scales", code=code, **keys)
    (folder / "models.py").write_text(MODELS)
    return folder


def test_a_revision_is_written_from_the_models_once(run: Run, site_dir: Path) -> None:
    folder = scales_folder(site_dir)
    code, out, errors = run("plugin", "migration", str(folder), "-m", "Create the scales", site=False)
    written = folder / "migrations" / "versions" / "0001_create_the_scales.py"
    assert (code, out) == (0, f"Wrote {written}\n"), errors
    assert run("plugin", "install", "scales")[0] == 0
    assert run("db", "check")[0] == 0
    code, out, _ = run("plugin", "migration", str(folder), site=False)
    assert (code, out) == (0, "Plugin scales: models and revisions agree.\n")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import nowhere_at_all", "nowhere_at_all"),
        (
            "from shopdb.plugins import hookimpl\n@hookimpl\ndef shopdb_register_jobs():\n    return []",
            "0 bases",
        ),
    ],
)
def test_no_revision_is_written_for_what_cannot_be_loaded_or_has_no_model(
    run: Run, site_dir: Path, code: str, message: str
) -> None:
    folder = scales_folder(site_dir, code)
    exit_code, out, errors = run("plugin", "migration", str(folder), site=False)
    assert (exit_code, out) == (1, "")
    assert message in errors
    assert not (folder / "migrations").exists()


def test_a_revision_is_written_into_a_folder_alone(run: Run, tmp_path: Path) -> None:
    code, _, errors = run("plugin", "migration", str(tmp_path / "none"), site=False)
    assert (code, "is no folder" in errors) == (1, True)
