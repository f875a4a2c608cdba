"""The database: engines, sessions, and the columns and bases that models are made of.

Author's surface: `model_base`, `AssetRow`, `ItemRow`, `field`, `reference`, `unique_key`, `KeyForm`, `Str`,
`Text`, `UtcDateTime`.

>>> from shopdb.db import Str, model_base, field, AssetRow
>>> Base = model_base("scales")
>>> class Scale(AssetRow, Base):
...     __tablename__ = "scales_scale"
...     range_kg = field(Str(20), label="Range")
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Engine, ForeignKey, MetaData, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column

from shopdb.columns import (
    FieldInfo,
    KeyForm,
    Str,
    Text,
    UtcDateTime,
    field,
    key_of,
    reference,
    unique_key,
)
from shopdb.errors import DatabaseUnavailableError

__all__ = [
    "AssetRow",
    "Database",
    "FieldInfo",
    "ItemRow",
    "KeyForm",
    "Str",
    "Text",
    "UtcDateTime",
    "field",
    "key_of",
    "model_base",
    "reference",
    "unique_key",
]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """A MetaData whose constraints have names, as migrations on SQLite need them."""
    return MetaData(naming_convention=NAMING)


def model_base(plugin: str) -> type[DeclarativeBase]:
    """A declarative base with a registry and MetaData of the plugin's own.

    Each model's ``__tablename__`` must begin with ``<plugin>_``.

    Raises:
        ValueError: at class creation, where a table lies outside the plugin's space.
    """
    prefix = f"{plugin}_"

    class Base(DeclarativeBase):
        metadata = new_metadata()

        def __init_subclass__(cls, **kwargs: Any) -> None:
            name = getattr(cls, "__tablename__", None)
            if name is not None and not name.startswith(prefix):
                raise ValueError(
                    f"Table {name!r} of {cls.__module__}.{cls.__qualname__} is outside the space of plugin "
                    f"{plugin!r}: name it {prefix}…"
                )
            super().__init_subclass__(**kwargs)

    return Base


class AssetRow:
    """Mixin of a plugin's 1:1 asset table: supplies ``asset_id``, deleted with the asset by the database."""

    @declared_attr
    def asset_id(cls) -> Mapped[int]:
        """The asset that this row belongs to; the primary key."""
        from shopdb.models import Asset

        return mapped_column(ForeignKey(Asset.__table__.c.id, ondelete="CASCADE"), primary_key=True)


class ItemRow:
    """Mixin of every other table that is a resource: ``id``, ``version``, ``created_at``, ``updated_at``.

    An id is never given twice, on SQLite too: an item's history and ETag belong to it alone. A revision that
    makes such a table says ``sqlite_autoincrement=True``.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table = getattr(cls, "__table__", None)
        if table is not None:
            table.dialect_options["sqlite"]["autoincrement"] = True


class Database:
    """One database and its pool.

    A read sees committed rows, statement by statement, and holds no transaction. A write is one
    transaction; on SQLite it begins with ``BEGIN IMMEDIATE``, so that it waits for its turn instead of
    failing halfway.
    """

    def __init__(self, url: str | URL, *, info: Mapping[str, Any] | None = None):
        self.url = make_url(url)
        self.engine = _make_engine(self.url)
        options: dict[str, Any] = {"shopdb_read": True}
        if self.engine.dialect.name != "sqlite":  # there the driver is in autocommit anyway
            options["isolation_level"] = "AUTOCOMMIT"
        self.reader = self.engine.execution_options(**options)
        self.info: dict[str, Any] = dict(info or {})

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading; nothing it does is kept."""
        with translated(), Session(self.reader, autoflush=False, info=self.info) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back when an exception leaves it."""
        with translated(), Session(self.engine, info=self.info) as session, session.begin():
            yield session

    def read_value(self, sql: str) -> Any:
        """The first value that plain SQL without parameters finds, or None.

        For what each request asks: it goes to the driver directly, in a tenth of the time.
        """
        with translated():
            try:
                return self._read_from_driver(sql)
            except self._driver_error:  # the connection was lost: once more, by the long way
                with self.reader.connect() as connection:
                    return connection.exec_driver_sql(sql).scalar()

    def _read_from_driver(self, sql: str) -> Any:
        with closing(self.engine.raw_connection()) as pooled:
            try:
                return _read_value(pooled.dbapi_connection, sql)
            except self._driver_error:
                pooled.invalidate()
                raise

    @property
    def _driver_error(self) -> type[Exception]:
        assert self.engine.dialect.dbapi is not None
        error: type[Exception] = self.engine.dialect.dbapi.Error
        return error

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _read_value(connection: Any, sql: str) -> Any:
    commits_alone = getattr(connection, "autocommit", None)
    if commits_alone is False:  # psycopg: a flag of the client; it saves BEGIN and ROLLBACK on the way
        connection.autocommit = True
    try:
        cursor = connection.cursor()
        try:
            cursor.execute(sql)
            row = cursor.fetchone()
        finally:
            cursor.close()
    finally:
        if commits_alone is False:
            connection.autocommit = False
    return None if row is None else row[0]


@contextmanager
def translated() -> Iterator[None]:
    """Turn what passes by itself into `DatabaseUnavailableError`: a lost connection, a deadlock, a lock held too long."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if _is_busy(error):
            raise DatabaseUnavailableError(
                f"The database is busy, and nothing was changed. Try again: {error.orig}"
            ) from error
        if error.connection_invalidated or _is_lost(error):
            raise DatabaseUnavailableError(f"The database does not answer: {error.orig}") from error
        raise


def _is_lost(error: DBAPIError) -> bool:
    text = str(error.orig).lower()
    return any(word in text for word in ("connect", "unable to open", "locked", "server closed", "gone away"))


_BUSY = frozenset({"40001", "40P01", "55P03", 1020, 1205, 1213})
"""Serialization failure, deadlock and lock timeout: PostgreSQL's states, MariaDB's numbers."""


def _is_busy(error: DBAPIError) -> bool:
    numbers = getattr(error.orig, "args", ())[:1]
    return not _BUSY.isdisjoint((getattr(error.orig, "sqlstate", None), *numbers))


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


_JSON: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": orjson.loads}
_POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 20, "pool_timeout": 5}
_MARIADB: dict[str, Any] = {
    # As PostgreSQL: who has waited for a row sees what the other wrote. From 11.6 on, REPEATABLE READ refuses.
    "isolation_level": "READ COMMITTED",
    # The server closes what is idle for longer than wait_timeout, which may be set to a minute.
    "pool_recycle": 3600,
    "connect_args": {
        "init_command": "SET sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
        " wait_timeout = 28800"
    },
}


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=20, max_overflow=20, connect_args={"timeout": 15}, **_JSON)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() in ("mysql", "mariadb"):
        return create_engine(url.set(drivername="mariadb+pymysql"), **_POOL, **_JSON, **_MARIADB)
    return create_engine(url, **_POOL, **_JSON)


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("shopdb_read"):
        return
    dbapi = connection.connection.dbapi_connection
    if dbapi is not None:
        dbapi.cursor().execute("BEGIN IMMEDIATE")


def column_from(model: Any, name: str) -> Column[Any]:
    """The table column behind a mapped attribute."""
    return model.__table__.c[name]  # type: ignore[no-any-return]  # a table is untyped inside
