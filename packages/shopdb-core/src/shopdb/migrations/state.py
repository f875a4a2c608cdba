"""How a package's schema in the database stands to its code."""

from collections.abc import Iterable
from dataclasses import dataclass

from shopdb.db import Database
from shopdb.migrations.history import History, read_history
from shopdb.migrations.package import Package
from shopdb.migrations.version_table import read_recorded, read_unfinished


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where a package's schema stands.

    Args:
        current: The revision in the database; None before the first migration.
        head: The newest revision of the code; None for a package without tables.
        problem: Why the schema can't be brought to the head, with the remedy; None where it can.
    """

    current: str | None
    head: str | None
    problem: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether the code may work with the schema."""
        return self.problem is None and self.current == self.head

    @property
    def is_behind(self) -> bool:
        """Whether ``shopdb db upgrade`` has something to do for this package."""
        return self.problem is None and self.current != self.head


def states(database: Database, packages: Iterable[Package]) -> dict[str, SchemaState]:
    """The state of each package's schema by name: two or three statements, no Alembic, no plugin code run.

    Raises:
        DatabaseUnavailableError: the database does not answer.
    """
    with database.read() as session:
        in_database = read_recorded(session.connection())
        unfinished = read_unfinished(session.connection())
    return {
        package.name: judge_state(
            package,
            read_history(package),
            in_database.get(package.name, ()),
            unfinished.get(package.name),
        )
        for package in packages
    }


def judge_state(
    package: Package, history: History, revisions: tuple[str, ...], unfinished: str | None = None
) -> SchemaState:
    """Compare the code's history with the revisions that the database records.

    Args:
        unfinished: The revision in whose middle the database is.
    """
    current = ", ".join(revisions) or None
    if history.problem is not None:
        return SchemaState(current, None, history.problem)
    unknown = [revision for revision in revisions if revision not in history.revisions]
    if unknown:
        return SchemaState(current, history.head, _explain_unknown(package, f"at revision {unknown[0]!r}"))
    if unfinished is not None and unfinished not in history.revisions:
        return SchemaState(
            current, history.head, _explain_unknown(package, f"in the middle of revision {unfinished!r}")
        )
    return SchemaState(current, history.head)


def _explain_unknown(package: Package, where: str) -> str:
    newer = f"pip install --upgrade {package.dist}" if package.dist else "Put its newer code back"
    run = f"Run: {newer}" if package.dist else newer
    return (
        f"The database is {where} of {package.title}, which the installed code does not know: "
        f"a newer release has migrated it. {run}; or restore a backup from before that release."
    )
