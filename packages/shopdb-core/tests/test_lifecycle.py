"""Installing, switching and losing plugins on real sites."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from plugin_wheels import CODE, MIGRATION, Wheel, scale_wheel, write_directory_plugin
from sqlalchemy import inspect, select, text

from shopdb.clock import now
from shopdb.db import Database
from shopdb.errors import MigrationError, PluginError, ShopDBError
from shopdb.migrations import core_package, upgrade
from shopdb.models import Asset, AssetType, InstalledPlugin, Status
from shopdb.plugins import lifecycle
from shopdb.plugins.lifecycle import Outcome, Site
from shopdb.plugins.loader import PluginSet, load_plugins, required_failures
from shopdb.plugins.problems import Problem
from shopdb.plugins.survey import survey
from shopdb.plugins.verdict import Verdict
from shopdb.settings import load_settings

BROKEN = "raise RuntimeError('kaput')"
BUNDLED = Path(__file__).parents[2]


@pytest.fixture
def site_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on Python's path that stands for this environment's packages."""
    folder = tmp_path / "lib"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    forget()


def forget() -> None:
    """What a new process would not have: the plugins' modules."""
    for name, module in list(sys.modules.items()):
        bundled = str(getattr(module, "__file__", None) or "").startswith(str(BUNDLED))
        if name.startswith(("shopdb_", "acme_")) and not bundled:
            del sys.modules[name]


@pytest.fixture
def make_site(tmp_path: Path) -> Callable[[Database], Site]:
    """A site's folder around a database with core's schema."""

    def make(database: Database) -> Site:
        folder = tmp_path / "site"
        folder.mkdir(exist_ok=True)
        (folder / "shopdb.toml").write_text(f'name = "Test"\nsecret_key = "{"x" * 40}"\n')
        upgrade(database, [core_package()])
        return Site(site_dir=folder, settings=load_settings(folder, {}), database=database)

    return make


@pytest.fixture
def site(make_site: Callable[[Database], Site], database: Database) -> Site:
    """A site on each engine."""
    return make_site(database)


@pytest.fixture
def light_site(make_site: Callable[[Database], Site], make_database: Callable[..., Database]) -> Site:
    """A site on SQLite, for what no engine matters to."""
    return make_site(make_database("sqlite"))


def start(site: Site, **options: bool) -> PluginSet:
    forget()
    return load_plugins(site.site_dir, site.settings, site.database, **options)


def verdict_of(site: Site, name: str) -> Verdict:
    return next(one for one in survey(site.site_dir, site.database).verdicts() if one.name == name)


def state_of(site: Site, name: str) -> str:
    return verdict_of(site, name).state


def only(outcomes: list[Outcome]) -> Outcome:
    assert len(outcomes) == 1
    return outcomes[0]


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def tables(site: Site) -> set[str]:
    return set(inspect(site.database.engine).get_table_names())


def add_asset(site: Site, slug: str) -> int:
    with site.database.write() as session:
        status = Status(name="Ready", created_at=now(), updated_at=now())
        session.add(status)
        session.flush()
        type_id = session.scalars(select(AssetType.id).where(AssetType.slug == slug)).one()
        asset = Asset(
            name="One", status_id=status.id, asset_type_id=type_id, created_at=now(), updated_at=now()
        )
        session.add(asset)
        session.flush()
        session.execute(
            text("INSERT INTO scales_scale (asset_id, range_kg) VALUES (:id, 7)"), {"id": asset.id}
        )
        return asset.id


