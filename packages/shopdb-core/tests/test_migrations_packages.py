"""``shopdb db`` on a real site with directory plugins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import text

from shopdb.cli.root import run
from shopdb.db import Database
from shopdb.migrations import core_package, upgrade

ENVIRON = {
    **{key: value for key, value in os.environ.items() if not key.startswith("SHOPDB_")},
    "SHOPDB_SECRET_KEY": "0123456789abcdef0123456789abcdef",
}
MODELS = """
from shopdb.db import ItemRow, Str, field, model_base
from shopdb.plugins import Resource, hookimpl

Base = model_base("scales")


class Scale(ItemRow, Base):
    __tablename__ = "scales_scale"
    name = field(Str(40), required=True)


@hookimpl
def shopdb_register_resources():
    return [Resource(name="scales", title="Scales", title_one="Scale", model=Scale)]
"""
FIRST = """
    op.create_table(
        "scales_scale",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("name", Str(40), nullable=False),
    )
"""


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str

    @property
    def value(self) -> Any:
        return json.loads(self.stdout)


class Run(Protocol):
    def __call__(self, site: Path, *arguments: str) -> Done: ...


@pytest.fixture
def shopdb(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command that loads no plugin, in this process."""
    for key in [key for key in os.environ if key.startswith("SHOPDB_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("SHOPDB_SECRET_KEY", ENVIRON["SHOPDB_SECRET_KEY"])

    def call(site: Path, *arguments: str) -> Done:
        code = run(["--site", str(site), *arguments])
        out, err = capfd.readouterr()
        return Done(code, out, err)

    return call


def shopdb_apart(site: Path, *arguments: str) -> Done:
    """Run a command that loads plugins in a process of its own: what it imports can't be unloaded."""
    command = [sys.executable, "-c", "from shopdb.cli import main; main()", *arguments]
    done = subprocess.run(command, cwd=site, env=ENVIRON, text=True, capture_output=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def write_plugin(site: Path, name: str = "scales", *, requires: str = ">=1,<2", source: str = MODELS) -> Path:
    folder = site / "plugins" / name
    (folder / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
    manifest = f'name = "{name}"\ntitle = "Scales"\nhook_api = 1\nversion = "1.0"\n'
    (folder / "shopdb-plugin.toml").write_text(f'{manifest}requires = ["shopdb-core{requires}"]\n')
    (folder / "plugin.py").write_text(source)
    return folder


def write_revision(folder: Path, number: int, body: str) -> None:
    follows = repr(f"scales_{number - 1:04d}") if number > 1 else None
    (folder / "migrations" / "versions" / f"{number:04d}.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nfrom shopdb.db import Str, UtcDateTime\n"
        f"revision = 'scales_{number:04d}'\ndown_revision = {follows}\n"
        f"def upgrade():\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
    )


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with core alone, and one with the plugin installed."""
    folder = tmp_path_factory.mktemp("sites")
    core = folder / "core"
    (core / "var").mkdir(parents=True)
    (core / "shopdb.toml").write_text('name = "Plant 7"\n')
    database = Database(f"sqlite:///{core}/var/shopdb.sqlite3")
    upgrade(database, [core_package()])
    database.dispose()
    scales = folder / "scales"
    shutil.copytree(core, scales)
    write_revision(write_plugin(scales), 1, FIRST)
    done = shopdb_apart(scales, "plugin", "install", "scales")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def site(sites: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sites / "core", tmp_path / "site"))


@pytest.fixture
def site_with_scales(sites: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sites / "scales", tmp_path / "site"))


def test_an_empty_database_is_brought_to_core_alone(tmp_path: Path, shopdb: Run) -> None:
    (tmp_path / "shopdb.toml").write_text("")
    write_revision(write_plugin(tmp_path), 1, FIRST)

    done = shopdb(tmp_path, "db", "upgrade", "--json")

    assert [(one["package"], one["after"]) for one in done.value["applied"]] == [("core", "core_0003")]
    assert shopdb_apart(tmp_path, "db", "check").stdout == "Nothing is wrong.\n"


def test_an_installed_plugin_that_is_behind_is_upgraded(site_with_scales: Path, shopdb: Run) -> None:
    folder = site_with_scales / "plugins" / "scales"
    write_revision(
        folder, 2, 'print("noise")\nop.create_index("ix_scales_by_hand", "scales_scale", ["name"])'
    )

    behind = {row["package"]: row for row in shopdb(site_with_scales, "db", "current", "--json").value}
    check = shopdb_apart(site_with_scales, "db", "check")
    done = shopdb(site_with_scales, "db", "upgrade", "--json")

    assert (behind["scales"]["state"], behind["scales"]["current"]) == ("behind", "scales_0001")
    assert check.returncode == 1
    assert "needs 'scales_0002'. Run: shopdb db upgrade" in check.stdout
    assert [one["revisions"] for one in done.value["applied"]] == [["scales_0002"]]
    assert shopdb_apart(site_with_scales, "db", "check").returncode == 0


def test_a_revision_that_fails_ends_with_1_and_names_itself(site_with_scales: Path, shopdb: Run) -> None:
    write_revision(site_with_scales / "plugins" / "scales", 2, "1 / 0")

    done = shopdb(site_with_scales, "db", "upgrade", "--json")

    assert done.returncode == 1
    assert "Revision 'scales_0002' of plugin 'scales' failed" in done.value["problems"]["scales"]
    assert "It was undone" in done.stderr


def test_tables_and_columns_dropped_by_hand_are_told(site_with_scales: Path) -> None:
    database = Database(f"sqlite:///{site_with_scales}/var/shopdb.sqlite3")
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE scales_scale"))
        connection.execute(text("ALTER TABLE vendors DROP COLUMN website"))
    database.dispose()

    done = shopdb_apart(site_with_scales, "db", "check", "--json")

    assert done.returncode == 1
    assert [(one["package"], one["kind"], one["message"]) for one in done.value] == [
        ("core", "differs", "Schema of core: column vendors.website is missing."),
        ("scales", "differs", "Schema of plugin 'scales': table 'scales_scale' is missing."),
    ]


def test_an_incompatible_plugin_is_passed_over(site_with_scales: Path, shopdb: Run) -> None:
    folder = write_plugin(site_with_scales, requires=">=9")
    write_revision(folder, 2, "raise SystemExit('ran')")

    done = shopdb(site_with_scales, "db", "upgrade", "--json")

    assert done.returncode == 0
    assert done.value["applied"] == []
    assert "needs shopdb-core >=9, but 1.0.0 is installed" in done.value["passed_over"]["scales"]


def test_safe_mode_runs_no_revision_of_a_plugin(site_with_scales: Path, shopdb: Run) -> None:
    write_revision(site_with_scales / "plugins" / "scales", 2, "raise SystemExit('ran')")

    done = shopdb(site_with_scales, "db", "upgrade", "--safe-mode", "--json")

    value = done.value
    indexed = value.pop("indexed")
    assert (done.returncode, value) == (0, {"applied": [], "problems": {}, "passed_over": {}})
    assert "scales" not in indexed


def test_a_plugin_whose_code_is_gone_is_still_listed(site_with_scales: Path, shopdb: Run) -> None:
    (site_with_scales / "plugins" / "scales").rename(site_with_scales / "away")

    rows = {row["package"]: row for row in shopdb(site_with_scales, "db", "current", "--json").value}

    assert (rows["scales"]["state"], rows["scales"]["current"]) == ("not installed", "scales_0001")
    assert shopdb(site_with_scales, "db", "upgrade").stdout == "Nothing to do.\n"


@pytest.mark.parametrize("name", ["core", "Not-A-Name"])
def test_a_plugin_with_a_name_that_is_not_its_own_to_take_has_no_schema(
    site: Path, shopdb: Run, name: str
) -> None:
    write_plugin(site, name)

    rows = shopdb(site, "db", "current", "--json").value

    assert [(row["package"], row["head"]) for row in rows] == [("core", "core_0003")]
    assert shopdb(site, "plugin", "list").returncode == 0


def test_a_database_that_does_not_answer_is_told_in_a_line(site: Path, shopdb: Run) -> None:
    (site / "shopdb.toml").write_text('database_url = "postgresql://nobody@127.0.0.1:1/none"\n')

    done = shopdb(site, "db", "upgrade")

    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "Traceback" not in done.stderr
