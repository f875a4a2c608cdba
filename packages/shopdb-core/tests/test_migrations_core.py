"""Core's own history."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import inspect

from shopdb.db import Database
from shopdb.errors import MigrationError
from shopdb.migrations import Package, core_package, states, upgrade
from shopdb.migrations.comparison import check
from shopdb.models import CoreBase


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mariadb"])
def test_core_migrates_from_nothing_to_its_models(
    make_database: Callable[..., Database], engine: str
) -> None:
    core = replace(core_package(), metadata=CoreBase.metadata)
    database = make_database(engine)

    applied = upgrade(database, [core])

    assert [one.package for one in applied] == ["core"]
    assert states(database, [core])["core"].is_current
    assert check(database, [core]) == []


def test_mariadb_says_that_it_undoes_no_change_of_tables(
    make_database: Callable[..., Database], write_package: Callable[..., Package]
) -> None:
    database = make_database("mariadb")
    table = 'op.create_table("scales_scale", sa.Column("id", sa.Integer, primary_key=True))'

    with pytest.raises(MigrationError, match="can't undo changes of tables: restore the backup"):
        upgrade(database, [write_package("scales", [f"{table}\n1 / 0"])])

    assert inspect(database.reader).has_table("scales_scale")
