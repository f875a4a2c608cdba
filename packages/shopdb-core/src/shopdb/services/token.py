"""API tokens: what scripts sign in with. The secret is shown once; its hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.errors import ConflictError, InvalidError
from shopdb.models import ApiToken, User
from shopdb.resources.declare import Actor
from shopdb.resources.incoming import load
from shopdb.resources.rows import Item
from shopdb.resources.values import parse_datetime
from shopdb.services.account_item import compiled_of, lock_row, read_item, record, touch
from shopdb.services.epoch import bump_auth_epoch
from shopdb.services.principal import hash_credential

PREFIX = "sdb_"
HINT_LENGTH = 8
MAX_LIVE = 100
USED_EVERY = timedelta(minutes=1)


def list_tokens(session: Session, *, user_id: int | None = None) -> list[Item]:
    """Tokens, of one user or of all, newest first."""
    statement = select(ApiToken.id).order_by(ApiToken.id.desc())
    if user_id is not None:
        statement = statement.where(ApiToken.user_id == user_id)
    ids = session.connection().execute(statement).scalars().all()
    return [read_item(session, "tokens", token_id) for token_id in ids]


def create_token(
    session: Session,
    user_id: int,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    not_after: datetime | None = None,
) -> tuple[Item, str]:
    """Make a token.

    Args:
        values: ``name``, and perhaps ``read_only`` and ``expires_at`` (a time, or text with a zone).
        not_after: The end of the credentials that ask for it, where they are a token too: a token never
            outlives the one that made it.

    Returns:
        The token as an item, and its secret, which is nowhere afterwards.

    Raises:
        InvalidError: a value is wrong, missing or unknown.
        ConflictError: the user is disabled, or has very many tokens.
    """
    rest = dict(values)
    read_only, expiry = rest.pop("read_only", False), rest.pop("expires_at", None)
    clean = load(compiled_of("tokens"), rest, partial=False)
    if not isinstance(read_only, bool):
        raise _wrong("read_only", "Expected true or false.")
    expires_at = _expiry(expiry, not_after)
    _refuse_user(session, user_id)
    secret = PREFIX + secrets.token_urlsafe(32)
    now = clock.now()
    token = ApiToken(
        **clean,
        user_id=user_id,
        hint=secret[:HINT_LENGTH],
        read_only=read_only,
        expires_at=expires_at,
        token_hash=hash_credential(secret),
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(token)
    session.flush()
    item = read_item(session, "tokens", token.id)
    record(session, "tokens", token.id, before=None, after=item, actor=actor)
    return item, secret


def rename_token(
    session: Session, token_id: int, changes: Mapping[str, Any], *, actor: Actor, version: int | None = None
) -> Item:
    """Change the name of a token; nothing else of it ever changes.

    Raises:
        NotFoundError: there is no such token.
        StaleVersionError: it has changed since.
        InvalidError: a value is wrong or can't be set.
    """
    token = lock_row(session, ApiToken, token_id, version)
    before = read_item(session, "tokens", token_id)
    clean = load(compiled_of("tokens"), changes, partial=True)
    if clean.get("name", token.name) == token.name:
        return before
    token.name = clean["name"]
    touch(token)
    after = read_item(session, "tokens", token_id)
    record(session, "tokens", token_id, before=before, after=after, actor=actor)
    return after


def revoke_token(session: Session, token_id: int, *, actor: Actor) -> Item:
    """End a token and keep it in the list. One that was revoked before stays as it was.

    Raises:
        NotFoundError: there is no such token.
    """
    token = lock_row(session, ApiToken, token_id, None)
    before = read_item(session, "tokens", token_id)
    if token.revoked_at is not None:
        return before
    token.revoked_at = clock.now()
    touch(token)
    bump_auth_epoch(session)
    after = read_item(session, "tokens", token_id)
    record(session, "tokens", token_id, before=before, after=after, actor=actor)
    return after


def delete_token(session: Session, token_id: int, *, actor: Actor, version: int | None = None) -> None:
    """End a token and forget it.

    Raises:
        NotFoundError: there is no such token.
        StaleVersionError: it has changed since.
    """
    token = lock_row(session, ApiToken, token_id, version)
    before = read_item(session, "tokens", token_id)
    session.delete(token)
    session.flush()
    bump_auth_epoch(session)
    record(session, "tokens", token_id, before=before, after=None, actor=actor)


def note_use(session: Session, token_id: int) -> None:
    """Keep when a token was last used, to the minute."""
    now = clock.now()
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < now - USED_EVERY)
    used = update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=now)
    session.connection().execute(used)


def _expiry(value: object, not_after: datetime | None) -> datetime | None:
    if isinstance(value, str):
        try:
            value = parse_datetime(value)
        except (ValueError, OverflowError) as error:
            raise _wrong("expires_at", str(error)) from None
    if value is None:
        return not_after
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _wrong("expires_at", "Expected a time as 2027-03-31T14:00:00Z.")
    if value <= clock.now():
        raise _wrong("expires_at", f"{value.isoformat()} has passed: choose a later time.")
    return value if not_after is None else min(value, not_after)


def _refuse_user(session: Session, user_id: int) -> None:
    user = session.get(User, user_id)
    if user is None:
        raise _wrong("user", f"There is no user {user_id}.")
    if not user.is_active:
        raise ConflictError(f"{user.username!r} is disabled; a token for it would not work: enable it first.")
    live = select(ApiToken.id).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    if len(session.connection().execute(live.limit(MAX_LIVE)).all()) == MAX_LIVE:
        raise ConflictError(f"{user.username!r} has {MAX_LIVE} live tokens: revoke those that nothing uses.")


def _wrong(field: str, text: str) -> InvalidError:
    return InvalidError(f"{field}: {text}", errors={field: [text]})
