"""Signing in with a password, and out again.

`check_password` takes the database and not a session: comparing a password takes tens of milliseconds, and
no transaction waits for it.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.db import Database
from shopdb.errors import NotSignedInError, TooManyRequestsError
from shopdb.models import FailedSignIn, RevokedSignIn, User
from shopdb.services.epoch import bump_auth_epoch
from shopdb.services.password import hash_password, is_password, needs_rehash
from shopdb.services.principal import hash_session_key
from shopdb.services.username import key_of_username

WRONG = "The username or the password is wrong, or the account is disabled."
REMEMBERED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within so long are answered; the next one is refused unlooked-at."""

    failures: int
    within: timedelta


ACCOUNT_LIMITS = (Limit(19, timedelta(seconds=10)), Limit(300, REMEMBERED))
ADDRESS_LIMITS = (Limit(19, timedelta(seconds=10)), Limit(1200, REMEMBERED))


@dataclass(frozen=True, slots=True)
class Checked:
    """A user whose password was right."""

    user_id: int
    key_hash: str


def check_password(database: Database, username: str, password: str, *, address: str | None) -> Checked:
    """The user of that name and password.

    An unknown user costs as much time as a known one and fails in the same words. Only failures are
    counted, by account and by address, across all processes.

    Args:
        address: Where the request came from.

    Raises:
        NotSignedInError: username or password are wrong, or the account is disabled.
        TooManyRequestsError: too many sign-ins to the account, or from the address, failed lately.
    """
    subjects = {_account(username): ACCOUNT_LIMITS, _address(address): ADDRESS_LIMITS}
    with database.read() as session:
        _refuse_when_limited(session, subjects)
        user = _find_user(session, username)
    right = is_password(user.password_hash if user is not None else None, password)
    if user is None or not right or not user.is_active:
        with database.write() as session:
            _note_failure(session, list(subjects))
        raise NotSignedInError(WRONG)
    with database.write() as session:
        _note_success(session, user, _account(username), password)
    return Checked(user.id, hash_session_key(user.session_key))


def revoke_sign_in(session: Session, jti: str, expires_at: datetime) -> None:
    """End one sign-in; its token or cookie opens nothing from the next request on."""
    connection = session.connection()
    if connection.execute(select(RevokedSignIn.jti).where(RevokedSignIn.jti == jti)).first() is None:
        connection.execute(
            insert(RevokedSignIn).values(jti=jti, expires_at=expires_at + timedelta(minutes=1))
        )
    bump_auth_epoch(session)


def prune_sign_ins(session: Session) -> int:
    """Forget revoked sign-ins that have expired, and failures that no longer count.

    Returns:
        How many rows went.
    """
    now, connection = clock.now(), session.connection()
    gone = connection.execute(delete(RevokedSignIn).where(RevokedSignIn.expires_at < now)).rowcount
    old = delete(FailedSignIn).where(FailedSignIn.at < now - REMEMBERED)
    return gone + connection.execute(old).rowcount


def hash_of_session_key(session: Session, user_id: int) -> str:
    """What a new sign-in of the user carries."""
    statement = select(User.session_key).where(User.id == user_id)
    return hash_session_key(session.connection().execute(statement).scalar_one())


def _find_user(session: Session, username: str) -> User | None:
    key = key_of_username(username)
    user: User | None = session.scalars(select(User).where(User.username_key == key)).first()
    if user is not None:
        session.expunge(user)
    return user


def _account(username: str) -> str:
    return _subject("account", key_of_username(username) or username)


def _address(address: str | None) -> str:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return _subject("address", address or "")
    if parsed.version == 6:  # one host has as many addresses as it likes within its /64
        return _subject("address", str(ipaddress.ip_network((parsed, 64), strict=False)))
    return _subject("address", str(parsed))


def _subject(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _refuse_when_limited(session: Session, subjects: Mapping[str, tuple[Limit, ...]]) -> None:
    asked = [(subject, limit) for subject, limits in subjects.items() for limit in limits]
    columns = [
        select(FailedSignIn.at)
        .where(FailedSignIn.subject == subject)
        .order_by(FailedSignIn.at.desc())
        .offset(limit.failures - 1)
        .limit(1)
        .scalar_subquery()
        .label(f"limit_{number}")
        for number, (subject, limit) in enumerate(asked)
    ]
    oldest = session.connection().execute(select(*columns)).one()
    now = clock.now()
    waits = [
        at + limit.within - now
        for at, (_, limit) in zip(oldest, asked, strict=True)
        if at is not None and at + limit.within > now
    ]
    if waits:
        seconds = int(max(waits).total_seconds()) + 1
        raise TooManyRequestsError(
            f"Too many sign-ins failed lately: try again in {seconds} s.", retry_after_s=seconds
        )


def _note_failure(session: Session, subjects: list[str]) -> None:
    now, connection = clock.now(), session.connection()
    connection.execute(delete(FailedSignIn).where(FailedSignIn.at < now - REMEMBERED))
    connection.execute(insert(FailedSignIn), [{"subject": subject, "at": now} for subject in subjects])


def _note_success(session: Session, user: User, subject: str, password: str) -> None:
    connection = session.connection()
    connection.execute(delete(FailedSignIn).where(FailedSignIn.subject == subject))
    values: dict[str, object] = {"last_sign_in_at": clock.now()}
    if user.password_hash is not None and needs_rehash(user.password_hash):
        values["password_hash"] = hash_password(password)
    unchanged = (User.id == user.id, User.session_key == user.session_key)
    connection.execute(update(User).where(*unchanged).values(values))
