"""The schemas of the packages together: each one's migrations make its models, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import MetaData, inspect, text

from shopdb.db import Database
from shopdb.migrations import Package, core_package, upgrade
from shopdb.migrations.author import find_undrafted
from shopdb.migrations.comparison import find_differences
from shopdb.models import CoreBase
from shopdb.plugins.discovery import find_plugins
from shopdb.plugins.loader import load_one
from shopdb.plugins.survey import package_of
from shopdb.testing.database import ENGINES, NoServerError, create_database, drop_database

RELEASING = {"CASCADE", "SET NULL"}
CORE = replace(core_package(), metadata=CoreBase.metadata)


def plugin_packages() -> list[Package]:
    """Each plugin that is installed here, with its models."""
    packages = []
    for found in find_plugins(None):
        plugin, problems = load_one(found, {})
        assert plugin is not None, problems
        if not plugin.contribution.resources:
            continue
        metadata: MetaData = plugin.contribution.resources[0].model.metadata
        packages.append(replace(package_of(found), metadata=metadata))
    return packages


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    try:
        url = create_database(request.param, tmp_path)
    except NoServerError as error:
        pytest.skip(str(error))
    database = Database(url)
    yield database
    database.dispose()
    drop_database(url)


def test_migrations_make_the_models_of_every_package(database: Database) -> None:
    packages = [CORE, *plugin_packages()]

    upgrade(database, packages)

    with database.reader.connect() as connection:
        assert {package.name: find_differences(connection, package) for package in packages} == {
            package.name: [] for package in packages
        }


def test_no_package_has_a_table_that_its_models_lack() -> None:
    for package in plugin_packages():
        assert find_undrafted(package, after=[CORE]) == []


def test_the_database_deletes_what_plugins_keep_of_an_asset(database: Database) -> None:
    packages = plugin_packages()
    upgrade(database, [CORE, *packages])
    keys = inspect(database.reader)

    for package in packages:
        assert package.metadata is not None
        for table in package.metadata.tables:
            for key in keys.get_foreign_keys(table):
                if key["referred_table"] == "assets" and key["constrained_columns"] == ["asset_id"]:
                    beside = keys.get_pk_constraint(table)["constrained_columns"] == ["asset_id"]
                    assert key["options"]["ondelete"] in ({"CASCADE"} if beside else RELEASING), table


def test_a_package_migrates_whichever_others_are_there(database: Database) -> None:
    for package in plugin_packages():
        upgrade(database, [CORE, package])

    with database.reader.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM assets")) == 0
