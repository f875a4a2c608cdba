"""For authors: the revision that brings a package's tables to its models.

A draft is made against a scratch database that holds the package's own history and those before it, so
that it sees no table of another package and needs no site.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, String, inspect
from sqlalchemy import Text as SqlText

from shopdb.db import Database, UtcDateTime
from shopdb.migrations.comparison import find_differences, make_context
from shopdb.migrations.history import read_history
from shopdb.migrations.package import Package
from shopdb.migrations.runner import upgrade

_COLUMN_TYPES = ("Str", "Text", "UtcDateTime")


def draft_revision(package: Package, message: str, *, after: Sequence[Package] = ()) -> Path | None:
    """Write the next revision file of a package; to be read and mended by hand before it is committed.

    Args:
        package: With its ``metadata``.
        message: What the revision does, in a few words.
        after: The packages whose tables it refers to; core for every plugin.

    Returns:
        The new file, or None where models and migrations agree.
    """
    from alembic.autogenerate import produce_migrations, render_python_code

    if package.metadata is None:
        raise ValueError(f"{package!r} brings no metadata to draft a revision from")
    with _scratch(package, after) as (connection, owned):
        context = make_context(
            connection, package, also_owned=owned, render_as_batch=True, render_item=_render_type
        )
        operations = produce_migrations(context, package.metadata).upgrade_ops
        if operations is None or operations.is_empty():
            return None
        operations.ops = list(_unbatched(operations.ops))
        body = render_python_code(
            operations, render_as_batch=True, render_item=_render_type, migration_context=context
        )
    return _write(package, message, body)


def find_undrafted(package: Package, *, after: Sequence[Package] = ()) -> list[str]:
    """What the models have that the migrations don't make, and the other way round."""
    with _scratch(package, after) as (connection, owned):
        return find_differences(connection, package, also_owned=owned)


@contextmanager
def _scratch(package: Package, after: Sequence[Package]) -> Iterator[tuple[Connection, set[str]]]:
    """A database with all histories applied, and the tables that the package's own brought."""
    with tempfile.TemporaryDirectory(prefix="shopdb-draft-") as folder:
        database = Database(f"sqlite:///{folder}/scratch.sqlite3")
        try:
            upgrade(database, after)
            before = _tables(database)
            upgrade(database, [*after, package])
            owned = _tables(database) - before - {package.version_table}
            with database.reader.connect() as connection:
                yield connection, owned
        finally:
            database.dispose()


def _tables(database: Database) -> set[str]:
    return set(inspect(database.reader).get_table_names())


def _unbatched(operations: Iterable[Any]) -> Iterator[Any]:
    """Indexes as operations of their own: they need no copy of the table, on SQLite either."""
    from alembic.operations.ops import CreateIndexOp, DropIndexOp, ModifyTableOps

    for operation in operations:
        if isinstance(operation, ModifyTableOps) and all(
            isinstance(inner, CreateIndexOp | DropIndexOp) for inner in operation.ops
        ):
            yield from operation.ops
        else:
            yield operation


def _render_type(kind: str, value: Any, context: Any) -> str | Literal[False]:
    """ShopDB's own column types by their short names; False leaves the rest to Alembic."""
    if kind != "type":
        return False
    if isinstance(value, UtcDateTime):
        return "UtcDateTime()"
    if isinstance(value, SqlText):
        return "Text()"
    if isinstance(value, String):
        return f"Str({value.length})"
    return False


def _write(package: Package, message: str, body: str) -> Path:
    history = read_history(package)
    number = len(history.revisions) + 1
    while (revision := f"{package.name}_{number:04d}") in history.revisions:
        number += 1
    imports = ["import sqlalchemy as sa"] if "sa." in body else []
    imports.append("from alembic import op")
    types = [name for name in _COLUMN_TYPES if f"{name}(" in body]
    if types:
        imports.append(f"\nfrom shopdb.db import {', '.join(types)}")
    written = [line for line in body.splitlines() if "# ###" not in line]
    lines = [
        f'"""{message}."""\n',
        *imports,
        f"\nrevision = {_quote(revision)}",
        f"down_revision = {_quote(history.head) if history.head else None}\n\n",
        "def upgrade() -> None:",
        f'    """{message}."""',
        "\n".join(written).strip("\n"),
        "",
    ]
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:40]
    package.versions.mkdir(parents=True, exist_ok=True)
    path = package.versions / f"{number:04d}_{slug}.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _quote(value: str) -> str:
    return f'"{value}"'
