"""Comparing a package's models with its tables in the database."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from shopdb.db import Database
from shopdb.migrations.package import Package
from shopdb.migrations.state import SchemaState, states


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that ``shopdb db check`` has to say of a package's schema.

    Args:
        kind: ``behind`` (an upgrade is pending), ``problem`` (it can't be upgraded) or ``differs`` (the
            tables are not as the models say).
    """

    package: str
    kind: str
    message: str


def check(database: Database, packages: Iterable[Package]) -> list[Finding]:
    """What is wrong with the schemas, package by package; an empty list where nothing is.

    Tables are compared for packages that are at their head and brought their ``metadata``. Indexes that
    a site has added are its own affair and no finding.
    """
    listed = list(packages)
    found: list[Finding] = []
    stands = states(database, listed)
    with database.read() as session:
        for package in listed:
            found.extend(_judge(session.connection(), package, stands[package.name]))
    return found


def _judge(connection: Connection, package: Package, state: SchemaState) -> Iterator[Finding]:
    if state.problem is not None:
        yield Finding(package.name, "problem", state.problem)
    elif state.is_behind:
        at = f"at revision {state.current!r}" if state.current else "not there yet"
        yield Finding(
            package.name,
            "behind",
            f"The schema of {package.title} is {at}, and its code needs {state.head!r}. Run: shopdb db upgrade",
        )
    else:
        for difference in find_differences(connection, package, foreign_indexes=False):
            yield Finding(package.name, "differs", f"Schema of {package.title}: {difference}.")


def find_differences(
    connection: Connection,
    package: Package,
    *,
    also_owned: Iterable[str] = (),
    foreign_indexes: bool = True,
) -> list[str]:
    """Each difference between the package's models and its tables, as half a sentence.

    Args:
        also_owned: Tables in the database that are the package's although no model has them any more.
        foreign_indexes: Whether an index that only the database has counts.
    """
    if package.metadata is None:
        return []
    from alembic.autogenerate import compare_metadata

    diffs = compare_metadata(make_context(connection, package, also_owned=also_owned), package.metadata)
    told: list[str] = []
    for diff in diffs:
        for change in diff if isinstance(diff, list) else [diff]:
            if foreign_indexes or change[0] != "remove_index":
                told.append(_tell(change))
    return told


def make_context(
    connection: Connection, package: Package, *, also_owned: Iterable[str] = (), **options: Any
) -> Any:
    """Alembic's context for comparing, blind to every table that is not the package's own."""
    from alembic.runtime.migration import MigrationContext

    owned = set(package.metadata.tables if package.metadata is not None else ()) | set(also_owned)

    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        return kind != "table" or name in owned

    return MigrationContext.configure(
        connection,
        opts={
            "version_table": package.version_table,
            "include_name": include_name,
            "target_metadata": package.metadata,
            "compare_type": True,
            **options,
        },
    )


_TELL: dict[str, Callable[..., str]] = {
    "add_table": lambda table: f"table {table.name!r} is missing",
    "remove_table": lambda table: f"table {table.name!r} is there, and no model has it",
    "add_column": lambda _, table, column: f"column {table}.{column.name} is missing",
    "remove_column": lambda _, table, column: f"column {table}.{column.name} is there, and no model has it",
    "add_index": lambda index: f"index {index.name!r} on {index.table.name!r} is missing",
    "remove_index": lambda index: f"index {index.name!r} on {index.table.name!r} is in no model",
    "add_constraint": lambda rule: f"constraint {rule.name!r} on {rule.table.name!r} is missing",
    "remove_constraint": lambda rule: f"constraint {rule.name!r} on {rule.table.name!r} is in no model",
    "add_fk": lambda key: f"foreign key {key.name!r} on {key.parent.name!r} is missing",
    "remove_fk": lambda key: f"foreign key {key.name!r} on {key.parent.name!r} is in no model",
}


def _tell(change: tuple[Any, ...]) -> str:
    kind, *values = change
    if kind in _TELL:
        return _TELL[kind](*values)
    _schema, table, column, _existing, was, wanted = values
    return (
        f"column {table}.{column} has {kind.removeprefix('modify_')} {was!r} where the model has {wanted!r}"
    )
