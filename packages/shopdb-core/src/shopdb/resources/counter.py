"""Running numbers: asset tags for what came without one."""

from __future__ import annotations

import re

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from shopdb.columns import key_of
from shopdb.models import Counter

ASSET_TAG = "asset_tag"
PREFIX = "A-"
DIGITS = 5
_COUNTED = re.compile(r"a-(\d{5,9})")


def next_asset_tag(session: Session) -> str:
    """The next tag, ``A-00001`` and on. `note_asset_tag` keeps it clear of those typed by hand."""
    return f"{PREFIX}{_next(session, ASSET_TAG):0{DIGITS}d}"


def note_asset_tag(session: Session, tag: str) -> None:
    """Move the counter past a tag that someone typed by hand, where it is one of the counter's own."""
    match = _COUNTED.fullmatch(key_of(tag) or "")
    if match is None:
        return
    number = int(match[1])
    connection = session.connection()
    moved = update(Counter).where(Counter.name == ASSET_TAG, Counter.value < number).values(value=number)
    if connection.execute(moved).rowcount == 0 and session.get(Counter, ASSET_TAG) is None:
        connection.execute(insert(Counter).values(name=ASSET_TAG, value=number))


def _next(session: Session, name: str) -> int:
    connection = session.connection()
    if connection.dialect.name in ("mysql", "mariadb"):
        statement = text("UPDATE counters SET value = LAST_INSERT_ID(value + 1) WHERE name = :name")
        done = connection.execute(statement, {"name": name})
        if done.rowcount:
            return int(done.lastrowid)
    else:
        bumped = update(Counter).where(Counter.name == name).values(value=Counter.value + 1)
        value = connection.execute(bumped.returning(Counter.value)).scalar()
        if value is not None:
            return int(value)
    connection.execute(insert(Counter).values(name=name, value=1))
    return 1
