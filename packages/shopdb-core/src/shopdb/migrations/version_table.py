"""What the version tables say, read with plain SQL."""

import re
from collections.abc import Collection

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from shopdb.db import Database

JOURNAL = "shopdb_migration_journal"
"""The table of the statements of a revision that is being applied, on engines that can't undo them."""

_TABLE = re.compile(r"alembic_version_([a-z][a-z0-9_]*)")
_NO_TABLE = 1146


def recorded(database: Database) -> dict[str, tuple[str, ...]]:
    """The revisions in the database by package, for every package that ever migrated it.

    Those of packages whose code is gone are among them. Two statements, whatever the number of packages.

    Raises:
        DatabaseUnavailableError: the database does not answer.
    """
    with database.read() as session:
        return read_recorded(session.connection())


def read_recorded(connection: Connection, names: Collection[str] | None = None) -> dict[str, tuple[str, ...]]:
    """As `recorded`, on a connection, for all packages or for these."""
    tables = [match for table in inspect(connection).get_table_names() if (match := _TABLE.fullmatch(table))]
    wanted = {match[1]: match[0] for match in tables if names is None or match[1] in names}
    if not wanted:
        return {}
    found: dict[str, list[str]] = {name: [] for name in wanted}
    # The names come out of _TABLE and hold nothing that would need quoting.
    union = " UNION ALL ".join(f"SELECT '{name}', version_num FROM {table}" for name, table in wanted.items())
    for name, revision in connection.execute(text(union)):
        found[name].append(revision)
    return {name: tuple(sorted(revisions)) for name, revisions in found.items() if revisions}


def read_unfinished(connection: Connection) -> dict[str, str]:
    """By package, the revision in whose middle the database is; always empty where such a half is undone."""
    if connection.dialect.name not in ("mysql", "mariadb"):
        return {}
    try:
        found = connection.execute(text(f"SELECT DISTINCT package, revision FROM {JOURNAL}")).all()
    except ProgrammingError as error:
        if getattr(error.orig, "args", ())[:1] != (_NO_TABLE,):
            raise
        return {}
    return {package: revision for package, revision in found}
