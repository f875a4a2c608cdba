"""A migration killed at one write after the other: what the tests of crashes stand on."""

import itertools
import multiprocessing
import os
import re
import signal
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from pymysql.connections import Connection as MariaDB
from sqlalchemy import Connection, event, inspect, text

from shopdb.db import Database
from shopdb.migrations import Package, recorded, upgrade

THOROUGH = bool(os.environ.get("SHOPDB_TEST_THOROUGH"))
"""Whether to kill at every write, not at some of each stretch."""

_IS_TOLD = pytest.StashKey[bool]()
_READS = re.compile(r"\s*(SELECT|PRAGMA|SHOW|SET)\b", re.IGNORECASE)
_NEXT_NUMBER = re.compile(r" AUTO_INCREMENT=\d+")
_POSTGRESQL_SCHEMA = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT tablename, indexname, indexdef, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
ORDER BY 1, 2, 3
"""


@dataclass
class Kills:
    """What came of a loop: of ``writes`` writes, the process died before ``killed`` of them."""

    writes: int
    killed: int = 0
    recovered: int = 0

    def __str__(self) -> str:
        which = "every write" if self.killed == self.writes else f"of {self.writes} writes"
        return f"killed {self.killed}/{self.recovered} recovered ({which})"


@contextmanager
def on_each_write(database: Database, act: Callable[[], None]) -> Iterator[None]:
    """Call before each statement that writes, and before each commit.

    On MariaDB that is what the driver sends, the journal's own statements among it.
    """
    if database.engine.dialect.name in ("mysql", "mariadb"):
        query, commit = MariaDB.query, MariaDB.commit

        def tell_query(self: Any, sql: Any, *rest: Any) -> Any:
            told = sql if isinstance(sql, str) else bytes(sql).decode(errors="replace")
            if not _READS.match(told):
                act()
            return query(self, sql, *rest)

        def tell_commit(self: Any) -> None:
            act()
            commit(self)

        with (
            mock.patch.object(MariaDB, "query", tell_query),
            mock.patch.object(MariaDB, "commit", tell_commit),
        ):
            yield
        return

    def before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not _READS.match(statement):
            act()

    def before_commit(connection: Connection) -> None:
        act()

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "commit", before_commit)
    yield
    event.remove(database.engine, "before_cursor_execute", before)
    event.remove(database.engine, "commit", before_commit)


def run_and_die(database: Database, packages: Sequence[Package], *, at_write: int) -> None:
    """Migrate in a process that SIGKILLs itself before its n-th write."""
    url = database.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("fork").Process(target=_migrate, args=(url, packages, at_write))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL, f"it ended with {process.exitcode} at write {at_write}"


def _migrate(url: str, packages: Sequence[Package], die_at: int) -> None:
    database = Database(url)
    left = itertools.count(die_at - 1, -1)
    with on_each_write(database, lambda: next(left) or os.kill(os.getpid(), signal.SIGKILL)):
        upgrade(database, packages)


def picture(database: Database) -> dict[str, Any]:
    """The schema and every row."""
    shown: dict[str, Any] = {}
    with database.reader.connect() as connection:
        tables = inspect(connection).get_table_names()
        shown["schema"] = list(_read_schema(connection, tables))
        for table in tables:
            shown[table] = sorted(connection.execute(text(f"SELECT * FROM {table}")).all(), key=repr)
    return shown


def _read_schema(connection: Connection, tables: Collection[str]) -> Iterator[Any]:
    engine = connection.dialect.name
    if engine == "sqlite":
        # Alembic copies a table with its constraints in another order each time.
        for kind, name, sql in connection.execute(
            text("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
        ):
            yield kind, name, sorted(line.strip(" \t,)") for line in (sql or "").splitlines())
    elif engine == "postgresql":
        yield from connection.execute(text(_POSTGRESQL_SCHEMA))
    else:
        for table in tables:
            row = connection.execute(text(f"SHOW CREATE TABLE {table}")).one()
            yield _NEXT_NUMBER.sub("", row[1])


def survive_kills(begin: Callable[[], Database], packages: Sequence[Package], *, sample: int) -> Kills:
    """Kill at each write, or where that is not asked for at ``sample`` of them in equal steps and the last three.

    Each time the next run must reach the head, and the tables, keys and rows be those of a run that nobody
    killed.

    Args:
        begin: Returns a database as it is before the migration.
    """
    whole = begin()
    stood_at = recorded(whole)
    counted: list[None] = []
    with on_each_write(whole, lambda: counted.append(None)):
        upgrade(whole, packages)
    expected, heads = picture(whole), recorded(whole)
    whole.dispose()
    kills = Kills(len(counted))
    for number in choose_writes(kills.writes, sample):
        database = begin()
        run_and_die(database, packages, at_write=number)
        kills.killed += 1
        if database.engine.dialect.name in ("sqlite", "postgresql"):
            for name, revisions in recorded(database).items():
                assert revisions in (stood_at.get(name), heads[name]), (
                    f"{name} is between two at write {number}"
                )
        upgrade(database, packages)
        assert picture(database) == expected, f"killed at write {number} of {kills.writes}"
        kills.recovered += 1
        database.dispose()
    return kills


def choose_writes(writes: int, sample: int) -> list[int]:
    """The numbers of the writes to die at."""
    step = 1 if THOROUGH else max(1, writes // sample)
    return sorted({*range(1, writes + 1, step), *range(max(1, writes - 2), writes + 1)})


def tell_kills(reporter: Any) -> None:
    """A line for each loop, once at the end of pytest's report."""
    if reporter.config.stash.setdefault(_IS_TOLD, False):
        return
    reporter.config.stash[_IS_TOLD] = True
    told = {
        value
        for reports in reporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "kills"
    }
    for line in sorted(told):
        reporter.write_line(line)


def drop_tables(database: Database, *, but: Collection[str] = ()) -> None:
    """Drop all tables but these: many times faster than a database of its own for each kill."""
    doomed = [name for name in inspect(database.reader).get_table_names() if name not in but]
    if not doomed:
        return
    database.dispose()  # nobody else may hold them
    engine = database.engine.dialect.name
    with database.reader.connect() as connection:
        connection.detach()
        if engine == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            for name in doomed:
                connection.exec_driver_sql(f"DROP TABLE {name}")
            return
        if engine != "postgresql":
            connection.exec_driver_sql("SET foreign_key_checks = 0")
        cascade = " CASCADE" if engine == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TABLE {', '.join(doomed)}{cascade}")
