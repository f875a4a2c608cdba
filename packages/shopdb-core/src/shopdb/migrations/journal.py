"""What a revision has done so far, on an engine that commits at each change of a table.

Source: docs/adr/0013-journal-of-a-revision.md
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pymysql import err

from shopdb.errors import MigrationError
from shopdb.migrations.made import Made
from shopdb.migrations.outcome import Outcome
from shopdb.migrations.package import Package
from shopdb.migrations.statement import Kind, kind_of, subject_of
from shopdb.migrations.version_table import JOURNAL

_CREATE = f"""
CREATE TABLE IF NOT EXISTS {JOURNAL} (
    package VARCHAR(40) NOT NULL,
    ordinal INTEGER NOT NULL,
    part INTEGER NOT NULL,
    revision VARCHAR(32) NOT NULL,
    statement_hash CHAR(64) NOT NULL,
    excerpt TEXT NOT NULL,
    subject TEXT,
    stood CHAR(64),
    outcome MEDIUMBLOB,
    PRIMARY KEY (package, ordinal, part)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
"""
_LOAD = f"""
SELECT ordinal, part, revision, statement_hash, excerpt, subject, stood, outcome
FROM {JOURNAL} WHERE package = %s ORDER BY ordinal, part
"""
_KEEP = f"""
REPLACE INTO {JOURNAL} (package, ordinal, part, revision, statement_hash, excerpt, subject, stood, outcome)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_PART_BYTES = 1 << 20
_EXCERPT = 200
_DEADLOCK = 1213
_ABSENT = frozenset({1146, 1305, 1360, 1539})
"""No such table, routine, trigger, event."""
_NEXT_NUMBER = re.compile(r" AUTO_INCREMENT=\d+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement of the revision that is being run.

    Args:
        digest: The hash of its SQL, without parameters: those may hold the time.
        excerpt: Its beginning, for people.
        subject: What it changes, as `subject_of` tells.
        stood: For a change of tables, the hash of the subject's definition before it; None where it was absent.
        outcome: None while it has begun and nobody knows whether it was done.
    """

    digest: str
    excerpt: str
    subject: str | None
    stood: str | None = None
    outcome: Outcome | None = None


@dataclass(slots=True)
class Journal:
    """Runs a revision's statements, each once, whatever the number of attempts that the revision needs.

    What the revision does with rows, and what it read, is written down in the transaction in which it did so.
    That transaction ends where a change of tables would end it anyway; what the change is, is written down
    in it. In the next attempt, what is written down is not run, but answered as it was then. Only for the
    change that came last is it open whether it was done: the database tells.

    Args:
        driver: The driver's own connection.
    """

    driver: Any
    _is_ready: bool = False
    _package: Package | None = None
    _revision: str | None = None
    _ordinal: int = 0
    _kept: dict[int, Entry] = field(default_factory=dict)
    _unsaved: dict[int, Entry] = field(default_factory=dict)
    _lost: err.MySQLError | None = None
    _made: Made | None = None
    _is_refused: bool = False

    def begin(self, package: Package, revision: str) -> None:
        """Attend to a revision from its first statement on.

        Raises:
            MigrationError: the database is in the middle of another revision.
        """
        if not self._is_ready:
            self._execute(_CREATE)
            self._is_ready = True
        self.forget()
        begun, self._kept = self._load(package)
        self._is_refused = begun not in (None, revision)
        if self._is_refused:
            raise MigrationError(
                f"the database is in the middle of {begun!r}: put the release back that has it next, and migrate "
                "with that one first; or restore a backup from before it"
            )
        self._package, self._revision = package, revision
        if self._made is None or self._made.package != package:
            self._made = Made(package)
        for entry in self._kept.values():
            self._note(entry)

    def finish(self) -> None:
        """The revision is done; its entries go in the transaction that records the version."""
        assert self._package is not None
        if self._kept or self._ordinal:
            self._execute(f"DELETE FROM {JOURNAL} WHERE package = %s", (self._package.name,))
        self.forget()

    def forget(self) -> None:
        """The transaction was rolled back, and what was not saved with it."""
        self._package = self._revision = self._lost = None
        self._ordinal = 0
        self._kept, self._unsaved = {}, {}

    def run(self, sql: str, call: Callable[[], Outcome]) -> Outcome:
        """Run a statement, or answer what it answered in an earlier attempt.

        Raises:
            MigrationError: the revision says something else than in an earlier attempt, or ends its
                transaction by itself.
        """
        if self._revision is None:
            return call()
        if self._lost is not None:
            raise self._lost
        kind = kind_of(sql)
        if kind is Kind.REFUSED:
            raise MigrationError(
                f"a revision can't run {_excerpt(sql)!r}: it would end the transaction of the migration, or "
                "make what the next connection lacks"
            )
        self._ordinal += 1
        entry = Entry(hashlib.sha256(sql.encode()).hexdigest(), _excerpt(sql), subject_of(sql))
        answered = self._find_answer(entry)
        if answered is None or kind is Kind.SESSION:
            return self._do(kind, entry, call)
        answered.raise_error()
        return answered

    def _do(self, kind: Kind, entry: Entry, call: Callable[[], Outcome]) -> Outcome:
        if kind is Kind.TABLES:
            entry = replace(entry, stood=self._read_definition(entry.subject))
            self._unsaved[self._ordinal] = entry
            self._save()
        self._note(entry)
        return self._attempt(entry, call)

    def undo(self, package: Package) -> bool:
        """Drop all that a package's first migration made, which has failed.

        Returns:
            Whether nothing of it is left. Where it changed more than what it made, nothing is dropped, and the
            next run goes on; also where it was refused since it is another than before.
        """
        made = self._made
        if made is None or made.package != package or made.has_changed_others or self._is_refused:
            return False
        self._execute("SET foreign_key_checks = 0")
        for statement in made.drops():
            self._execute(statement)
        self._execute("SET foreign_key_checks = 1")
        self._execute(f"DELETE FROM {JOURNAL} WHERE package = %s", (package.name,))
        self.driver.commit()
        self._made = None
        return True

    def _note(self, entry: Entry) -> None:
        assert self._made is not None
        is_new = entry.stood is None and not (entry.subject or "").startswith("ROWS ")
        self._made.note(entry.excerpt, entry.subject, is_new=is_new)

    def _find_answer(self, entry: Entry) -> Outcome | None:
        kept = self._kept.get(self._ordinal)
        if kept is None:
            return None
        outcome = kept.outcome
        if outcome is None and self._read_definition(kept.subject) != kept.stood:
            outcome = Outcome()
            self._unsaved[self._ordinal] = replace(kept, outcome=outcome)
        if outcome is not None and kept.digest != entry.digest:
            self._is_refused = True
            raise MigrationError(
                f"it is not as it was when it was interrupted: statement {self._ordinal} was {kept.excerpt!r} "
                f"and is now {entry.excerpt!r}. Put the file of the revision back as it was, with the release that "
                "began it; or restore a backup from before it"
            )
        return outcome

    def _attempt(self, entry: Entry, call: Callable[[], Outcome]) -> Outcome:
        """Run it; an error is written down too, for the revision may catch it and go on."""
        try:
            outcome = call()
        except err.MySQLError as error:
            if error.args[:1] == (_DEADLOCK,):  # which took all of the transaction with it
                self._lost = error
            self._unsaved[self._ordinal] = replace(entry, outcome=Outcome.failed(error))
            raise
        self._unsaved[self._ordinal] = replace(entry, outcome=outcome)
        return outcome

    def _save(self) -> None:
        rows = [row for ordinal, entry in self._unsaved.items() for row in self._rows(ordinal, entry)]
        with self.driver.cursor() as cursor:
            cursor.executemany(_KEEP, rows)
        self.driver.commit()
        self._unsaved = {}

    def _rows(self, ordinal: int, entry: Entry) -> Iterator[tuple[Any, ...]]:
        assert self._package is not None
        told = (self._revision, entry.digest, entry.excerpt, entry.subject, entry.stood)
        if entry.outcome is None:
            yield (self._package.name, ordinal, 0, *told, None)
            return
        packed = entry.outcome.to_bytes()
        for part, start in enumerate(range(0, len(packed), _PART_BYTES)):
            yield (self._package.name, ordinal, part, *told, packed[start : start + _PART_BYTES])

    def _load(self, package: Package) -> tuple[str | None, dict[int, Entry]]:
        revision: str | None = None
        entries: dict[int, Entry] = {}
        packed: dict[int, bytes] = {}
        for ordinal, _part, revision, digest, excerpt, subject, stood, outcome in self._execute(
            _LOAD, (package.name,)
        ):
            entries[ordinal] = Entry(digest, excerpt, subject, stood)
            if outcome is not None:
                packed[ordinal] = packed.get(ordinal, b"") + outcome
        for ordinal, content in packed.items():
            entries[ordinal] = replace(entries[ordinal], outcome=Outcome.from_bytes(content))
        return revision, entries

    def _read_definition(self, subject: str | None) -> str | None:
        """The hash of the definition, without the number that the next row gets; None where there is none."""
        if subject is None:
            return None
        try:
            shown = self._execute(f"SHOW CREATE {subject}")
        except err.MySQLError as error:
            if error.args[0] not in _ABSENT:
                raise
            return None
        return hashlib.sha256(_NEXT_NUMBER.sub("", repr(shown)).encode()).hexdigest()

    def _execute(self, sql: str, values: tuple[Any, ...] | None = None) -> Any:
        with self.driver.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


def _excerpt(sql: str) -> str:
    return " ".join(sql.split())[:_EXCERPT]