def test_install_makes_tables_row_and_asset_types(site: Site, site_packages: Path) -> None:
    scale_wheel().install(site_packages)
    assert state_of(site, "scales") == "available"
    assert only(lifecycle.install(site, ["scales"])).did == "installed"
    assert "scales_scale" in tables(site)
    with site.database.read() as session:
        row = session.scalars(select(InstalledPlugin).where(InstalledPlugin.name == "scales")).one()
        assert (row.dist, row.version, row.title, row.enabled) == ("shopdb-scales", "1.0.0", "Scales", True)
        kind = session.scalars(select(AssetType).where(AssetType.slug == "acme-scales")).one()
        assert (kind.name, kind.plugin) == ("Scale", "scales")
    verdict = verdict_of(site, "scales")
    assert (verdict.state, verdict.current, verdict.head) == ("active", "scales_0001", "scales_0001")
    plugins = start(site)
    assert [plugin.name for plugin in plugins.plugins] == ["core", "scales"]
    assert only(lifecycle.install(site, ["scales"])).did == "unchanged"


def test_a_refused_install_leaves_only_its_verdict(light_site: Site, site_packages: Path) -> None:
    wheel = scale_wheel()
    replace(wheel, code=BROKEN).install(site_packages)
    before = tables(light_site)
    outcome = only(lifecycle.install(light_site, ["scales"]))
    assert (outcome.did, codes(outcome.problems)) == ("refused", ["import-failed"])
    assert tables(light_site) == before
    with light_site.database.read() as session:
        assert session.scalars(select(InstalledPlugin)).all() == []
        assert session.scalars(select(AssetType)).all() == []
    verdict = verdict_of(light_site, "scales")
    assert (verdict.state, codes(verdict.problems)) == ("quarantined", ["import-failed"])
    forget()
    wheel.install(site_packages)
    assert state_of(light_site, "scales") == "available"
    assert only(lifecycle.install(light_site, ["scales"])).did == "installed"


def test_a_plugin_judged_bad_is_refused_before_its_code_runs(light_site: Site, site_packages: Path) -> None:
    Wheel(requires=["shopdb-core>=9"], code="raise SystemExit('ran')").install(site_packages)
    outcome = only(lifecycle.install(light_site, ["scales"]))
    assert (outcome.did, codes(outcome.problems)) == ("refused", ["core-range"])
    assert state_of(light_site, "scales") == "incompatible"


def test_a_migration_that_fails_undoes_all_of_the_install(site: Site, site_packages: Path) -> None:
    path = "shopdb_scales/migrations/versions/scales_0001.py"
    migration = MIGRATION.format(name="scales") + "    raise RuntimeError('halfway')\n"
    scale_wheel(files={path: migration}).install(site_packages)
    before = tables(site)
    outcome = only(lifecycle.install(site, ["scales"]))
    assert (outcome.did, codes(outcome.problems)) == ("refused", ["schema-invalid"])
    assert "halfway" in outcome.problems[0].message
    assert tables(site) - before <= {"alembic_version_scales"}
    with site.database.read() as session:
        assert session.scalars(select(InstalledPlugin)).all() == []
        assert session.scalars(select(AssetType)).all() == []


def test_one_refusal_stops_no_other(light_site: Site, site_packages: Path) -> None:
    Wheel(name="aaa", code=BROKEN).install(site_packages)
    Wheel(name="bbb").install(site_packages)
    did = {one.name: one.did for one in lifecycle.install(light_site, ["aaa", "bbb"])}
    assert did == {"aaa": "refused", "bbb": "installed"}


def test_all_takes_what_is_here_and_not_installed(light_site: Site, site_packages: Path) -> None:
    Wheel(name="aaa").install(site_packages)
    Wheel(name="bbb").install(site_packages)
    lifecycle.install(light_site, ["aaa"])
    did = {one.name: one.did for one in lifecycle.install(light_site, [], everything=True)}
    assert did["bbb"] == "installed"
    assert "aaa" not in did


