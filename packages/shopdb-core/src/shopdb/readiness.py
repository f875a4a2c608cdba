"""Whether the site may be used: the database answers, and core's schema is the code's."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from shopdb.errors import DatabaseUnavailableError, MigrationError

if TYPE_CHECKING:
    from flask import Flask

    from shopdb.db import Database

RECHECK_S = 2.0
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Readiness:
    """Judges the database of one process. A sound schema is looked at once, an unsound one again and again.

    So ``shopdb db upgrade`` brings a running site back without a restart.
    """

    def __init__(self, database: Database):
        self._database = database
        self._lock = threading.Lock()
        self._problem: str | None = None
        self._judged_at: float | None = None

    def find_schema_problem(self) -> str | None:
        """Why core may not write, with the command to run; None where it may.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        if self._judged_at is not None and self._problem is None:
            return None
        with self._lock:
            now = time.monotonic()
            if self._judged_at is None or (self._problem is not None and now - self._judged_at > RECHECK_S):
                self._problem = judge_core_schema(self._database)
                self._judged_at = now
            return self._problem

    def ping(self) -> str | None:
        """Why the database is of no use now; None where it answers."""
        try:
            with self._database.read() as session:
                session.connection().exec_driver_sql("SELECT 1")
        except DatabaseUnavailableError as error:
            return str(error)
        return None


def judge_core_schema(database: Database) -> str | None:
    """Why core's code can't work with the schema, with the remedy; None where it can."""
    from shopdb.migrations import core_package, states

    state = states(database, [core_package()])["core"]
    if state.is_current:
        return None
    if state.problem is not None:
        return state.problem
    stands = f"at {state.current!r}" if state.current else "empty"
    return f"The database is {stands}, and this release needs {state.head!r}. Run: shopdb db upgrade"


def install(app: Flask) -> Readiness:
    """Answer writes with 503 while core's schema is not the code's."""
    readiness = Readiness(app.extensions["shopdb"].database)
    app.extensions["shopdb_readiness"] = readiness

    def refuse_writes() -> Any:
        from flask import request

        if request.method not in READING:
            problem = readiness.find_schema_problem()
            if problem is not None:
                raise MigrationError(problem)

    app.before_request_funcs.setdefault(None, []).insert(0, refuse_writes)
    return readiness
