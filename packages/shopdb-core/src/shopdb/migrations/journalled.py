"""A driver's connection whose statements go by way of the journal, whoever sends them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from shopdb.migrations.journal import Journal
from shopdb.migrations.outcome import Outcome
from shopdb.migrations.package import Package


def keep_journal(connection: Connection) -> None:
    """Let all that a detached connection runs go by way of a journal."""
    fairy: Any = connection.connection
    fairy.dbapi_connection = JournalledConnection(fairy.dbapi_connection)


def find_journal(connection: Connection) -> Journal | None:
    """The connection's journal; None where the engine needs none."""
    driver = connection.connection.dbapi_connection
    return driver.journal if isinstance(driver, JournalledConnection) else None


def undo_first(connection: Connection, package: Package) -> bool:
    """Drop what the first migration of a package has made, where that undoes it; whether it did."""
    if connection.invalidated:
        return False
    connection.rollback()
    journal = find_journal(connection)
    return journal is not None and journal.undo(package)


class JournalledConnection:
    """As the driver's own connection, but for its cursors."""

    def __init__(self, driver: Any):
        self.driver = driver
        self.journal = Journal(driver)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.driver, name)

    def cursor(self, *_: Any) -> JournalledCursor:
        """A cursor that keeps all rows, also where one is asked for that would fetch them as they come."""
        return JournalledCursor(self.driver.cursor(), self.journal)

    def rollback(self) -> None:
        """Roll back, the journal with it."""
        self.journal.forget()
        self.driver.rollback()


class JournalledCursor:
    """A DB-API 2.0 cursor that shows what the journal answers."""

    arraysize = 1

    def __init__(self, driver: Any, journal: Journal):
        self._driver = driver
        self._journal = journal
        self._outcome = Outcome(rowcount=-1)
        self._fetched = 0

    def execute(self, sql: str, values: Any = None) -> int:
        """Run one statement; the number of rows that it affected."""

        def run() -> Outcome:
            self._driver.execute(sql, values)
            return Outcome.of(self._driver)

        return self._show(self._journal.run(sql, run))

    def executemany(self, sql: str, values: Any) -> int:
        """Run one statement for each set of values; the number of rows that they affected in all."""

        def run() -> Outcome:
            self._driver.executemany(sql, values)
            return Outcome.of(self._driver)

        return self._show(self._journal.run(sql, run))

    def _show(self, outcome: Outcome) -> int:
        self._outcome, self._fetched = outcome, 0
        return outcome.rowcount

    @property
    def description(self) -> tuple[tuple[Any, ...], ...] | None:
        """The columns of the answer."""
        return self._outcome.description

    @property
    def rowcount(self) -> int:
        """The number of rows of the answer, or of those affected."""
        return self._outcome.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number that the last new row was given."""
        return self._outcome.lastrowid

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int | None = None) -> tuple[tuple[Any, ...], ...]:
        """The next rows."""
        begin, self._fetched = self._fetched, self._fetched + (size or self.arraysize)
        return self._outcome.rows[begin : self._fetched]

    def fetchall(self) -> tuple[tuple[Any, ...], ...]:
        """All further rows."""
        return self.fetchmany(len(self._outcome.rows) or 1)

    def nextset(self) -> None:
        """There is but one answer."""

    def close(self) -> None:
        """Free the driver's cursor."""
        self._driver.close()