def test_an_import_that_raises_keeps_out_that_plugin_alone(light_site: Site, site_packages: Path) -> None:
    Wheel(name="aaa").install(site_packages)
    wheel = scale_wheel()
    wheel.install(site_packages)
    lifecycle.install(light_site, ["aaa", "scales"])
    replace(wheel, code=BROKEN).install(site_packages)
    plugins = start(light_site)
    assert [plugin.name for plugin in plugins.plugins] == ["core", "aaa"]
    assert plugins.states() | {"aaa": "active", "scales": "quarantined"} == plugins.states()
    elsewhere = verdict_of(light_site, "scales")
    assert (elsewhere.state, codes(elsewhere.problems)) == ("quarantined", ["import-failed"])
    wheel.install(site_packages)
    assert "scales" in {plugin.name for plugin in start(light_site).plugins}
    assert state_of(light_site, "scales") == "active"


def test_a_syntax_error_is_found_without_running(light_site: Site, site_packages: Path) -> None:
    Wheel(files={"shopdb_scales/late.py": "def x(:\n"}).install(site_packages)
    verdict = verdict_of(light_site, "scales")
    assert (verdict.state, codes(verdict.problems)) == ("quarantined", ["syntax-error"])
    assert str(verdict.problems[0].where).endswith("late.py:1")
    assert only(lifecycle.install(light_site, ["scales"])).did == "refused"


def test_a_schema_that_is_behind_switches_off_that_plugin_alone(site: Site, site_packages: Path) -> None:
    Wheel(name="aaa").install(site_packages)
    scale_wheel().install(site_packages)
    lifecycle.install(site, ["aaa", "scales"])
    second = "shopdb_scales/migrations/versions/scales_0002.py"
    body = 'revision = "scales_0002"\ndown_revision = "scales_0001"\n\ndef upgrade():\n    pass\n'
    newer = scale_wheel(version="1.1.0", files={second: body})
    shutil.rmtree(site_packages / scale_wheel().info)
    newer.install(site_packages)
    plugins = start(site)
    assert [plugin.name for plugin in plugins.plugins] == ["core", "aaa"]
    verdict = verdict_of(site, "scales")
    assert (verdict.state, verdict.current, verdict.head) == ("needs-migration", "scales_0001", "scales_0002")
    assert verdict.problems[0].remedy == "shopdb db upgrade"
    outcome = only(lifecycle.upgrade_plugins(site, ["scales"]))
    assert (outcome.did, outcome.version) == ("upgraded", "1.1.0")
    assert "scales" in {plugin.name for plugin in start(site).plugins}


def test_a_database_ahead_of_the_code_is_refused_with_a_remedy(light_site: Site, site_packages: Path) -> None:
    scale_wheel().install(site_packages)
    lifecycle.install(light_site, ["scales"])
    with light_site.database.write() as session:
        session.execute(text("UPDATE alembic_version_scales SET version_num = 'scales_0009'"))
    verdict = verdict_of(light_site, "scales")
    assert (verdict.state, codes(verdict.problems)) == ("quarantined", ["schema-invalid"])
    assert verdict.problems[0].remedy == "pip install --upgrade shopdb-scales"
    assert [plugin.name for plugin in start(light_site).plugins] == ["core"]


def test_a_wheel_goes_and_comes_back_and_all_is_as_before(site: Site, site_packages: Path) -> None:
    wheel = scale_wheel()
    wheel.install(site_packages)
    lifecycle.install(site, ["scales"])
    asset_id = add_asset(site, "acme-scales")
    shutil.rmtree(site_packages / "shopdb_scales")
    shutil.rmtree(site_packages / wheel.info)
    plugins = start(site)
    assert [plugin.name for plugin in plugins.plugins] == ["core"]
    verdict = verdict_of(site, "scales")
    assert (verdict.state, verdict.dist, verdict.version) == ("orphaned", "shopdb-scales", "1.0.0")
    assert verdict.current == "scales_0001"
    assert verdict.problems[0].remedy == "pip install shopdb-scales==1.0.0"
    with site.database.read() as session:
        assert session.get(Asset, asset_id) is not None
    wheel.install(site_packages)
    assert "scales" in {plugin.name for plugin in start(site).plugins}
    with site.database.read() as session:
        assert session.execute(text("SELECT range_kg FROM scales_scale")).scalar() == 7


