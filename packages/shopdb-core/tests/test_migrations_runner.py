"""Migrating packages: in order, each whole or not at all, each harming only itself."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, text

from shopdb.db import Database
from shopdb.errors import DatabaseUnavailableError, MigrationError
from shopdb.migrations import Applied, Package, recorded, states, upgrade

Write = Callable[..., Package]
WriteRevision = Callable[..., Path]

PARENTS = """
op.create_table("scales_scale", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
op.create_table(
    "scales_reading",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scale_id", sa.Integer, sa.ForeignKey("scales_scale.id", ondelete="CASCADE"), nullable=False),
)
"""
ROWS = (
    "INSERT INTO scales_scale (id, name) VALUES (1, 'bench'), (2, 'floor')",
    "INSERT INTO scales_reading (id, scale_id) VALUES (1, 1), (2, 1), (3, 2)",
)
WIDEN = """
with op.batch_alter_table("scales_scale") as batch:
    batch.alter_column("name", type_=sa.String(200), nullable=False)
"""


def rows(database: Database, statement: str) -> list[Any]:
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def write(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def tables(database: Database) -> set[str]:
    return set(inspect(database.reader).get_table_names())


@pytest.fixture(params=["sqlite", "postgresql"])
def undoing(request: pytest.FixtureRequest, make_database: Callable[..., Database]) -> Database:
    """An empty database on each engine that undoes changes of tables; test_migrations_journal.py has the other."""
    return make_database(request.param)


def test_each_package_keeps_its_own_version_table(database: Database, write_package: Write) -> None:
    packages = [write_package("scales", [PARENTS, WIDEN]), write_package("beams", [""])]

    applied = upgrade(database, packages)

    assert applied == [
        Applied("beams", ("beams_0001",), None, "beams_0001"),
        Applied("scales", ("scales_0001", "scales_0002"), None, "scales_0002"),
    ]
    assert rows(database, "SELECT version_num FROM alembic_version_scales") == [("scales_0002",)]
    assert recorded(database) == {"beams": ("beams_0001",), "scales": ("scales_0002",)}


def test_a_second_run_has_nothing_to_do(database: Database, write_package: Write) -> None:
    package = write_package("scales", [PARENTS])
    upgrade(database, [package])

    assert upgrade(database, [package]) == []


def test_states_tell_behind_from_current(database: Database, write_package: Write) -> None:
    upgrade(database, [write_package("scales", [PARENTS])])
    package = write_package("scales", [PARENTS, WIDEN])

    behind = states(database, [package])["scales"]
    upgrade(database, [package])
    current = states(database, [package])["scales"]

    assert (behind.current, behind.head, behind.is_behind) == ("scales_0001", "scales_0002", True)
    assert (current.current, current.is_current) == ("scales_0002", True)


def test_a_batch_operation_keeps_the_children_of_its_rows(database: Database, write_package: Write) -> None:
    upgrade(database, [write_package("scales", [PARENTS])])
    write(database, *ROWS)

    upgrade(database, [write_package("scales", [PARENTS, WIDEN])])

    assert rows(database, "SELECT id, scale_id FROM scales_reading ORDER BY id") == [(1, 1), (2, 1), (3, 2)]


def test_foreign_keys_are_on_again_after_a_migration(database: Database, write_package: Write) -> None:
    upgrade(database, [write_package("scales", [PARENTS])])
    write(database, *ROWS, "DELETE FROM scales_scale WHERE id = 1")

    assert rows(database, "SELECT id FROM scales_reading") == [(3,)]


def test_a_migration_that_breaks_references_is_undone(
    make_database: Callable[..., Database], write_package: Write
) -> None:
    database = make_database("sqlite")
    upgrade(database, [write_package("scales", [PARENTS])])
    write(database, *ROWS)
    package = write_package("scales", [PARENTS, 'op.execute("DELETE FROM scales_scale WHERE id = 1")'])

    with pytest.raises(
        MigrationError, match="2 more row.s. of 'scales_reading' would refer to rows of 'scales_scale'"
    ):
        upgrade(database, [package])

    assert rows(database, "SELECT count(*) FROM scales_scale") == [(2,)]


def test_broken_references_from_before_hold_no_migration_up(
    make_database: Callable[..., Database], write_package: Write
) -> None:
    database = make_database("sqlite")
    upgrade(database, [write_package("scales", [PARENTS])])
    with database.reader.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("INSERT INTO scales_reading (id, scale_id) VALUES (9, 99)")
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")

    upgrade(database, [write_package("scales", [PARENTS, WIDEN])])

    assert recorded(database)["scales"] == ("scales_0002",)


def test_a_failing_revision_undoes_its_package_alone(undoing: Database, write_package: Write) -> None:
    packages = [
        write_package(
            "scales", [PARENTS, 'op.add_column("scales_scale", sa.Column("note", sa.Text))', "1 / 0"]
        ),
        write_package("beams", ['op.create_table("beams_beam", sa.Column("id", sa.Integer))']),
    ]

    with pytest.raises(
        MigrationError, match="Revision 'scales_0003' of plugin 'scales' failed: ZeroDiv"
    ) as caught:
        upgrade(undoing, packages)

    assert tables(undoing) == {"beams_beam", "alembic_version_beams"}
    assert set(caught.value.problems) == {"scales"}
    assert [applied.package for applied in caught.value.applied] == ["beams"]
    assert "'scales' stays without its tables" in str(caught.value)


@pytest.mark.parametrize(
    "body", ["raise SystemExit(3)", 'raise RuntimeError("no")', 'op.execute("SELECT nonsense")']
)
def test_a_revision_may_fail_in_any_way(undoing: Database, write_package: Write, body: str) -> None:
    with pytest.raises(MigrationError, match="Revision 'scales_0001' of plugin 'scales' failed"):
        upgrade(undoing, [write_package("scales", [body])])

    assert tables(undoing) == set()


@pytest.mark.parametrize("body", ["op.get_bind().commit()", "with op.get_context().autocommit_block(): pass"])
def test_a_revision_that_leaves_its_transaction_is_refused(
    undoing: Database, write_package: Write, body: str
) -> None:
    with pytest.raises(MigrationError, match="Revision 'scales_0002' of plugin 'scales' failed"):
        upgrade(
            undoing, [write_package("scales", [PARENTS, f'op.execute("DELETE FROM scales_scale")\n{body}'])]
        )

    assert tables(undoing) == set()


def test_a_revision_that_can_not_be_imported_is_told(database: Database, write_package: Write) -> None:
    package = write_package("scales", [""])
    path = package.versions / "scales_0001.py"
    path.write_text("import nowhere_to_be_found\n" + path.read_text())

    with pytest.raises(
        MigrationError, match="plugin 'scales' failed: ModuleNotFoundError: No module named 'nowhere"
    ):
        upgrade(database, [package])


def test_a_database_ahead_of_the_code_refuses_that_package_alone(
    database: Database, write_package: Write
) -> None:
    upgrade(database, [write_package("scales", [PARENTS, WIDEN])])
    older = replace(write_package("scales", [PARENTS]), dist="acme-scales")
    beams = write_package("beams", [""])

    state = states(database, [older])["scales"]
    with pytest.raises(
        MigrationError, match="at revision 'scales_0002' of plugin 'scales', which the installed"
    ):
        upgrade(database, [older, beams])

    assert state.current == "scales_0002"
    assert state.problem is not None
    assert "pip install --upgrade acme-scales" in state.problem
    assert states(database, [beams])["beams"].is_current


def test_two_heads_refuse_that_package_alone(
    database: Database, write_package: Write, write_revision: WriteRevision
) -> None:
    scales, beams = write_package("scales", [""]), write_package("beams", [""])
    write_revision(scales, "left", "scales_0001", "")
    write_revision(scales, "right", "scales_0001", "")

    with pytest.raises(MigrationError, match="plugin 'scales' has 2 heads, 'left', 'right'"):
        upgrade(database, [scales, beams])

    assert recorded(database) == {"beams": ("beams_0001",)}


def test_plugins_wait_for_core(database: Database, write_package: Write) -> None:
    with pytest.raises(MigrationError, match="plugin 'beams' waits for core") as caught:
        upgrade(database, [write_package("beams", [""]), write_package("core", ["1 / 0"])])

    assert set(caught.value.problems) == {"core", "beams"}
    assert recorded(database) == {}


def test_a_package_waits_for_the_one_that_it_requires(database: Database, write_package: Write) -> None:
    alloys = write_package("alloys", [""], requires={"scales": "scales_0001"})

    with pytest.raises(MigrationError, match="plugin 'alloys' waits for 'scales': Revision 'scales_0001'"):
        upgrade(database, [alloys, write_package("scales", ["1 / 0"])])


def test_a_required_revision_that_is_not_there_is_named(database: Database, write_package: Write) -> None:
    alloys = write_package("alloys", [""], requires={"scales": "scales_0002"})

    with pytest.raises(MigrationError, match="plugin 'alloys' needs revision 'scales_0002' of 'scales'"):
        upgrade(database, [alloys, write_package("scales", [PARENTS])])

    assert recorded(database) == {"scales": ("scales_0001",)}


def test_a_connection_lost_in_a_migration_ends_the_run(
    make_database: Callable[..., Database], write_package: Write
) -> None:
    database = make_database("postgresql")
    cut = 'op.execute("SELECT pg_terminate_backend(pg_backend_pid())")'
    packages = [
        write_package("beams", [PARENTS.replace("scales", "beams") + cut]),
        write_package("scales", [PARENTS]),
    ]

    with pytest.raises(
        DatabaseUnavailableError, match="went away while it was migrated. Run: shopdb db upgrade"
    ):
        upgrade(database, packages)

    assert tables(database) == set()


def test_only_the_chosen_package_is_migrated(database: Database, write_package: Write) -> None:
    packages = [write_package("scales", [PARENTS]), write_package("beams", [""])]

    upgrade(database, packages, only={"beams"})

    assert recorded(database) == {"beams": ("beams_0001",)}


def test_the_ledger_is_written_in_the_transaction_of_the_migration(
    database: Database, write_package: Write
) -> None:
    def note(connection: Connection, package: Package, revision: str | None) -> None:
        connection.execute(text("INSERT INTO scales_scale (id, name) VALUES (7, :name)"), {"name": revision})

    upgrade(database, [write_package("scales", [PARENTS, WIDEN])], on_applied=note)

    assert rows(database, "SELECT id, name FROM scales_scale") == [(7, "scales_0002")]


def test_a_ledger_that_raises_undoes_the_migration(undoing: Database, write_package: Write) -> None:
    def refuse(connection: Connection, package: Package, revision: str | None) -> None:
        raise LookupError("no such asset type")

    with pytest.raises(
        MigrationError, match="migration of plugin 'scales' failed: LookupError: no such asset"
    ):
        upgrade(undoing, [write_package("scales", [PARENTS])], on_applied=refuse)

    assert tables(undoing) == set()


def test_the_ledger_is_told_once_even_when_nothing_is_pending(
    database: Database, write_package: Write
) -> None:
    told: list[tuple[str, str | None]] = []
    packages = [write_package("scales", [PARENTS, WIDEN]), write_package("beams", [])]

    for _ in range(2):
        upgrade(
            database, packages, on_applied=lambda _, package, revision: told.append((package.name, revision))
        )

    assert told == [("beams", None), ("scales", "scales_0002")] * 2


def test_a_folder_with_odd_characters_is_no_hindrance(
    database: Database, tmp_path: Path, write_package: Write
) -> None:
    package = write_package("scales", [PARENTS])
    odd = tmp_path / "50% of, a:b;c d"
    package.directory.rename(odd)

    upgrade(database, [replace(package, directory=odd)])

    assert recorded(database) == {"scales": ("scales_0001",)}


def test_constraints_without_a_name_get_the_models_names(database: Database, write_package: Write) -> None:
    column = 'sa.Column("tag", sa.String(20), unique=True)'
    upgrade(database, [write_package("beams", [f'op.create_table("beams_beam", {column})'])])

    assert [one["name"] for one in inspect(database.reader).get_unique_constraints("beams_beam")] == [
        "uq_beams_beam_tag"
    ]


def test_asking_for_states_does_not_import_alembic(tmp_path: Path) -> None:
    script = (
        "import sys; from shopdb.db import Database; from shopdb.migrations import core_package, states, upgrade\n"
        f"print(states(Database('sqlite:///{tmp_path}/site.sqlite3'), [core_package()])['core'].is_behind)\n"
        "print('alembic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "False"]
