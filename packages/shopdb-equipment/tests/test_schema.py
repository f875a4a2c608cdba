"""The plugin's tables."""

from pathlib import Path

import shopdb_equipment
from shopdb.migrations import Package, core_package
from shopdb.migrations.author import find_undrafted
from shopdb_equipment.models import Base


def test_the_revisions_make_what_the_models_say() -> None:
    folder = Path(shopdb_equipment.__file__).parent / "migrations"
    package = Package("equipment", folder, metadata=Base.metadata)
    assert find_undrafted(package, after=[core_package()]) == []
