"""The bare Flask application that figures are compared with: one statement of SQLAlchemy Core, and orjson."""

from __future__ import annotations

import os
from typing import Any

import orjson
from flask import Flask, Response, request
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, create_engine, event, insert, select

ITEMS = Table(
    "items",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(
        Column(name, String(120))
        for name in ("asset_tag", "name", "serial_number", "status", "location", "created_at")
    ),
)
KEYS = tuple(str(column.name) for column in ITEMS.c)


def open_engine() -> Engine:
    """The database that ``BENCH_BARE_DATABASE`` names, with the safety that ShopDB asks of SQLite."""
    engine = create_engine(f"sqlite:///{os.environ['BENCH_BARE_DATABASE']}")

    def prepare(connection: Any, record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", prepare)
    return engine


def make_database(rows: int) -> None:
    """One table with so many rows."""
    engine = open_engine()
    ITEMS.metadata.create_all(engine)
    row = {"status": "In use", "location": "Cell 1", "created_at": "2026-01-01"}
    with engine.begin() as connection:
        connection.execute(
            insert(ITEMS),
            [
                {**row, "asset_tag": f"A-{n}", "name": f"Asset {n}", "serial_number": f"S-{n}"}
                for n in range(rows)
            ],
        )
    engine.dispose()


def create_app() -> Flask:
    """A list of fifty, an item, a create, and half a word by reading every row."""
    app = Flask("bare")
    engine = open_engine()

    @app.get("/items")
    def list_items() -> Response:
        with engine.connect() as connection:
            rows = connection.execute(select(ITEMS).order_by(ITEMS.c.id).limit(50)).all()
        items = [dict(zip(KEYS, row, strict=True)) for row in rows]
        return Response(orjson.dumps({"items": items}), mimetype="application/json")

    @app.get("/search")
    def search() -> Response:
        pattern = f"%{request.args['q']}%"
        with engine.connect() as connection:
            rows = connection.execute(select(ITEMS).where(ITEMS.c.name.like(pattern)).limit(20)).all()
        items = [dict(zip(KEYS, row, strict=True)) for row in rows]
        return Response(orjson.dumps({"items": items}), mimetype="application/json")

    @app.get("/items/<int:item_id>")
    def get_item(item_id: int) -> Response:
        with engine.connect() as connection:
            row = connection.execute(select(ITEMS).where(ITEMS.c.id == item_id)).one()
        return Response(orjson.dumps(dict(zip(KEYS, row, strict=True))), mimetype="application/json")

    @app.post("/items")
    def create_item() -> Response:
        values = orjson.loads(request.get_data())
        with engine.begin() as connection:
            made = connection.execute(insert(ITEMS).values(values))
        body = {"id": made.inserted_primary_key[0], **values} if made.inserted_primary_key else values
        return Response(orjson.dumps(body), 201, mimetype="application/json")

    return app
