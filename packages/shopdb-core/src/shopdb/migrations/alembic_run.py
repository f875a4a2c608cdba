"""The only module that runs Alembic: one package's history, on a connection in a transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, event
from sqlalchemy.util import OrderedSet

from shopdb.db import new_metadata
from shopdb.errors import MigrationError
from shopdb.migrations.journalled import find_journal
from shopdb.migrations.package import Package
from shopdb.migrations.transaction import undoes_ddl


def make_config(package: Package) -> Config:
    """Alembic's settings for one package, made in code: no ini file, no ``env.py``."""
    config = Config()
    for name, value in {
        "script_location": str(package.directory.absolute()),
        "version_locations": str(package.versions.absolute()),
        # Every other separator may stand in a folder's name.
        "path_separator": "newline",
    }.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config


@dataclass(slots=True)
class Run:
    """How far a run came: the revisions that are applied, and the one that is being applied."""

    applied: list[str] = field(default_factory=list)
    running: str | None = None


def run_to_head(connection: Connection, package: Package, run: Run) -> None:
    """Apply what is pending; ``run`` tells how far it came, also when an exception leaves it."""
    config = make_config(package)
    script = ScriptDirectory.from_config(config)
    journal = find_journal(connection)

    def steps(current: Any, context: MigrationContext) -> Iterable[Any]:
        # Lazily, so that `running` names the step that is about to begin.
        for step in script._upgrade_revs("head", current):
            run.running = step.revision.revision
            if journal is not None:
                journal.begin(package, step.revision.revision)
            yield step

    def note(ctx: MigrationContext, step: MigrationInfo, heads: Any, run_args: Any) -> None:
        run.applied.append(str(step.up_revision_id))
        run.running = None
        if journal is not None:
            journal.finish()

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            version_table=package.version_table,
            target_metadata=new_metadata(),  # names the constraints that revisions leave nameless
            transactional_ddl=undoes_ddl(connection),
            on_version_apply=note,
        )
        with _one_transaction(connection), _indexes_in_order(), environment.begin_transaction():
            environment.run_migrations()


@contextmanager
def _one_transaction(connection: Connection) -> Iterator[None]:
    """Refuse revisions that commit: what they had done by then would stay when the rest fails."""

    def refuse(_: Connection) -> None:
        connection.connection.rollback()  # SQLAlchemy takes a commit that raises for a commit that was done
        raise MigrationError("a revision can't commit: its package migrates in one transaction")

    event.listen(connection, "commit", refuse)
    try:
        yield
    finally:
        event.remove(connection, "commit", refuse)


@contextmanager
def _indexes_in_order() -> Iterator[None]:
    """Make a new table's indexes in the order of their names: a set's order is another in each process.

    Two sites then have the same tables, and a journal finds the statements of an earlier attempt again.
    """

    def sort(table: Table, *_: Any, **__: Any) -> None:
        table.indexes = OrderedSet(sorted(table.indexes, key=lambda index: str(index.name)))

    event.listen(Table, "before_create", sort)
    try:
        yield
    finally:
        event.remove(Table, "before_create", sort)