def test_uninstall_keeps_the_data_and_install_finds_it_again(site: Site, site_packages: Path) -> None:
    scale_wheel().install(site_packages)
    lifecycle.install(site, ["scales"])
    add_asset(site, "acme-scales")
    assert only(lifecycle.uninstall(site, ["scales"])).did == "uninstalled"
    verdict = verdict_of(site, "scales")
    assert (verdict.state, verdict.current) == ("available", "scales_0001")
    assert [plugin.name for plugin in start(site).plugins] == ["core"]
    assert only(lifecycle.install(site, ["scales"])).did == "installed"
    with site.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM scales_scale")).scalar() == 1
    lifecycle.uninstall(site, ["scales"])
    shutil.rmtree(site_packages / "shopdb_scales")
    shutil.rmtree(site_packages / scale_wheel().info)
    assert state_of(site, "scales") == "orphaned"


def test_disable_keeps_all_and_enable_brings_it_back(light_site: Site, site_packages: Path) -> None:
    scale_wheel().install(site_packages)
    lifecycle.install(light_site, ["scales"])
    assert only(lifecycle.disable(light_site, ["scales"])).did == "disabled"
    assert only(lifecycle.disable(light_site, ["scales"])).did == "unchanged"
    assert state_of(light_site, "scales") == "disabled"
    assert [plugin.name for plugin in start(light_site).plugins] == ["core"]
    assert only(lifecycle.enable(light_site, ["scales"])).did == "enabled"
    assert [plugin.name for plugin in start(light_site).plugins] == ["core", "scales"]


def test_a_disabled_need_takes_its_dependent_off(light_site: Site, site_packages: Path) -> None:
    Wheel(name="network").install(site_packages)
    Wheel(name="computers", requires=["shopdb-core>=1,<2", "shopdb-network>=1"]).install(site_packages)
    assert [one.name for one in lifecycle.install(light_site, ["computers", "network"])] == [
        "network",
        "computers",
    ]
    outcome = only(lifecycle.disable(light_site, ["network"]))
    assert "computers" in outcome.note
    verdict = verdict_of(light_site, "computers")
    assert (verdict.state, verdict.problems[0].remedy) == ("quarantined", "shopdb plugin enable network")
    assert [plugin.name for plugin in start(light_site).plugins] == ["core"]


def test_a_need_that_fails_to_load_takes_its_dependent_along(light_site: Site, site_packages: Path) -> None:
    Wheel(name="network").install(site_packages)
    Wheel(name="computers", requires=["shopdb-core>=1,<2", "shopdb-network>=1"]).install(site_packages)
    lifecycle.install(light_site, ["computers", "network"])
    Wheel(name="network", code=BROKEN).install(site_packages)
    plugins = start(light_site)
    states = plugins.states()
    assert (states["network"], states["computers"]) == ("quarantined", "quarantined")
    verdict = next(one for one in plugins.verdicts if one.name == "computers")
    assert verdict.problems[0].message.startswith("Importing plugin 'network'")


def test_install_without_its_need_says_what_to_install(light_site: Site, site_packages: Path) -> None:
    Wheel(name="network").install(site_packages)
    Wheel(name="computers", requires=["shopdb-core>=1,<2", "shopdb-network>=1"]).install(site_packages)
    outcome = only(lifecycle.install(light_site, ["computers"]))
    assert outcome.problems[0].remedy == "shopdb plugin install network"


def test_the_hosts_copy_speaks_while_the_database_is_away(
    make_site: Callable[[Database], Site], tmp_path: Path, site_packages: Path
) -> None:
    Wheel().install(site_packages)
    database = Database(f"sqlite:///{tmp_path / 'db' / 'x.sqlite3'}")
    (tmp_path / "db").mkdir()
    site = make_site(database)
    lifecycle.install(site, ["scales"])
    database.dispose()
    away = replace(site, database=Database("postgresql://nobody@127.0.0.1:1/none"))
    plugins = start(away)
    assert [plugin.name for plugin in plugins.plugins] == ["core", "scales"]
    assert not survey(away.site_dir, away.database).record.is_live
    with pytest.raises(ShopDBError, match="database doesn't answer"):
        lifecycle.install(away, ["scales"])


