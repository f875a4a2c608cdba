"""A migration killed at any write: the next run reaches the head, and no data is lost or doubled."""

import itertools
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import event, inspect, text

from shopdb.db import Database
from shopdb.migrations import Package, core_package, recorded, upgrade

THOROUGH = bool(os.environ.get("SHOPDB_TEST_THOROUGH"))
"""Whether core is killed at every write, not at every fifth."""

Make = Callable[..., Database]
Write = Callable[..., Package]

FIRST = """
op.create_table(
    "scales_scale",
    sa.Column("asset_id", sa.Integer, sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("range", sa.String(20)),
    sa.Column("old", sa.String(20)),
)
op.create_table(
    "scales_reading",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "scale_id", sa.Integer, sa.ForeignKey("scales_scale.asset_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("value", sa.String(40), nullable=False),
)
"""
LATER = [
    # Batch: on SQLite the table is copied, dropped and renamed under its children.
    """
    with op.batch_alter_table("scales_scale") as batch:
        batch.drop_column("old")
        batch.alter_column("range", new_column_name="range_text", existing_type=sa.String(20), type_=sa.String(60))
        batch.add_column(sa.Column("range_kg", sa.Float))
    """,
    # Data: row by row, so that half of it would show.
    """
    connection = op.get_bind()
    for key, range_text in connection.execute(sa.text("SELECT asset_id, range_text FROM scales_scale")).all():
        connection.execute(
            sa.text("UPDATE scales_scale SET range_kg = :kg, range_text = :text WHERE asset_id = :key"),
            {"kg": float(range_text.split()[0]), "text": range_text + "!", "key": key},
        )
    """,
    # Data into another table, then the old column goes.
    """
    op.create_table(
        "scales_unit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("reading_id", sa.Integer, sa.ForeignKey("scales_reading.id", ondelete="CASCADE"), nullable=False),
        sa.Column("unit", sa.String(20), nullable=False),
    )
    op.execute("INSERT INTO scales_unit (id, reading_id, unit) SELECT id, id, value FROM scales_reading")
    with op.batch_alter_table("scales_reading") as batch:
        batch.drop_column("value")
        batch.create_index("ix_scales_reading_both", ["scale_id", "id"])
    with op.batch_alter_table("scales_scale") as batch:
        batch.alter_column("range_kg", existing_type=sa.Float, nullable=False)
        batch.create_unique_constraint("uq_scales_scale_range_text", ["range_text"])
    """,
]
ITEM = "version, created_at, updated_at"
ITEM_VALUES = "1, '2026-01-01', '2026-01-01'"
SEED = [
    f"INSERT INTO asset_types (id, name, slug, {ITEM}) VALUES (1, 'Scale', 'scale', {ITEM_VALUES})",
    f"INSERT INTO statuses (id, name, kind, is_default, {ITEM}) VALUES (1, 'Ready', 'deployable', true, {ITEM_VALUES})",
    *(
        f"INSERT INTO assets (id, name, asset_type_id, status_id, custom_fields, {ITEM}) "
        f"VALUES ({n}, 'Scale {n}', 1, 1, '{{}}', {ITEM_VALUES})"
        for n in (1, 2, 3)
    ),
    *(f"INSERT INTO scales_scale (asset_id, range, old) VALUES ({n}, '{n}0 kg', 'x')" for n in (1, 2, 3)),
    *(
        f"INSERT INTO scales_reading (id, scale_id, value) VALUES ({n}, {n % 3 + 1}, 'kg {n}')"
        for n in range(1, 7)
    ),
]


def on_each_write(database: Database, act: Callable[[], None]) -> None:
    """Call before each statement that writes, and before each commit."""

    def before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            act()

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "commit", lambda connection: act())


def run_and_die(url: str, packages: Sequence[Package], *, at_write: int) -> None:
    """Migrate in a process that SIGKILLs itself before its n-th write."""
    process = multiprocessing.get_context("fork").Process(target=_migrate, args=(url, packages, at_write))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def _migrate(url: str, packages: Sequence[Package], die_at: int) -> None:
    database = Database(url)
    left = itertools.count(die_at - 1, -1)
    on_each_write(database, lambda: next(left) or os.kill(os.getpid(), signal.SIGKILL))
    upgrade(database, packages)


SCHEMA = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY name",
    "postgresql": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT tablename, indexname, indexdef, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
        ORDER BY 1, 2, 3""",
}


def picture(database: Database) -> dict[str, Any]:
    """The schema and every row."""
    with database.reader.connect() as connection:
        shown = {"schema": connection.execute(text(SCHEMA[connection.dialect.name])).all()}
        for table in inspect(connection).get_table_names():
            shown[table] = sorted(connection.execute(text(f"SELECT * FROM {table}")).all(), key=repr)
    return shown


def survive_kills(begin: Callable[[], Database], packages: Sequence[Package], *, every: int = 1) -> int:
    """Kill at the first write and each n-th one after it, and at each of the last three; how many kills.

    Args:
        begin: Returns a database as it is before the migration.
    """
    whole = begin()
    stood_at = recorded(whole)
    counted: list[None] = []
    on_each_write(whole, lambda: counted.append(None))
    upgrade(whole, packages)
    writes, expected = len(counted), picture(whole)
    heads = recorded(whole)
    numbers = sorted({*range(1, writes + 1, every), *range(writes - 2, writes + 1)})
    for number in numbers:
        database = begin()
        run_and_die(database.url.render_as_string(hide_password=False), packages, at_write=number)
        for name, revisions in recorded(database).items():
            assert revisions in (stood_at.get(name), heads[name]), f"{name} is between two at write {number}"
        upgrade(database, packages)
        assert picture(database) == expected, f"killed at write {number} of {writes}"
        database.dispose()
    return len(numbers)


def test_core_survives_a_kill_at_any_write(database: Database, make_database: Make) -> None:
    def begin() -> Database:
        if database.url.get_backend_name() == "sqlite":
            return make_database("sqlite")
        with database.engine.begin() as connection:  # twenty times faster than a new database
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        database.dispose()
        return database

    kills = survive_kills(begin, [core_package()], every=1 if THOROUGH else 5)

    assert kills > (40 if THOROUGH else 10)


def test_a_plugin_with_data_survives_a_kill_at_every_write(
    database: Database, make_database: Make, write_package: Write
) -> None:
    upgrade(database, [core_package(), write_package("scales", [FIRST])])
    with database.engine.begin() as connection:
        for statement in SEED:
            connection.execute(text(statement))
    packages = [core_package(), write_package("scales", [FIRST, *LATER])]
    engine = database.url.get_backend_name()

    kills = survive_kills(lambda: make_database(engine, copy_of=database), packages)

    assert kills > 15
