"""One schema history per package: core's and each plugin's, all brought to their heads under one lock.

>>> from shopdb.migrations import Package, states, upgrade
>>> core = core_package()
>>> upgrade(database, [core])
>>> states(database, [core])["core"].is_current
True

Alembic is imported only where a migration really runs; `states` reads version tables and files.
"""

from shopdb.migrations.package import Package, core_package
from shopdb.migrations.runner import Applied, upgrade
from shopdb.migrations.state import SchemaState, states
from shopdb.migrations.version_table import recorded

__all__ = ["Applied", "Package", "SchemaState", "core_package", "recorded", "states", "upgrade"]
