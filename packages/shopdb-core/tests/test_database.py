"""The database on each engine: the same answers, and errors that pass by themselves told as such."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import BigInteger, insert, select, text
from sqlalchemy.exc import IntegrityError

from shopdb.db import Database, ItemRow, Str, Text, UtcDateTime, field, model_base
from shopdb.errors import DatabaseUnavailableError

Base = model_base("scales")
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


class Note(ItemRow, Base):
    """One row of each type."""

    __tablename__ = "scales_note"
    word = field(Str(40), index=True)
    body = field(Text())
    at = field(UtcDateTime)
    size_bytes = field(BigInteger())


@pytest.fixture
def notes(database: Database) -> Iterator[Database]:
    """A database with the table."""
    Base.metadata.create_all(database.engine)
    yield database


def add(database: Database, *rows: dict[str, Any]) -> None:
    given = {"version": 1, "created_at": NOW, "updated_at": NOW}
    with database.write() as session:
        for row in rows:
            session.execute(insert(Note).values(**given, **row))


def words(database: Database, *conditions: Any) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Note.word).where(*conditions).order_by(Note.word, Note.id)))


TEXTS = [
    "",
    "A",
    "A ",
    "Z",
    "a",
    "a\t",
    "a ",
    "a\\b",
    "a_b",
    "ß",
    "ä",
    "ｱ",
    "💾",
    "💾 ",
]  # in the order of their bytes


def test_texts_are_kept_told_apart_and_sorted_byte_by_byte(notes: Database) -> None:
    add(notes, *({"word": each, "body": each * 3} for each in reversed(TEXTS)))

    assert words(notes) == sorted(TEXTS, key=str.encode)
    for each in TEXTS:
        assert words(notes, Note.word == each) == [each]
        assert words(notes, Note.body == each * 3) == [each]


def test_like_takes_a_backslash_for_itself(notes: Database) -> None:
    add(notes, {"word": "a\\b"}, {"word": "a%b"}, {"word": "a_b"})

    assert words(notes, Note.word.like("a\\b", escape="/")) == ["a\\b"]
    assert words(notes, Note.word.like("a/%b", escape="/")) == ["a%b"]


def test_times_keep_their_microseconds_and_numbers_their_64_bits(notes: Database) -> None:
    add(
        notes,
        {"at": NOW, "size_bytes": 2**63 - 1},
        {"at": NOW + timedelta(microseconds=1), "size_bytes": -(2**63)},
    )

    with notes.read() as session:
        found = session.execute(select(Note.at, Note.size_bytes).where(Note.at > NOW)).all()
    assert found == [(NOW + timedelta(microseconds=1), -(2**63))]


def test_a_transaction_that_failed_leaves_nothing(notes: Database) -> None:
    with pytest.raises(IntegrityError), notes.write() as session:
        session.execute(insert(Note).values(word="a", version=1, created_at=NOW, updated_at=NOW))
        session.execute(insert(Note).values(word="b", version=None, created_at=NOW, updated_at=NOW))

    assert words(notes) == []


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest, make_database: Callable[..., Database]) -> Database:
    """A database with two rows, on each engine that locks rows."""
    database = make_database(request.param)
    Base.metadata.create_all(database.engine)
    add(database, {"word": "a"}, {"word": "b"})
    return database


def test_a_deadlock_ends_one_of_the_two_and_says_to_try_again(server: Database) -> None:
    both = threading.Barrier(2, timeout=20)
    told: list[str] = []

    def lock(first: int, second: int) -> None:
        try:
            with server.write() as session:
                session.execute(text(f"UPDATE scales_note SET word = 'x' WHERE id = {first}"))
                both.wait()
                session.execute(text(f"UPDATE scales_note SET word = 'y' WHERE id = {second}"))
        except DatabaseUnavailableError as error:
            told.append(str(error))

    threads = [threading.Thread(target=lock, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(told) == 1
    assert told[0].startswith("The database is busy, and nothing was changed. Try again: ")


def test_a_lock_that_is_held_too_long_says_to_try_again(server: Database) -> None:
    setting = {"postgresql": "lock_timeout = '100ms'", "mariadb": "innodb_lock_wait_timeout = 1"}
    with server.write() as holder:
        holder.execute(text("UPDATE scales_note SET word = 'x' WHERE id = 1"))
        with pytest.raises(DatabaseUnavailableError, match="is busy"), server.write() as session:
            session.execute(text(f"SET {setting[server.engine.dialect.name]}"))
            session.execute(text("UPDATE scales_note SET word = 'y' WHERE id = 1"))


def test_who_waited_for_a_row_sees_what_the_other_wrote(server: Database) -> None:
    with server.write() as session:
        assert session.scalar(text("SELECT word FROM scales_note WHERE id = 1")) == "a"
        with server.write() as other:
            other.execute(text("UPDATE scales_note SET word = 'x' WHERE id = 1"))
        assert session.scalar(text("SELECT word FROM scales_note WHERE id = 1")) == "x"
        session.execute(text("UPDATE scales_note SET word = concat(word, '!') WHERE id = 1"))

    assert words(server, Note.id == 1) == ["x!"]


def test_a_connection_that_the_server_ended_is_told_and_replaced(server: Database) -> None:
    end = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}
    own = {"postgresql": "SELECT pg_backend_pid()", "mariadb": "SELECT CONNECTION_ID()"}
    engine = server.engine.dialect.name
    with pytest.raises(DatabaseUnavailableError, match="does not answer"), server.write() as session:
        number = session.scalar(text(own[engine]))
        with server.reader.connect() as other:
            other.exec_driver_sql(end[engine].format(number))
        session.execute(text("UPDATE scales_note SET word = 'x'"))

    assert words(server) == ["a", "b"]


def test_an_error_that_does_not_pass_is_no_matter_of_waiting(server: Database) -> None:
    statement = {"postgresql": "SET lock_timeout = 'nonsense'", "mariadb": "SELECT nonsense FROM scales_note"}
    with pytest.raises(Exception, match="nonsense") as caught, server.write() as session:
        session.execute(text(statement[server.engine.dialect.name]))
    assert not isinstance(caught.value, DatabaseUnavailableError)
