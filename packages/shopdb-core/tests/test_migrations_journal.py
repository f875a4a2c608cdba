"""On MariaDB, which undoes no change of tables: an interrupted revision goes on where it was."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pymysql import err
from sqlalchemy import inspect, text

from shopdb.db import Database
from shopdb.errors import MigrationError
from shopdb.migrations import Package, journal, recorded, states, upgrade
from shopdb.migrations.outcome import Outcome
from shopdb.migrations.statement import Kind, kind_of, subject_of

Write = Callable[..., Package]

SCALE = """
op.create_table(
    "scales_scale", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20), index=True)
)
"""
ADD = 'op.add_column("scales_scale", sa.Column({!r}, sa.String(20)))\n'
INSERT = "op.execute(\"INSERT INTO scales_scale (name) VALUES ('bench')\")\n"


@pytest.fixture
def mariadb(make_database: Callable[..., Database]) -> Database:
    """An empty database."""
    return make_database("mariadb")


@pytest.fixture
def stop(tmp_path: Path) -> Callable[[str], str]:
    """Lines that end a revision in its first attempt: ``stop("1 / 0")``."""
    mark = tmp_path / "tried"

    def lines(body: str) -> str:
        told = f"import pathlib\nmark = pathlib.Path({str(mark)!r})\nif not mark.exists():\n    mark.touch()\n    "
        return told + body + "\n"

    return lines


@pytest.fixture
def interrupt(
    mariadb: Database, write_package: Write, stop: Callable[[str], str]
) -> Callable[..., list[tuple[Any, ...]]]:
    """Apply revisions that end in their midst, then again; the rows of ``scales_scale`` afterwards.

    ``interrupt(before, after)``: what the last revision does before and after its end in the first attempt.
    """

    def run(*bodies: str, before: str, after: str, changed: str | None = None) -> list[tuple[Any, ...]]:
        upgrade(mariadb, [write_package("scales", bodies)])
        body = before + stop("1 / 0") + after
        with pytest.raises(MigrationError, match="ZeroDivisionError"):
            upgrade(mariadb, [write_package("scales", [*bodies, body])])
        upgrade(mariadb, [write_package("scales", [*bodies, changed or body])])
        return rows(mariadb, "SELECT * FROM scales_scale ORDER BY id")

    return run


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def columns(database: Database) -> list[str]:
    return [column["name"] for column in inspect(database.reader).get_columns("scales_scale")]


def test_a_failed_revision_says_that_the_next_run_goes_on(mariadb: Database, write_package: Write) -> None:
    upgrade(mariadb, [write_package("scales", [SCALE])])
    with pytest.raises(
        MigrationError, match="What it did to tables stays, and the next run goes on from there"
    ):
        upgrade(mariadb, [write_package("scales", [SCALE, ADD.format("a") + "1 / 0"])])

    upgrade(mariadb, [write_package("scales", [SCALE, ADD.format("a")])])

    assert recorded(mariadb) == {"scales": ("scales_0002",)}
    assert rows(mariadb, f"SELECT * FROM {journal.JOURNAL}") == []


@pytest.mark.parametrize(
    "more",
    [
        "",
        INSERT,
        'op.execute("CREATE VIEW scales_all AS SELECT id FROM scales_scale")\n',
        'op.rename_table("scales_scale", "scales_other")\n',
    ],
)
def test_a_first_migration_that_fails_leaves_no_tables(
    mariadb: Database, write_package: Write, more: str
) -> None:
    with pytest.raises(MigrationError, match="It was undone; 'scales' stays without its tables"):
        upgrade(mariadb, [write_package("scales", [SCALE, more + "1 / 0"])])

    assert recorded(mariadb) == {}
    assert set(inspect(mariadb.reader).get_table_names()) == {journal.JOURNAL}
    assert inspect(mariadb.reader).get_view_names() == []
    upgrade(mariadb, [write_package("scales", [SCALE])])


@pytest.mark.parametrize(
    "more", [ADD.format("a").replace("scales", "beams"), INSERT.replace("scales", "beams")]
)
def test_a_first_migration_that_changed_what_was_there_is_not_undone(
    mariadb: Database, write_package: Write, more: str
) -> None:
    beams = write_package("beams", [SCALE.replace("scales", "beams")])
    with pytest.raises(MigrationError, match="the next run goes on from there"):
        upgrade(mariadb, [beams, write_package("scales", [SCALE + more + ADD.format("b") + "1 / 0"])])

    upgrade(mariadb, [beams, write_package("scales", [SCALE + more + ADD.format("b")])])

    assert columns(mariadb) == ["id", "name", "b"]


def test_rows_that_were_written_before_a_change_of_tables_are_not_written_twice(interrupt: Any) -> None:
    assert interrupt(SCALE, before=INSERT + ADD.format("a"), after=INSERT + ADD.format("b")) == [
        (1, "bench", None, None),
        (2, "bench", None, None),
    ]


def test_what_was_read_is_answered_as_it_was(interrupt: Any) -> None:
    branch = """
    names = op.get_bind().execute(sa.text("SELECT name, id FROM scales_scale WHERE name = 'bench'")).all()
    for row in names:
        op.execute(f"UPDATE scales_scale SET name = 'floor' WHERE id = {row.id}")
    """.replace("\n    ", "\n")
    after = 'op.bulk_insert(sa.table("scales_scale", sa.column("name")), [{"name": r.name + "!"} for r in names])\n'
    found = interrupt(SCALE + INSERT, before=branch + ADD.format("a"), after=after)
    assert sorted(name for _, name, _ in found) == ["bench!", "floor"]


def test_a_reflected_table_is_shown_as_it_was(interrupt: Any, mariadb: Database) -> None:
    look = 'here = [c["name"] for c in sa.inspect(op.get_bind()).get_columns("scales_scale")]\n'
    add = 'if "a" not in here:\n    ' + ADD.format("a")
    interrupt(SCALE, before=look + add, after='assert here == ["id", "name"]\n' + ADD.format("b"))
    assert columns(mariadb) == ["id", "name", "a", "b"]


def test_an_error_that_the_revision_caught_is_raised_again(interrupt: Any, mariadb: Database) -> None:
    dropped = """
    try:
        op.drop_column("scales_scale", "nowhere")
    except sa.exc.OperationalError:
        op.execute("INSERT INTO scales_scale (name) VALUES ('caught')")
    """.replace("\n    ", "\n")
    assert interrupt(SCALE, before=dropped + ADD.format("a"), after=ADD.format("b")) == [
        (1, "caught", None, None)
    ]


def test_settings_of_the_connection_are_made_again(interrupt: Any) -> None:
    before = "op.execute(\"SET @name = 'kept'\")\n" + ADD.format("a")
    after = 'op.execute("INSERT INTO scales_scale (name) VALUES (@name)")\n'
    assert interrupt(SCALE, before=before, after=after) == [(1, "kept", None)]


def test_batches_and_indexes_are_done_once(interrupt: Any, mariadb: Database) -> None:
    before = """
    with op.batch_alter_table("scales_scale") as batch:
        batch.alter_column("name", new_column_name="title", existing_type=sa.String(20), type_=sa.String(60))
        batch.create_unique_constraint("uq_scales_scale_title", ["title"])
    op.create_index("ix_scales_scale_both", "scales_scale", ["id", "title"])
    """.replace("\n    ", "\n")
    interrupt(SCALE, before=before, after='op.drop_index("ix_scales_scale_name", "scales_scale")\n')
    assert columns(mariadb) == ["id", "title"]
    names = {index["name"] for index in inspect(mariadb.reader).get_indexes("scales_scale")}
    assert names == {"uq_scales_scale_title", "ix_scales_scale_both"}


def test_many_rows_that_were_read_are_kept_in_parts(interrupt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_PART_BYTES", 50)
    read = (
        'names = op.get_bind().execute(sa.text("SELECT repeat(seq, 6) FROM seq_1_to_500")).scalars().all()\n'
    )
    after = "op.execute(f\"INSERT INTO scales_scale (name) VALUES ('{names[122]}')\")\n"
    assert interrupt(SCALE, before=read + ADD.format("a"), after=after)[0][1] == "123" * 6


def test_what_comes_after_the_end_may_be_mended(interrupt: Any, mariadb: Database) -> None:
    interrupt(SCALE, before=ADD.format("a"), after=ADD.format("b"), changed=ADD.format("a") + ADD.format("c"))
    assert columns(mariadb) == ["id", "name", "a", "c"]


def test_a_revision_that_changed_meanwhile_is_refused_by_name(interrupt: Any, mariadb: Database) -> None:
    other = ADD.format("z") + ADD.format("b")
    with pytest.raises(
        MigrationError,
        match=r"'scales_0002' of plugin 'scales' failed: .*statement 1 was 'ALTER TABLE scales_scale ADD COLUMN a "
        r"VARCHAR\(20\)' and is now 'ALTER TABLE scales_scale ADD COLUMN z .*Put the file of the revision back",
    ):
        interrupt(SCALE, before=ADD.format("a") + ADD.format("b"), after="", changed=other)
    assert columns(mariadb) == ["id", "name", "a", "b"]


def test_code_that_does_not_know_the_unfinished_revision_is_behind_it(
    mariadb: Database, write_package: Write
) -> None:
    upgrade(mariadb, [write_package("scales", [SCALE])])
    with pytest.raises(MigrationError, match="ZeroDivisionError"):
        upgrade(mariadb, [write_package("scales", [SCALE, ADD.format("a") + "1 / 0"])])

    older = write_package("scales", [SCALE])

    assert "in the middle of revision 'scales_0002'" in str(states(mariadb, [older])["scales"].problem)
    with pytest.raises(MigrationError, match="in the middle of revision 'scales_0002' of plugin 'scales'"):
        upgrade(mariadb, [older])


def test_another_revision_does_not_take_over_an_unfinished_one(
    mariadb: Database, write_package: Write, write_revision: Callable[..., Path]
) -> None:
    upgrade(mariadb, [write_package("scales", [SCALE])])
    with pytest.raises(MigrationError, match="ZeroDivisionError"):
        upgrade(mariadb, [write_package("scales", [SCALE, ADD.format("a") + "1 / 0"])])
    package = write_package("scales", [SCALE])
    write_revision(package, "between", "scales_0001", ADD.format("b"))
    write_revision(package, "scales_0002", "between", ADD.format("a"))

    with pytest.raises(
        MigrationError, match="'between' of plugin 'scales' failed: .*in the middle of 'scales_0002'"
    ):
        upgrade(mariadb, [package])

    assert columns(mariadb) == ["id", "name", "a"]


@pytest.mark.parametrize(
    "sql", ["COMMIT", "SET autocommit = 1", "CREATE TEMPORARY TABLE t (id INTEGER)", "LOCK TABLES t WRITE"]
)
def test_what_would_end_the_transaction_is_refused(mariadb: Database, write_package: Write, sql: str) -> None:
    with pytest.raises(MigrationError, match=f"a revision can't run '{sql.split()[0]}"):
        upgrade(mariadb, [write_package("scales", [f'op.execute("{sql}")'])])


def test_triggers_and_views_are_made_once(interrupt: Any, mariadb: Database) -> None:
    before = """
    op.execute("CREATE VIEW scales_all AS SELECT id FROM scales_scale")
    op.execute("CREATE TRIGGER scales_named BEFORE INSERT ON scales_scale FOR EACH ROW SET NEW.name = 'x'")
    """.replace("\n    ", "\n")
    assert interrupt(SCALE, before=before, after=INSERT) == [(1, "x")]


@pytest.mark.parametrize(
    ("sql", "kind", "subject"),
    [
        ("SELECT 1", Kind.WORK, None),
        ("  -- why\n/* so */ (SELECT 1)", Kind.WORK, None),
        ("INSERT IGNORE INTO scale SELECT 1", Kind.WORK, "ROWS `scale`"),
        ("UPDATE `scale` SET a = 'b'", Kind.WORK, "ROWS `scale`"),
        ("DELETE FROM shop.scale", Kind.WORK, "ROWS `shop`.`scale`"),
        ("ROLLBACK TO SAVEPOINT s", Kind.WORK, None),
        ("ROLLBACK", Kind.REFUSED, None),
        ("/*!40101 SET sql_mode = '' */", Kind.SESSION, None),
        ("SET @a = 'autocommit'", Kind.SESSION, None),
        ("SET SESSION autocommit = 0", Kind.REFUSED, None),
        ("create or replace temporary table t (id int)", Kind.REFUSED, "TABLE `t`"),
        ("CREATE TABLE IF NOT EXISTS `a b` (id INT)", Kind.TABLES, "TABLE `a b`"),
        ("\nCREATE TABLE scales_scale (\n\tid INTEGER)", Kind.TABLES, "TABLE `scales_scale`"),
        ("CREATE UNIQUE INDEX ix ON shop.scale (view)", Kind.TABLES, "TABLE `shop`.`scale`"),
        ("DROP INDEX `on x` ON scale", Kind.TABLES, "TABLE `scale`"),
        ("ALTER TABLE scale ADD INDEX ix (id)", Kind.TABLES, "TABLE `scale`"),
        ("ALTER TABLE scale COMMENT 'the index on view v'", Kind.TABLES, "TABLE `scale`"),
        ("RENAME TABLE a TO b", Kind.TABLES, "TABLE `a`"),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", Kind.TABLES, "VIEW `v`"),
        ("CREATE DEFINER=`root`@`%` TRIGGER t BEFORE INSERT ON scale FOR EACH ROW SET @a = 1", Kind.TABLES, "TRIGGER `t`"),
        ("DROP PROCEDURE IF EXISTS p", Kind.TABLES, "PROCEDURE `p`"),
        ("GRANT SELECT ON scale TO ann", Kind.TABLES, None),
    ],
)  # fmt: skip
def test_a_statement_tells_what_it_does_to_its_transaction(sql: str, kind: Kind, subject: str | None) -> None:
    assert (kind_of(sql), subject_of(sql)) == (kind, subject)


def test_an_answer_is_kept_in_every_type_that_the_driver_gives() -> None:
    values = (
        None, 2**64 - 1, 0.1, "ß𐍈", b"\x00\xff", Decimal("1.50"), date(2026, 1, 2),
        datetime(2026, 1, 2, 3, 4, 5, 6), timedelta(-1, 2, 3),
    )  # fmt: skip
    outcome = Outcome(1, 7, (("a", 253, None, 4, 4, 0, True),), (values,))

    assert Outcome.from_bytes(outcome.to_bytes()) == outcome


def test_an_error_is_kept_with_its_number() -> None:
    kept = Outcome.from_bytes(Outcome.failed(err.IntegrityError(1062, "Duplicate entry")).to_bytes())

    with pytest.raises(err.IntegrityError, match="1062, 'Duplicate entry'"):
        kept.raise_error()
