"""Every migration of every package here, killed at each write on each engine: the next run reaches the head."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kill_loop import THOROUGH, drop_tables, survive_kills
from sqlalchemy import inspect

from shopdb.db import Database
from shopdb.migrations import Package, core_package, recorded, upgrade
from shopdb.migrations.order import put_in_order
from shopdb.plugins.discovery import find_plugins
from shopdb.plugins.survey import package_of
from shopdb.testing.database import ENGINES, NoServerError, create_database, drop_database

PACKAGES, HELD_UP = put_in_order([core_package(), *map(package_of, find_plugins(None))])
SAMPLE = 5


@pytest.fixture(scope="module", params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database on each engine, with no more than the package under test needs."""
    try:
        url = create_database(request.param, tmp_path_factory.mktemp("database"))
    except NoServerError as error:
        pytest.skip(str(error))
    database = Database(url)
    yield database
    database.dispose()
    drop_database(url)


def test_no_package_is_left_out() -> None:
    here = {path.resolve() for path in Path(__file__).parents[1].glob("packages/*/src/*/migrations")}

    assert HELD_UP == {}
    assert here <= {package.directory.resolve() for package in PACKAGES}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_survives_a_kill_at_any_write(
    database: Database, package: Package, record_property: Callable[[str, object], None]
) -> None:
    engine = database.engine.dialect.name
    required = [each for each in PACKAGES if each.name == "core" or each.name in package.requires]
    before = [each for each in required if each is not package]
    drop_tables(database)
    upgrade(database, before)
    kept = set(inspect(database.reader).get_table_names())
    stood_at = recorded(database)

    def begin() -> Database:
        drop_tables(database, but=kept)
        assert recorded(database) == stood_at
        return database

    kills = survive_kills(begin, [*before, package], sample=SAMPLE)

    record_property("kills", f"{package.name} on {engine}: {kills}")
    assert kills.recovered == kills.killed >= (kills.writes if THOROUGH else min(SAMPLE, kills.writes))
