"""Who is asking, and what they may do; remembered by each process for as long as nobody's rights change."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.db import Database
from shopdb.errors import NotSignedInError
from shopdb.models import ApiToken, RevokedSignIn, Role, User, UserRole
from shopdb.plugins.values import Viewer
from shopdb.resources.declare import Actor
from shopdb.services.epoch import read_auth_epoch
from shopdb.services.permission import is_granted

REMEMBERED = 4096
LEEWAY = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """A signed-in user, as the rest of ShopDB sees one.

    Args:
        permissions: Patterns and exact names, from all roles.
        read_only: The credentials are a token that changes nothing.
        token_id: The API token that it came with, or None for a sign-in.
        jti: The sign-in that it came with, or None for a token.
        expires_at: When these credentials end.
    """

    user_id: int
    username: str
    is_admin: bool = False
    permissions: frozenset[str] = frozenset()
    display_name: str | None = None
    read_only: bool = False
    token_id: int | None = None
    jti: str | None = None
    expires_at: datetime | None = None
    _known: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    def may(self, permission: str) -> bool:
        """Whether the user has a permission. An administrator has all."""
        if self.is_admin:
            return True
        answer = self._known.get(permission)
        if answer is None:
            answer = self._known[permission] = is_granted(self.permissions, permission)
        return answer

    def actor(self, source: str) -> Actor:
        """The user as the change record names one; see `Actor` for ``source``."""
        return Actor(name=self.username, user_id=self.user_id, source=source)

    def as_viewer(self) -> Viewer:
        """The user as plugins see one who looks at a page."""
        return Viewer(user_id=self.user_id, name=self.display_name or self.username, may=self.may)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a JWT or a session cookie says: who signed in, under which session key, until when."""

    user_id: int
    key_hash: str
    jti: str
    expires_at: datetime


def hash_session_key(session_key: str) -> str:
    """The form of a user's session key that leaves the database."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def hash_credential(text: str) -> str:
    """The form in which a token is stored and remembered."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find_principal_of_sign_in(session: Session, sign_in: SignIn) -> Principal | None:
    """The user of a sign-in that still holds."""
    revoked = exists().where(RevokedSignIn.jti == sign_in.jti)
    statement = select(User.username, User.display_name, User.is_admin, User.session_key).where(
        User.id == sign_in.user_id, User.is_active, ~revoked
    )
    row = session.connection().execute(statement).first()
    if row is None or hash_session_key(row.session_key) != sign_in.key_hash:
        return None
    return Principal(
        user_id=sign_in.user_id,
        username=row.username,
        display_name=row.display_name,
        is_admin=row.is_admin,
        permissions=_permissions_of(session, sign_in.user_id),
        jti=sign_in.jti,
        expires_at=sign_in.expires_at,
    )


def find_principal_of_user(session: Session, user_id: int) -> Principal | None:
    """A user with the rights they have now, whoever asks; None where there is none, or it is switched off."""
    statement = select(User.username, User.display_name, User.is_admin).where(
        User.id == user_id, User.is_active
    )
    row = session.connection().execute(statement).first()
    if row is None:
        return None
    return Principal(
        user_id=user_id,
        username=row.username,
        display_name=row.display_name,
        is_admin=row.is_admin,
        permissions=_permissions_of(session, user_id),
    )


def find_principal_of_token(session: Session, token_hash: str) -> Principal | None:
    """The user of an API token that still holds."""
    statement = (
        select(ApiToken.id, ApiToken.read_only, ApiToken.expires_at, ApiToken.user_id)
        .add_columns(User.username, User.display_name, User.is_admin)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None), User.is_active)
    )
    row = session.connection().execute(statement).first()
    if row is None:
        return None
    return Principal(
        user_id=row.user_id,
        username=row.username,
        display_name=row.display_name,
        is_admin=row.is_admin,
        permissions=_permissions_of(session, row.user_id),
        read_only=row.read_only,
        token_id=row.id,
        expires_at=row.expires_at,
    )


def _permissions_of(session: Session, user_id: int) -> frozenset[str]:
    statement = (
        select(Role.permissions)
        .join(UserRole, UserRole.role_id == Role.id)
        .where(UserRole.user_id == user_id)
    )
    lists = session.connection().execute(statement).scalars()
    return frozenset(permission for each in lists for permission in each)


class PrincipalCache:
    """The principals of one process, each remembered under the epoch that was read before it was.

    A request costs one statement, the epoch, for credentials that are remembered. A change of rights
    grows the epoch in its own transaction, so the next request of any process reads the rights anew.
    """

    def __init__(self, database: Database, *, size: int = REMEMBERED):
        self._database = database
        self._size = size
        self._kept: OrderedDict[Hashable, tuple[int, Principal]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, find: Callable[[Session], Principal | None]) -> Principal:
        """The principal of some credentials.

        Args:
            key: Tells these credentials from all others; holds no secret in clear.
            find: Looks the principal up; called when none is remembered.

        Raises:
            NotSignedInError: the credentials don't hold, or no longer.
        """
        epoch = read_auth_epoch(self._database)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        if kept is not None and kept[0] == epoch:
            return _unexpired(kept[1])
        with self._database.read() as session:
            found = find(session)
        if found is None:
            raise NotSignedInError("These credentials are not valid, or not any more: sign in again.")
        with self._lock:
            self._kept[key] = (epoch, found)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return _unexpired(found)


def _unexpired(principal: Principal) -> Principal:
    leeway = LEEWAY if principal.token_id is None else timedelta(0)
    if principal.expires_at is not None and principal.expires_at + leeway <= clock.now():
        raise NotSignedInError("These credentials have expired: sign in again.")
    return principal
