"""One after another: what writers hold, so that rules over several rows hold too.

SQLite needs none of it: there, each write is alone from its beginning.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from sqlalchemy import Connection, Table, select, text

_SPACE = 1_936_224_368
"""Keeps these locks apart from others in the same PostgreSQL database: "shop" in ASCII."""


def take_turn(connection: Connection, table: Table) -> None:
    """Wait until no other transaction has the turn for this table; keep it until the end.

    For rules that no constraint states: that a tree has no ring, that one row is the default, that a name
    is free where nothing stands above it. Take it before the first row is changed: whoever holds a row and
    then waits here may wait for one who waits for that row.
    """
    engine = connection.dialect.name
    if engine == "postgresql":
        key = zlib.crc32(table.name.encode()) & 0x7FFF_FFFF
        connection.execute(text("SELECT pg_advisory_xact_lock(:space, :key)"), {"space": _SPACE, "key": key})
    elif engine in ("mysql", "mariadb"):  # their named locks don't end with the transaction: a row's does
        held = "INSERT INTO counters (name, value) VALUES (:name, 0) ON DUPLICATE KEY UPDATE value = value"
        connection.execute(text(held), {"name": f"turn:{table.name}"})


def hold_rows(connection: Connection, table: Table, ids: Sequence[int]) -> None:
    """Keep everyone else from changing these rows until the transaction ends."""
    if connection.dialect.name != "sqlite":
        wanted = select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id)
        connection.execute(wanted.with_for_update()).all()
