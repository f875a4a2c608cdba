"""Throw-away databases on every engine at hand."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

_CHOSEN = os.environ.get("SHOPDB_TEST_ENGINE", "")
if _CHOSEN not in ("", "sqlite", "postgresql", "mariadb"):
    raise ValueError(f"SHOPDB_TEST_ENGINE={_CHOSEN!r}: name sqlite, postgresql or mariadb")
ENGINES = (_CHOSEN,) if _CHOSEN else ("sqlite", "postgresql", "mariadb")
"""The engines for tests that run on each: all three, or the one that ``SHOPDB_TEST_ENGINE`` names."""
DEFAULT_ENGINE = _CHOSEN or "sqlite"
"""The engine for tests that run on one."""

DEFAULTS = {
    "postgresql": "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    "mariadb": "mariadb+pymysql://root@127.0.0.1:3306/mysql",
}
"""Where a server is expected; ``SHOPDB_TEST_<ENGINE>_URL`` says otherwise."""


class NoServerError(Exception):
    """No server of that engine answers; the message says how to name one."""


def server_url(engine: str) -> URL:
    """The address of an engine's server, with a database that may be connected to."""
    return make_url(os.environ.get(f"SHOPDB_TEST_{engine.upper()}_URL", DEFAULTS[engine]))


def create_database(engine: str, folder: Path, *, template: str | None = None) -> URL:
    """Make an empty database, or a copy of ``template`` on the same server.

    Args:
        engine: ``sqlite``, ``postgresql`` or ``mariadb``.
        folder: Where a file goes.

    Raises:
        NoServerError: there is no such server here.
    """
    name = f"shopdb_test_{uuid.uuid4().hex[:12]}"
    if engine == "sqlite":
        return make_url(f"sqlite:///{folder / name}.sqlite3")
    if engine == "mariadb":
        _run(engine, f"CREATE DATABASE {name} CHARACTER SET utf8mb4", *_copying(template, name))
    else:
        _run(engine, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    return server_url(engine).set(database=name)


def copy_database(url: URL, folder: Path) -> URL:
    """Copy a database that nobody is connected to."""
    engine = url.get_backend_name()
    if engine != "sqlite":
        return create_database(engine, folder, template=url.database)
    copy = create_database(engine, folder)
    shutil.copyfile(str(url.database), str(copy.database))
    return copy


def drop_database(url: URL) -> None:
    """Drop a database that `create_database` made; a file is left to its folder."""
    engine = url.get_backend_name()
    if engine != "sqlite":
        forced = " WITH (FORCE)" if engine == "postgresql" else ""
        _run(engine, f"DROP DATABASE IF EXISTS {url.database}{forced}")


def _copying(template: str | None, name: str) -> list[str]:
    """MariaDB knows no templates: what fills a new database with another's tables, keys and rows."""
    if template is None:
        return []
    source = create_engine(server_url("mariadb").set(database=template))
    with source.connect() as connection:
        tables = [row[0] for row in connection.execute(text("SHOW TABLES"))]
        shown = [connection.execute(text(f"SHOW CREATE TABLE `{table}`")).one()[1] for table in tables]
        filled = [
            f"INSERT INTO `{table}` SELECT * FROM `{template}`.`{table}`"
            for table in tables
            if connection.execute(text(f"SELECT 1 FROM `{table}` LIMIT 1")).first()
        ]
    source.dispose()
    made = [statement.replace("%", "%%") for statement in shown]  # the driver fills values in
    return ["SET foreign_key_checks = 0", f"USE `{name}`", *made, *filled]


def _run(engine: str, *statements: str) -> None:
    url = server_url(engine)
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    except OperationalError as error:
        if "connect" not in str(error).lower():
            raise
        raise NoServerError(
            f"no {engine} server at {url.render_as_string()}: set SHOPDB_TEST_{engine.upper()}_URL"
        ) from error
    finally:
        server.dispose()
