"""One lock for all migrations of a database, freed by the system when its holder dies."""

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from shopdb.errors import MigrationError

_ADVISORY_KEY = int.from_bytes(hashlib.sha256(b"shopdb migrations").digest()[:8], signed=True)
_POLL_INTERVAL_S = 0.1

_in_this_process = threading.Lock()
"""Alembic's ``op`` is one for the whole process, whatever the database."""


@contextmanager
def hold_lock(connection: Connection, timeout_s: float) -> Iterator[None]:
    """Hold the migration lock of the database behind ``connection``.

    PostgreSQL and MariaDB tie it to the connection; SQLite has a lock file beside the database.

    Raises:
        MigrationError: another process still held it after ``timeout_s``.
    """
    deadline = time.monotonic() + timeout_s
    with ExitStack() as stack:
        if not _in_this_process.acquire(timeout=max(timeout_s, 0)):
            raise _taken(timeout_s)
        stack.callback(_in_this_process.release)
        if not _keep_trying(_make_attempt(connection, stack), deadline):
            raise _taken(timeout_s)
        yield


def _make_attempt(connection: Connection, stack: ExitStack) -> Callable[[], bool]:
    if connection.dialect.name == "sqlite":
        return _attempt_file(connection, stack)
    if connection.dialect.name == "postgresql":
        # Tried again and again rather than waited for: a waiting statement holds a snapshot, and a
        # migration that waits for old snapshots would wait for its own waiters.
        take, free = "SELECT pg_try_advisory_lock(:key)", "SELECT pg_advisory_unlock(:key)"
        return _attempt_statement(connection, stack, take, free, _ADVISORY_KEY)
    name = connection.scalar(text("SELECT DATABASE()"))
    key = "shopdb " + hashlib.sha256(str(name).encode()).hexdigest()[:40]  # GET_LOCK is server-wide
    take, free = "SELECT GET_LOCK(:key, 0)", "SELECT RELEASE_LOCK(:key)"
    return _attempt_statement(connection, stack, take, free, key)


def _attempt_statement(
    connection: Connection, stack: ExitStack, take: str, free: str, key: int | str
) -> Callable[[], bool]:
    def run(statement: str) -> bool:
        with connection.begin():
            return bool(connection.scalar(text(statement), {"key": key}))

    def release() -> None:
        if not (connection.closed or connection.invalidated):
            connection.rollback()
            run(free)

    def attempt() -> bool:
        taken = run(take)
        if taken:
            stack.callback(release)
        return taken

    connection.rollback()
    return attempt


def _attempt_file(connection: Connection, stack: ExitStack) -> Callable[[], bool]:
    database = connection.engine.url.database
    if not database or database == ":memory:" or database.startswith("file:"):
        return lambda: True  # no other process has it
    path = Path(f"{database}.migration-lock")
    # Never unlinked: who deletes a lock file takes it from under the next one's feet.
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise MigrationError(
            f"The lock file {path} can't be opened: {error.strerror}. Let the user that runs ShopDB write there."
        ) from error
    stack.callback(os.close, descriptor)

    def attempt() -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    return attempt


def _keep_trying(attempt: Callable[[], bool], deadline: float) -> bool:
    while not attempt():
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            return False
        time.sleep(min(_POLL_INTERVAL_S, left_s))
    return True


def _taken(timeout_s: float) -> MigrationError:
    return MigrationError(
        f"Another process is migrating this database, and still was after {timeout_s:g} s. "
        f"Let it end, then run `shopdb db upgrade` again, or wait longer with --lock-timeout."
    )
