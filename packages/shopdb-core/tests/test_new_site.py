"""Making a site: whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from shopdb.db import Database
from shopdb.errors import InvalidError, SettingsError
from shopdb.models import AssetType, Role, Status, User
from shopdb.new_site import create_site
from shopdb.settings import load_settings


def init(folder: Path, **options: Any) -> Any:
    return create_site(folder, **{"name": "Plant 7", "password": "correct horse 7", "environ": {}, **options})


def count(database: Database, model: Any) -> int:
    with database.read() as session:
        return session.connection().execute(select(func.count()).select_from(model)).scalar_one()


def test_a_new_site_has_its_secret_schema_reference_data_and_administrator(tmp_path: Path) -> None:
    site = init(tmp_path / "a" / "site", admin="ann")
    assert (site.settings.name, site.admin, site.password) == ("Plant 7", "ann", None)
    assert len(site.settings.secret_key) == 64
    database = Database(site.settings.database_url)
    with database.read() as session:
        statuses = session.connection().execute(select(Status.name).order_by(Status.id)).scalars().all()
        default = session.connection().execute(select(Status.name).where(Status.is_default)).scalars().all()
        admin = session.connection().execute(select(User.username, User.is_admin)).one()
    assert list(statuses) == ["Ready", "In use", "In repair", "Spare", "Retired"]
    assert default == ["Ready"]
    assert tuple(admin) == ("ann", True)
    assert count(database, Role) >= 3
    assert count(database, AssetType) >= 1
    database.dispose()


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    init(tmp_path / "site", database_url=f"sqlite:///{tmp_path}/it's.db")
    env = tmp_path / "site" / ".env"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "site" / "var").stat().st_mode) == 0o700
    assert load_settings(tmp_path / "site", {}).database_url == f"sqlite:///{tmp_path}/it's.db"


def test_without_a_password_one_is_made_up(tmp_path: Path) -> None:
    site = init(tmp_path / "site", password=None)
    assert site.password
    assert len(site.password) >= 20


def test_a_name_with_quotes_and_umlauts_is_kept(tmp_path: Path) -> None:
    name = 'Werk "Süd" \\ 🏭'
    assert init(tmp_path / "site", name=name).settings.name == name


def test_a_folder_in_use_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(SettingsError, match="is not empty"):
        init(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(SettingsError, match="is a file"):
        init(tmp_path / "notes.txt")


def test_a_site_is_not_made_twice(tmp_path: Path) -> None:
    site = init(tmp_path / "site")
    with pytest.raises(SettingsError, match="is a site already"):
        init(tmp_path / "site")
    assert load_settings(tmp_path / "site", {}).secret_key == site.settings.secret_key


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="password"):
        init(tmp_path / "a" / "site", password="short")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="database_url"):
        init(tmp_path / "empty", database_url="oracle://x")
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_database_that_holds_a_site_is_refused(
    make_database: Callable[..., Database], tmp_path: Path
) -> None:
    database = make_database("postgresql")
    url = database.url.render_as_string(hide_password=False)
    init(tmp_path / "first", database_url=url)
    with pytest.raises(SettingsError, match="holds a site already"):
        init(tmp_path / "second", database_url=url)
    assert not (tmp_path / "second").exists()
    assert count(database, User) == 1


def test_two_databases_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Unset SHOPDB_DATABASE_URL"):
        init(
            tmp_path / "site",
            database_url="sqlite:///a.db",
            environ={"SHOPDB_DATABASE_URL": "sqlite:///b.db"},
        )


def test_a_kill_leaves_no_site(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    environ = {**os.environ, "SHOPDB_ADMIN_PASSWORD": "correct horse 7"}
    process = subprocess.Popen([sys.executable, "-m", "shopdb", "init", str(folder)], env=environ)
    while not (folder / "var").exists():
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "shopdb.toml").exists()
