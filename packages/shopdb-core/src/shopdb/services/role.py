"""Roles: named sets of permissions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.columns import key_of
from shopdb.errors import InUseError, NotFoundError, PermissionDeniedError, TakenError
from shopdb.models import AuthEpoch, Role, UserRole
from shopdb.resources.declare import Actor
from shopdb.resources.incoming import load
from shopdb.resources.rows import Item
from shopdb.services.account_item import compiled_of, lock_row, read_item, record, touch
from shopdb.services.epoch import bump_auth_epoch
from shopdb.services.permission import check_patterns
from shopdb.services.principal import Principal

OPERATE = ("*.view", "*.check_out", "*.poll", "*.report", "*.read_meter", "*.work")
SEEDS: Mapping[str, tuple[str, Sequence[str]]] = {
    "Viewer": ("Sees everything but accounts, and changes nothing.", ["*.view"]),
    "Operator": (
        "Sees everything but accounts; checks out and in, polls, reports problems, reads meters, does work orders.",
        OPERATE,
    ),
    "Editor": ("Adds and changes everything but accounts; deletes nothing.", [*OPERATE, "*.add", "*.change"]),
    "Manager": ("Does everything but manage accounts.", ["*"]),
}
"""Name -> what it is for, permissions. Administrators need no role."""


def seed_roles(session: Session, *, actor: Actor) -> None:
    """The roles that a new site begins with; those that are there stay as they are."""
    taken = set(session.connection().execute(select(Role.name_key)).scalars())
    for name, (notes, permissions) in SEEDS.items():
        if key_of(name) not in taken:
            values = {"name": name, "notes": notes, "permissions": list(permissions)}
            create_role(session, values, actor=actor)
    if session.connection().execute(select(AuthEpoch.id)).first() is None:
        session.connection().execute(insert(AuthEpoch).values(id=1, value=1))


def list_roles(session: Session) -> list[Item]:
    """Every role, by name."""
    ids = session.connection().execute(select(Role.id).order_by(Role.name_key)).scalars().all()
    return [read_item(session, "roles", role_id) for role_id in ids]


def get_role_id(session: Session, name: str) -> int:
    """The id of the role of that name, in whatever case it is written.

    Raises:
        NotFoundError: there is none.
    """
    found = session.connection().execute(select(Role.id).where(Role.name_key == key_of(name))).scalar()
    if found is None:
        known = session.connection().execute(select(Role.name).order_by(Role.name_key)).scalars()
        raise NotFoundError(f"There is no role {name!r}. There are: {', '.join(known) or 'none'}")
    return int(found)


def create_role(
    session: Session, values: Mapping[str, Any], *, actor: Actor, known: Collection[str] | None = None
) -> Item:
    """Make a role.

    Args:
        values: ``name``, ``permissions``, and perhaps ``notes``.
        known: Every permission there is, see `shopdb.services.permission.check_patterns`.

    Raises:
        InvalidError: a value is wrong, missing or unknown.
        TakenError: another role has the name.
    """
    clean = _checked(values, partial=False, known=known)
    now = clock.now()
    role = Role(**clean, name_key=key_of(clean["name"]), version=1, created_at=now, updated_at=now)
    session.add(role)
    _flush_names(session, clean["name"])
    item = read_item(session, "roles", role.id)
    record(session, "roles", role.id, before=None, after=item, actor=actor)
    return item


def update_role(
    session: Session,
    role_id: int,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    known: Collection[str] | None = None,
    version: int | None = None,
) -> Item:
    """Change a role; whoever has it has the new permissions at the next request.

    Raises:
        NotFoundError: there is no such role.
        StaleVersionError: it has changed since.
        InvalidError: a value is wrong or unknown.
        TakenError: another role has the name.
    """
    role = lock_row(session, Role, role_id, version)
    before = read_item(session, "roles", role_id)
    kept = None if known is None else {*known, *before["permissions"]}
    clean = _checked(changes, partial=True, known=kept)
    if all(before[name] == value for name, value in clean.items()):
        return before
    for name, value in clean.items():
        setattr(role, name, value)
    role.name_key = key_of(role.name)
    touch(role)
    _flush_names(session, role.name)
    bump_auth_epoch(session)
    after = read_item(session, "roles", role_id)
    record(session, "roles", role_id, before=before, after=after, actor=actor)
    return after


def check_may_grant(
    principal: Principal, values: Mapping[str, Any], *, role: Mapping[str, Any] | None = None
) -> None:
    """Refuse permissions that the person who puts them into a role does not have: it may be his own role.

    Args:
        role: The role as it is; what it grants already may stay.

    Raises:
        PermissionDeniedError: names the first one.
    """
    given = values.get("permissions")
    if principal.is_admin or not isinstance(given, list):
        return
    kept = set(role["permissions"]) if role is not None else set()
    for pattern in given:
        if not isinstance(pattern, str) or pattern in kept | principal.permissions:
            continue
        if "*" in pattern or not principal.may(pattern):
            raise PermissionDeniedError(
                f"You lack {pattern[:60]!r} yourself: only an administrator may put it into a role."
            )


def delete_role(session: Session, role_id: int, *, actor: Actor, version: int | None = None) -> None:
    """Delete a role that nobody has.

    Raises:
        NotFoundError: there is no such role.
        StaleVersionError: it has changed since.
        InUseError: users have it.
    """
    role = lock_row(session, Role, role_id, version)
    before = read_item(session, "roles", role_id)
    holders = select(func.count()).select_from(UserRole).where(UserRole.role_id == role_id)
    number = session.connection().execute(holders).scalar_one()
    if number:
        raise InUseError(f"{role.name!r} is still the role of {number} users: take it from them first.")
    session.connection().execute(delete(Role).where(Role.id == role_id))
    session.expunge(role)
    bump_auth_epoch(session)
    record(session, "roles", role_id, before=before, after=None, actor=actor)


def _checked(values: Mapping[str, Any], *, partial: bool, known: Collection[str] | None) -> dict[str, Any]:
    rest = dict(values)
    permissions = rest.pop("permissions", None if partial and "permissions" not in rest else [])
    clean = load(compiled_of("roles"), rest, partial=partial)
    if permissions is not None or "permissions" in values:
        clean["permissions"] = check_patterns(permissions, known=known)
    return clean


def _flush_names(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        text = f"Another role is called {name!r} already, in upper or lower case."
        raise TakenError(text, errors={"name": [text]}) from error