def test_nothing_is_installed_while_cores_schema_is_behind(
    light_site: Site, site_packages: Path, tmp_path: Path
) -> None:
    Wheel().install(site_packages)
    empty = replace(light_site, database=Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    with pytest.raises(MigrationError, match="Run: shopdb db upgrade"):
        lifecycle.install(empty, ["scales"])
    empty.database.dispose()


def test_in_safe_mode_no_plugin_is_loaded(light_site: Site, site_packages: Path) -> None:
    Wheel(code="import sys\nsys.acme_ran = True\n" + CODE).install(site_packages)
    lifecycle.install(light_site, ["scales"])
    del sys.acme_ran  # type: ignore[attr-defined]
    plugins = start(light_site, safe_mode=True)
    assert [plugin.name for plugin in plugins.plugins] == ["core"]
    assert not hasattr(sys, "acme_ran")


def test_a_required_plugin_that_does_not_load_is_a_failure(light_site: Site, site_packages: Path) -> None:
    Wheel().install(site_packages)
    lifecycle.install(light_site, ["scales"])
    Wheel(code=BROKEN).install(site_packages)
    (light_site.site_dir / "shopdb.toml").write_text(f'required = ["scales"]\nsecret_key = "{"x" * 40}"\n')
    site = replace(light_site, settings=load_settings(light_site.site_dir, {}))
    assert [problem.code for problem in required_failures(start(site))] == ["import-failed"]
    assert required_failures(start(site, safe_mode=True)) == []


def test_a_setting_of_the_site_that_is_wrong_names_the_key(light_site: Site, site_packages: Path) -> None:
    code = """
    from shopdb.plugins import Setting, hookimpl

    @hookimpl
    def shopdb_register_settings():
        return [Setting(name="interval_s", kind=int, default=60, doc="x")]
    """
    Wheel(code=code).install(site_packages)
    lifecycle.install(light_site, ["scales"])
    toml = light_site.site_dir / "shopdb.toml"
    toml.write_text(toml.read_text() + '[scales]\ninterval_s = "soon"\n')
    site = replace(light_site, settings=load_settings(light_site.site_dir, {}))
    plugins = start(site)
    verdict = next(one for one in plugins.verdicts if one.name == "scales")
    assert (verdict.state, codes(verdict.problems)) == ("quarantined", ["setting-invalid"])
    better = load_settings(light_site.site_dir, {"SHOPDB_SCALES_INTERVAL_S": "30"})
    loaded = start(replace(site, settings=better)).get("scales")
    assert loaded is not None
    assert loaded.settings == {"interval_s": 30}


def test_a_folder_of_the_site_installs_like_a_wheel(light_site: Site) -> None:
    write_directory_plugin(light_site.site_dir / "plugins" / "andon")
    assert only(lifecycle.install(light_site, ["andon"])).did == "installed"
    verdict = verdict_of(light_site, "andon")
    assert (verdict.state, verdict.source, verdict.dist) == ("active", "directory", None)
    shutil.rmtree(light_site.site_dir / "plugins" / "andon")
    verdict = verdict_of(light_site, "andon")
    assert (verdict.state, verdict.source) == ("orphaned", "directory")
    forget()


def test_an_asset_type_that_people_made_keeps_its_name(light_site: Site, site_packages: Path) -> None:
    with light_site.database.write() as session:
        mine = AssetType(
            name="Our scales", name_key="our scales", slug="acme-scales", slug_key="acme-scales",
            created_at=now(), updated_at=now(),
        )  # fmt: skip
        other = AssetType(
            name="Scale", name_key="scale", slug="scale", slug_key="scale", created_at=now(), updated_at=now()
        )
        session.add_all([mine, other])
    scale_wheel().install(site_packages)
    lifecycle.install(light_site, ["scales"])
    with light_site.database.read() as session:
        found = session.execute(select(AssetType.slug, AssetType.name, AssetType.plugin)).all()
    assert set(map(tuple, found)) == {("acme-scales", "Our scales", "scales"), ("scale", "Scale", None)}


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("scale", r"No plugin 'scale' is here\. Did you mean scales\? .* shopdb plugin install shopdb-scale"),
        ("./nowhere", "nowhere isn't there"),
        ("nothing.whl", "isn't there"),
        ("shopdb-scales>>1", "no requirement that pip can read"),
    ],
)
def test_an_argument_that_means_nothing_is_quoted(
    light_site: Site, site_packages: Path, argument: str, message: str
) -> None:
    Wheel().install(site_packages)
    with pytest.raises(ShopDBError, match=message):
        lifecycle.install(light_site, [argument])


