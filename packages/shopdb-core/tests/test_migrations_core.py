"""Core's own history."""

from dataclasses import replace

from shopdb.db import Database
from shopdb.migrations import core_package, states, upgrade
from shopdb.migrations.comparison import check
from shopdb.models import CoreBase


def test_core_migrates_from_nothing_to_its_models(database: Database) -> None:
    core = replace(core_package(), metadata=CoreBase.metadata)

    applied = upgrade(database, [core])

    assert [one.package for one in applied] == ["core"]
    assert states(database, [core])["core"].is_current
    assert check(database, [core]) == []
