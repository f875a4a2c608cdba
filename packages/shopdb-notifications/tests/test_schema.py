"""The plugin's tables."""

from pathlib import Path

import shopdb_notifications
from shopdb.migrations import Package, core_package
from shopdb.migrations.author import find_undrafted
from shopdb_notifications.models import Base


def test_the_revisions_make_what_the_models_say() -> None:
    folder = Path(shopdb_notifications.__file__).parent / "migrations"
    package = Package("notifications", folder, metadata=Base.metadata)
    assert find_undrafted(package, after=[core_package()]) == []
