"""The number that every process compares before it trusts what it remembers of people's rights."""

from __future__ import annotations

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from shopdb.db import Database
from shopdb.models import AuthEpoch

_READ = "SELECT value FROM auth_epoch WHERE id = 1"


def read_auth_epoch(database: Database) -> int:
    """The current epoch; read it before the rights that are kept under it."""
    return int(database.read_value(_READ) or 0)


def bump_auth_epoch(session: Session) -> None:
    """Make every process read people's rights anew, once the session's transaction is committed."""
    connection = session.connection()
    grown = update(AuthEpoch).where(AuthEpoch.id == 1).values(value=AuthEpoch.value + 1)
    if connection.execute(grown).rowcount == 0:
        connection.execute(insert(AuthEpoch).values(id=1, value=1))
