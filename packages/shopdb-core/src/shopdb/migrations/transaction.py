"""The transaction in which one package migrates, engine by engine."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from shopdb.db import Database
from shopdb.errors import MigrationError


def undoes_ddl(connection: Connection) -> bool:
    """Whether the engine rolls changes of tables back; MariaDB commits before and after each, and needs a journal."""
    return connection.dialect.name in ("sqlite", "postgresql")


@contextmanager
def migration_connection(database: Database, lock_timeout_s: float) -> Iterator[Connection]:
    """A connection that is closed afterwards and not pooled, since migrations change its settings.

    ``lock_timeout_s`` also bounds the wait for each table lock: a migration that queued behind a long
    read would stop every reader behind it.
    """
    with database.engine.connect() as connection:
        connection.detach()
        milliseconds = max(1, int(lock_timeout_s * 1000))
        if connection.dialect.name == "sqlite":
            _pragma(connection, f"busy_timeout={milliseconds}")
            # Off, or batch mode's DROP TABLE deletes the children of every row. SQLite ignores it
            # inside a transaction: https://sqlite.org/pragma.html#pragma_foreign_keys
            _pragma(connection, "foreign_keys=OFF")
        elif connection.dialect.name == "postgresql":
            connection.execute(
                text("SELECT set_config('lock_timeout', :ms, false)"), {"ms": f"{milliseconds}ms"}
            )
            connection.commit()
        else:
            from shopdb.migrations.journalled import keep_journal

            seconds = max(1, math.ceil(lock_timeout_s))
            connection.exec_driver_sql(
                f"SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}"
            )
            connection.commit()
            keep_journal(connection)
        yield connection


@contextmanager
def migration_transaction(connection: Connection) -> Iterator[None]:
    """One transaction that leaves no broken reference: ``BEGIN IMMEDIATE`` on SQLite, DDL and all.

    Raises:
        MigrationError: rows refer to rows that are gone and did not before (SQLite, where the check is off
            meanwhile).
    """
    with connection.begin():
        if connection.dialect.name != "sqlite":
            yield
            return
        before = _broken_references(connection)
        yield
        broken = _broken_references(connection) - before
        if broken:
            (table, parent), rows = broken.most_common(1)[0]
            raise MigrationError(
                f"{rows} more row(s) of {table!r} would refer to rows of {parent!r} that are not there"
            )


def _broken_references(connection: Connection) -> Counter[tuple[str, str]]:
    rows = connection.execute(text("PRAGMA foreign_key_check")).all()
    return Counter((table, parent) for table, _rowid, parent, _key in rows)


def _pragma(connection: Connection, setting: str) -> None:
    driver_connection: Any = connection.connection.dbapi_connection
    driver_connection.execute(f"PRAGMA {setting}")