def test_what_is_not_installed_can_not_be_switched(light_site: Site) -> None:
    for change in (lifecycle.enable, lifecycle.disable, lifecycle.uninstall):
        with pytest.raises(ShopDBError, match="'scales' isn't installed on this site"):
            change(light_site, ["scales"])


@pytest.fixture
def pip_into(site_packages: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let pip install into the folder, without an index."""
    for name, value in {
        "TARGET": str(site_packages),
        "NO_DEPS": "1",
        "NO_INDEX": "1",
        "UPGRADE": "1",
    }.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return site_packages


def test_a_wheel_is_fetched_with_pip_first(light_site: Site, pip_into: Path, tmp_path: Path) -> None:
    wheel = scale_wheel().build(tmp_path / "dist")
    assert only(lifecycle.install(light_site, [str(wheel)])).did == "installed"
    assert (pip_into / "shopdb_scales/plugin.py").is_file()
    assert state_of(light_site, "scales") == "active"


def test_a_package_of_an_index_is_fetched_by_its_full_name(
    light_site: Site, pip_into: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scale_wheel().build(tmp_path / "dist")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "dist"))
    assert only(lifecycle.install(light_site, ["shopdb-scales"])).name == "scales"


def test_a_wheel_that_can_not_work_here_is_refused_before_pip_runs(
    light_site: Site, pip_into: Path, tmp_path: Path
) -> None:
    wheel = Wheel(requires=["shopdb-core>=9"]).build(tmp_path / "dist")
    with pytest.raises(PluginError, match=r"needs shopdb-core >=9, but 1\.0\.0 is installed"):
        lifecycle.install(light_site, [str(wheel)])
    assert list(pip_into.iterdir()) == []


def test_what_pip_says_is_passed_on(light_site: Site, pip_into: Path) -> None:
    with pytest.raises(
        ShopDBError, match=r"(?s)pip could not install shopdb-nowhere.*No matching distribution"
    ):
        lifecycle.install(light_site, ["shopdb-nowhere"])


def test_a_plain_folder_elsewhere_is_told_how_to_be_used(light_site: Site, tmp_path: Path) -> None:
    folder = write_directory_plugin(tmp_path / "andon")
    with pytest.raises(ShopDBError, match=r"Run|run: ln -s .*andon"):
        lifecycle.install(light_site, [str(folder)])


def test_verdicts_have_the_contracts_shape(light_site: Site, site_packages: Path) -> None:
    Wheel(requires=["shopdb-core>=9"]).install(site_packages)
    value: dict[str, Any] = verdict_of(light_site, "scales").asdict()
    assert list(value) == ["name", "dist", "version", "source", "state", "schema", "problems"]
    assert list(value["schema"]) == ["current", "head"]
    assert list(value["problems"][0]) == ["code", "stage", "message", "remedy", "where"]
