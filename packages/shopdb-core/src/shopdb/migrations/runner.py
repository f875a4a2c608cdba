"""Bringing packages to their heads: in order, under one lock, each one whole or not at all."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from shopdb.db import Database, translated
from shopdb.errors import DatabaseUnavailableError, MigrationError
from shopdb.migrations.history import History, read_history
from shopdb.migrations.lock import hold_lock
from shopdb.migrations.order import put_in_order
from shopdb.migrations.package import CORE, Package
from shopdb.migrations.state import judge_state
from shopdb.migrations.transaction import migration_connection, migration_transaction, undoes_ddl
from shopdb.migrations.version_table import read_recorded, read_unfinished

OnApplied = Callable[[Connection, Package, str | None], None]
"""Called with the connection, the package and the revision that the package has now."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a run did for one package: the revisions in the order in which they ran."""

    package: str
    revisions: tuple[str, ...]
    before: str | None
    after: str | None


def upgrade(
    database: Database,
    packages: Iterable[Package],
    *,
    only: Collection[str] | None = None,
    lock_timeout_s: float = 60,
    on_applied: OnApplied | None = None,
) -> list[Applied]:
    """Bring packages to their heads.

    Each package's pending revisions are one transaction, and so is what ``on_applied`` writes: after a
    kill or an error a package is where it was, never between two releases. MariaDB commits at each change
    of tables; there, a first migration that fails is dropped again, and else the next run goes on where
    this one ended. A package that can't be migrated stops
    itself and those that require it; the others are migrated all the same.

    Args:
        packages: All packages whose histories are needed to judge ``requires``.
        only: Names of those to migrate; by default all. The others only count as they stand.
        lock_timeout_s: How long to wait for another process that migrates, and for each table lock.
        on_applied: Called inside the transaction of each package that is migrated, once, at its end;
            also for a package with nothing pending. What it raises undoes the package's migration.

    Returns:
        What was applied, in order; packages with nothing pending are left out.

    Raises:
        MigrationError: the lock was not to be had, or some packages could not be migrated: ``problems``
            holds the reason for each by name, ``applied`` what was done for the others.
        DatabaseUnavailableError: the database does not answer, or went away meanwhile.
    """
    ordered, problems = put_in_order(packages)
    with (
        translated(),
        migration_connection(database, lock_timeout_s) as connection,
        hold_lock(connection, lock_timeout_s),
    ):
        work = _Work(connection, on_applied, problems, read_unfinished(connection))
        for package in ordered:
            work.do(package, selected=only is None or package.name in only)
    wanted = {name: why for name, why in problems.items() if only is None or name in only}
    if wanted:
        raise MigrationError("\n".join(wanted.values()), problems=wanted, applied=work.applied)
    return work.applied


@dataclass(slots=True)
class _Work:
    connection: Connection
    on_applied: OnApplied | None
    problems: dict[str, str]
    unfinished: dict[str, str]
    applied: list[Applied] = field(default_factory=list)
    reached: dict[str, frozenset[str]] = field(default_factory=dict)
    """By package, the revisions that the database holds: the current one and all that it follows."""

    def do(self, package: Package, *, selected: bool) -> None:
        history = read_history(package)
        revisions = self._recorded(package)
        state = judge_state(package, history, revisions, self.unfinished.get(package.name))
        problem = state.problem or self._find_unmet(package)
        if problem is None and selected:
            problem = self._migrate(package, history, state.current)
            revisions = self._recorded(package)
        if problem is not None:
            self.problems[package.name] = problem
        self.reached[package.name] = history.up_to(revisions)

    def _recorded(self, package: Package) -> tuple[str, ...]:
        if self.connection.invalidated:  # another one would be opened, without the lock
            raise DatabaseUnavailableError(
                "The database went away while it was migrated. Run: shopdb db upgrade"
            )
        self.connection.rollback()
        found = read_recorded(self.connection, {package.name}).get(package.name, ())
        self.connection.rollback()  # reading began a transaction; the migration begins its own
        return found

    def _find_unmet(self, package: Package) -> str | None:
        if package.name != CORE and CORE in self.problems:
            return f"{package.title} waits for core: {self.problems[CORE]}"
        for name, revision in package.requires.items():
            if name in self.problems:
                return f"{package.title} waits for {name!r}: {self.problems[name]}"
            if revision not in self.reached[name]:
                return (
                    f"{package.title} needs revision {revision!r} of {name!r}, which the database does not "
                    f"have. Upgrade {name!r} to a release that brings it, then run: shopdb db upgrade"
                )
        return None

    def _migrate(self, package: Package, history: History, before: str | None) -> str | None:
        if before == history.head and self.on_applied is None:
            return None
        try:
            revisions = self._migrate_in_one_transaction(package, history, before)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a package's code harms only the package
            is_undone = undoes_ddl(self.connection) or self._undo(package, before)
            return _explain_failure(package, error, before, is_undone=is_undone)
        if revisions:
            self.applied.append(Applied(package.name, revisions, before, history.head))
        return None

    def _undo(self, package: Package, before: str | None) -> bool:
        from shopdb.migrations.journalled import undo_first

        return before is None and undo_first(self.connection, package)

    def _migrate_in_one_transaction(
        self, package: Package, history: History, before: str | None
    ) -> tuple[str, ...]:
        applied: tuple[str, ...] = ()
        with migration_transaction(self.connection):
            if before != history.head:
                applied = _run_alembic(self.connection, package)
            if self.on_applied is not None:
                self.on_applied(self.connection, package, history.head)
        return applied


class _RevisionFailedError(MigrationError):
    def __init__(self, revision: str, cause: BaseException):
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.revision = revision


def _run_alembic(connection: Connection, package: Package) -> tuple[str, ...]:
    from shopdb.migrations.alembic_run import Run, run_to_head

    run = Run()
    try:
        run_to_head(connection, package, run)
    except (Exception, SystemExit) as error:
        if run.running is None:
            raise
        raise _RevisionFailedError(run.running, error) from error
    return tuple(run.applied)


def _explain_failure(package: Package, error: BaseException, before: str | None, *, is_undone: bool) -> str:
    stays = f"stays at {before!r}" if before else "stays without its tables"
    outcome = f"It was undone; {package.name!r} {stays}."
    if not is_undone:
        outcome = "What it did to tables stays, and the next run goes on from there."
    if isinstance(error, _RevisionFailedError):
        what = f"Revision {error.revision!r} of {package.title} failed: {error}"
    else:
        what = f"The migration of {package.title} failed: {type(error).__name__}: {error}"
    return f"{what.rstrip('.')}. {outcome} Mend the cause, then run: shopdb db upgrade"
