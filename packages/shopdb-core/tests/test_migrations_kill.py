"""A migration killed at any write: the next run reaches the head, and no data is lost or doubled."""

from collections.abc import Callable

from kill_loop import drop_tables, survive_kills
from sqlalchemy import text

from shopdb.db import Database
from shopdb.migrations import Package, upgrade

Make = Callable[..., Database]
Write = Callable[..., Package]

FIRST = """
op.create_table(
    "scales_scale",
    sa.Column("asset_id", sa.Integer, sa.ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("span", sa.String(20)),
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
        batch.alter_column("span", new_column_name="range_text", existing_type=sa.String(20), type_=sa.String(60))
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
SEED = [
    "INSERT INTO assets (id) VALUES (1), (2), (3)",
    *(f"INSERT INTO scales_scale (asset_id, span, old) VALUES ({n}, '{n}0 kg', 'x')" for n in (1, 2, 3)),
    *(
        f"INSERT INTO scales_reading (id, scale_id, value) VALUES ({n}, {n % 3 + 1}, 'kg {n}')"
        for n in range(1, 7)
    ),
]


def test_a_plugin_with_data_survives_a_kill_at_every_write(
    database: Database,
    make_database: Make,
    write_package: Write,
    record_property: Callable[[str, object], None],
) -> None:
    engine = database.url.get_backend_name()
    core = write_package("core", ['op.create_table("assets", sa.Column("id", sa.Integer, primary_key=True))'])

    def begin() -> Database:
        fresh = make_database("sqlite") if engine == "sqlite" else database
        drop_tables(fresh)
        upgrade(fresh, [core, write_package("scales", [FIRST])])
        with fresh.engine.begin() as connection:
            for statement in SEED:
                connection.execute(text(statement))
        write_package("scales", [FIRST, *LATER])
        return fresh

    kills = survive_kills(begin, [core, write_package("scales", [FIRST, *LATER])], sample=20)

    record_property("kills", f"a plugin with data on {engine}: {kills}")
    assert kills.recovered == kills.killed >= 20
