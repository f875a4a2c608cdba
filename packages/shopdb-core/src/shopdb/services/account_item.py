"""Users, roles and tokens as items: what is declared of them, how one is read, how a change is recorded.

They are written by `shopdb.services.account`, `role` and `token`, not by the one path of the other
resources: they have secrets, and each change reaches into who may do what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shopdb import clock
from shopdb.errors import NotFoundError, StaleVersionError
from shopdb.models import ApiToken, Role, User, UserRole
from shopdb.resources.change import record_change
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.declare import Actor, Extra, Resource
from shopdb.resources.query import reader_of
from shopdb.resources.registry import Registry
from shopdb.resources.rows import Item

Row = User | Role | ApiToken
CHANGED_MEANWHILE = "You read version {read}, and it is at {current} now: read it again."


def load_roles(session: Session, user_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The roles of users, by user: ``{"roles": [{"id", "name"}]}``, by name."""
    statement = (
        select(UserRole.user_id, Role.id, Role.name)
        .join(Role, Role.id == UserRole.role_id)
        .where(UserRole.user_id.in_(user_ids))
        .order_by(Role.name_key)
    )
    found: dict[int, dict[str, Any]] = {}
    for user_id, role_id, name in session.connection().execute(statement):
        found.setdefault(user_id, {"roles": []})["roles"].append({"id": role_id, "name": name})
    return found


_ROLE_LIST = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    },
}

USERS = Resource(
    name="users",
    title="Users",
    title_one="User",
    model=User,
    label="username",
    default_sort="username",
    writable=False,
    indexed=True,
    extra=Extra(
        load=load_roles, schema={"roles": _ROLE_LIST}, empty={"roles": []}, listed={"roles": "Roles"}
    ),
    icon="user-shield",
    group="admin",
    help="The accounts that can sign in.",
)
ROLES = Resource(
    name="roles",
    title="Roles",
    title_one="Role",
    model=Role,
    default_sort="name",
    writable=False,
    indexed=True,
    icon="lock-access",
    group="admin",
    help="Named sets of permissions that users are given.",
)
TOKENS = Resource(
    name="tokens",
    title="API tokens",
    title_one="API token",
    model=ApiToken,
    default_sort="name",
    writable=False,
    icon="key",
    group="admin",
    help="Tokens for scripts: each acts as the user it belongs to.",
)


@cache
def account_registry() -> Registry:
    """The three resources by themselves, for where no site is started."""
    return Registry([USERS, ROLES, TOKENS])


def compiled_of(name: str) -> CompiledResource:
    """The compiled resource ``users``, ``roles`` or ``tokens``."""
    return account_registry().get(name)


def read_item(session: Session, name: str, item_id: int) -> Item:
    """One user, role or token as callers see it.

    Raises:
        NotFoundError: there is none of that id.
    """
    reader = reader_of(account_registry(), name)
    session.flush()
    row = session.connection().execute(reader.one, {"id": item_id}).first()
    if row is None:
        raise NotFoundError(f"There is no {reader.compiled.declared.title_one} with id {item_id}.")
    item = reader.plan.to_item(row)
    if name == "users":
        item |= load_roles(session, [item_id]).get(item_id, {"roles": []})
    return item


def lock_row(session: Session, model: type[Any], item_id: int, version: int | None) -> Any:
    """A row for changing, at the version that the caller read (None: at any).

    Raises:
        NotFoundError: there is none of that id.
        StaleVersionError: it has changed since.
    """
    row = session.get(model, item_id, with_for_update=True, populate_existing=True)
    if row is None:
        title = compiled_of(model.__tablename__).declared.title_one
        raise NotFoundError(f"There is no {title} with id {item_id}.")
    if version is not None and row.version != version:
        text = CHANGED_MEANWHILE.format(read=version, current=row.version)
        raise StaleVersionError(text, current=row.version)
    return row


def touch(row: Row) -> None:
    """Note that a row is changing."""
    row.version += 1
    row.updated_at = clock.now()


def record(
    session: Session,
    name: str,
    item_id: int,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    actor: Actor,
    fields: Sequence[str] = (),
) -> None:
    """Write the change record: what differs between two states of an item, and ``fields`` besides.

    Secrets are told by name (``password``), never by value.
    """
    action = "create" if before is None else "delete" if after is None else "update"
    unsaid = {"id", "version", "created_at", "updated_at"}
    names = [k for k in (after or {}) if k not in unsaid and (before or {}).get(k) != (after or {}).get(k)]
    record_change(
        session,
        compiled_of(name),
        action=action,
        item_id=item_id,
        before=before,
        after=after,
        fields=[*names, *fields],
        actor=actor,
        at=clock.now(),
    )
