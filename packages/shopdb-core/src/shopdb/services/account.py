"""The accounts of people and scripts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.columns import key_of
from shopdb.errors import ConflictError, InvalidError, NotFoundError, PermissionDeniedError, TakenError
from shopdb.models import ApiToken, Role, User, UserRole
from shopdb.resources.declare import Actor
from shopdb.resources.incoming import load
from shopdb.resources.rows import Item
from shopdb.services.account_item import compiled_of, lock_row, read_item, record, touch
from shopdb.services.epoch import bump_auth_epoch
from shopdb.services.password import check_new_password, hash_password
from shopdb.services.principal import Principal
from shopdb.services.username import check_username, key_of_username

MAX_ROLES = 100


def find_user_id(session: Session, username: str) -> int | None:
    """The id of the user of that name, in whatever case it is written."""
    key = key_of_username(username)
    return session.connection().execute(select(User.id).where(User.username_key == key)).scalar()


def get_user_id(session: Session, username: str) -> int:
    """The id of the user of that name.

    Raises:
        NotFoundError: there is none.
    """
    user_id = find_user_id(session, username)
    if user_id is None:
        raise NotFoundError(f"There is no user {username!r}. List them with: shopdb user list")
    return user_id


def get_user(session: Session, user_id: int) -> Item:
    """One user with roles.

    Raises:
        NotFoundError: there is none of that id.
    """
    return read_item(session, "users", user_id)


def list_users(session: Session) -> list[Item]:
    """Every user with roles, by name."""
    ids = session.connection().execute(select(User.id).order_by(User.username_key)).scalars().all()
    return [read_item(session, "users", user_id) for user_id in ids]


def create_user(session: Session, values: Mapping[str, Any], *, actor: Actor) -> Item:
    """Make an account.

    Args:
        values: ``username`` and any of ``password``, ``display_name``, ``email``, ``is_active``,
            ``is_admin``, ``roles`` (ids). Without a password nobody signs in with it; its tokens work.

    Raises:
        InvalidError: a value is wrong, missing or unknown.
        TakenError: another user has the name.
    """
    clean, password, roles = _taken_apart(values, partial=False)
    check_username(clean["username"])
    if password is not None:
        check_new_password(password, username=clean["username"])
    now = clock.now()
    user = User(
        **{"is_active": True, "is_admin": False} | clean,
        username_key=key_of(clean["username"]),
        password_hash=None if password is None else hash_password(password),
        session_key=new_session_key(),
        version=1,
        created_at=now,
        updated_at=now,
    )
    session.add(user)
    _flush_names(session, clean["username"])
    _set_roles(session, user.id, roles or [])
    bump_auth_epoch(session)
    item = read_item(session, "users", user.id)
    record(session, "users", user.id, before=None, after=item, actor=actor)
    return item


def update_user(
    session: Session, user_id: int, changes: Mapping[str, Any], *, actor: Actor, version: int | None = None
) -> Item:
    """Change an account. A new password or a disabled account ends every sign-in of the user.

    Args:
        changes: As for `create_user`; what is not named stays.
        version: The version that the caller read; None means any.

    Raises:
        NotFoundError: there is no such user.
        StaleVersionError: it has changed since.
        InvalidError: a value is wrong or unknown.
        TakenError: another user has the name.
        ConflictError: nobody who may do everything would be left.
    """
    user = lock_row(session, User, user_id, version)
    before = read_item(session, "users", user_id)
    clean, password, roles = _taken_apart(changes, partial=True)
    if "username" in clean and clean["username"] != user.username:
        check_username(clean["username"])
        user.username_key = key_of(clean["username"])
    if (
        user.is_admin
        and user.is_active
        and not (clean.get("is_admin", True) and clean.get("is_active", True))
    ):
        _refuse_without_admin(session, user)
    for name, value in clean.items():
        setattr(user, name, value)
    secret_fields = []
    if password is not None:
        _change_password(session, user, password)
        secret_fields.append("password")
    elif before["is_active"] and not user.is_active:
        user.session_key = new_session_key()
    _flush_names(session, user.username)
    if roles is not None:
        _set_roles(session, user_id, roles)
    after = read_item(session, "users", user_id)
    if after == before and not secret_fields:
        return before
    touch(user)
    bump_auth_epoch(session)
    after = read_item(session, "users", user_id)
    record(session, "users", user_id, before=before, after=after, actor=actor, fields=secret_fields)
    return after


def delete_user(session: Session, user_id: int, *, actor: Actor, version: int | None = None) -> None:
    """Delete an account and its tokens. What the user did stays recorded under the name.

    Raises:
        NotFoundError: there is no such user.
        StaleVersionError: it has changed since.
        ConflictError: nobody who may do everything would be left.
    """
    user = lock_row(session, User, user_id, version)
    if user.is_admin and user.is_active:
        _refuse_without_admin(session, user)
    before = read_item(session, "users", user_id)
    session.connection().execute(delete(User).where(User.id == user_id))
    session.expunge(user)
    bump_auth_epoch(session)
    record(session, "users", user_id, before=before, after=None, actor=actor)


def sign_out_everywhere(session: Session, user_id: int, *, actor: Actor) -> None:
    """End every sign-in of a user, in pages and in the API; API tokens stay."""
    user = lock_row(session, User, user_id, None)
    before = read_item(session, "users", user_id)
    user.session_key = new_session_key()
    touch(user)
    bump_auth_epoch(session)
    after = read_item(session, "users", user_id)
    record(session, "users", user_id, before=before, after=after, actor=actor, fields=["sign_ins"])


def check_may_change(principal: Principal, changes: Mapping[str, Any], *, user: Item | None = None) -> None:
    """Refuse changes of accounts by which someone would gain what only administrators have.

    Raises:
        PermissionDeniedError: with what would be needed.
    """
    if principal.is_admin:
        return
    if user is not None and (user["is_admin"] or user["id"] != principal.user_id and user["roles"]):
        raise PermissionDeniedError("Only an administrator may change an account that has roles of its own.")
    if {"is_admin", "roles"} & set(changes):
        raise PermissionDeniedError("Only an administrator may give roles or make someone administrator.")


def new_session_key() -> str:
    """A key that no sign-in carries yet."""
    return secrets.token_hex(32)


def _taken_apart(
    values: Mapping[str, Any], *, partial: bool
) -> tuple[dict[str, Any], str | None, list[int] | None]:
    """Checked columns; the password and the roles, each None when not given."""
    rest = dict(values)
    password, roles = rest.pop("password", None), rest.pop("roles", None)
    clean = load(compiled_of("users"), rest, partial=partial)
    if not isinstance(password, str) and ("password" in values and (partial or password is not None)):
        raise InvalidError("password: Expected text.", errors={"password": ["Expected text."]})
    if "roles" in values and not _is_id_list(roles):
        text = f"Expected a list of at most {MAX_ROLES} ids of roles."
        raise InvalidError(f"roles: {text}", errors={"roles": [text]})
    return clean, password, roles


def _is_id_list(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_ROLES
        and all(isinstance(v, int) and not isinstance(v, bool) and 0 < v < 2**31 for v in value)
    )


def _flush_names(session: Session, username: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        text = f"Another user is called {username!r} already, in upper or lower case."
        raise TakenError(text, errors={"username": [text]}) from error


def _set_roles(session: Session, user_id: int, roles: Sequence[int]) -> None:
    wanted = set(roles)
    connection = session.connection()
    known = set(connection.execute(select(Role.id).where(Role.id.in_(wanted))).scalars())
    if wanted - known:
        text = f"There is no role {min(wanted - known)}."
        raise InvalidError(f"roles: {text}", errors={"roles": [text]})
    connection.execute(delete(UserRole).where(UserRole.user_id == user_id))
    if wanted:
        connection.execute(insert(UserRole), [{"user_id": user_id, "role_id": r} for r in sorted(wanted)])


def _change_password(session: Session, user: User, password: str) -> None:
    check_new_password(password, username=user.username)
    user.password_hash = hash_password(password)
    user.session_key = new_session_key()
    live = update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    now = clock.now()
    session.connection().execute(live.values(revoked_at=now, updated_at=now, version=ApiToken.version + 1))


def _refuse_without_admin(session: Session, user: User) -> None:
    admins = select(User.id).where(User.is_admin, User.is_active).order_by(User.id).with_for_update()
    if set(session.connection().execute(admins).scalars()) <= {user.id}:
        raise ConflictError(
            f"{user.username!r} is the last active administrator: make someone else administrator first."
        )
