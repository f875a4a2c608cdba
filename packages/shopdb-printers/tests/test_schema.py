"""The plugin's tables."""

from pathlib import Path

import shopdb_printers
from shopdb.migrations import Package, core_package
from shopdb.migrations.author import find_undrafted
from shopdb_printers.models import Base


def test_the_revisions_make_what_the_models_say() -> None:
    folder = Path(shopdb_printers.__file__).parent / "migrations"
    package = Package("printers", folder, metadata=Base.metadata)
    assert find_undrafted(package, after=[core_package()]) == []
