"""Who may do what: users, roles, tokens."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.columns import Str, UtcDateTime, unique_key
from shopdb.db import ItemRow
from shopdb.models.core import CoreBase


class User(ItemRow, CoreBase):
    """An account."""

    __tablename__ = "users"
    username: Mapped[str] = mapped_column(Str(80))
    username_key: Mapped[str | None] = unique_key("username", 80)
    display_name: Mapped[str | None] = mapped_column(Str(160))
    email: Mapped[str | None] = mapped_column(Str(254))
    password_hash: Mapped[str | None] = mapped_column(Str(255))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)
    session_key: Mapped[str] = mapped_column(Str(64))
    """Every sign-in of the user carries it; a new one ends them all."""
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Role(ItemRow, CoreBase):
    """A named set of permissions."""

    __tablename__ = "roles"
    name: Mapped[str] = mapped_column(Str(80))
    name_key: Mapped[str | None] = unique_key("name", 80)
    notes: Mapped[str | None] = mapped_column(Str(500))


class RolePermission(CoreBase):
    """A permission of a role: exact, or a pattern such as ``*.view`` or ``printers.*``."""

    __tablename__ = "role_permissions"
    role_id: Mapped[int] = mapped_column(
        ForeignKey(Role.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    permission: Mapped[str] = mapped_column(Str(160), primary_key=True)


class UserRole(CoreBase):
    """A role of a user."""

    __tablename__ = "user_roles"
    user_id: Mapped[int] = mapped_column(
        ForeignKey(User.__table__.c.id, ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[int] = mapped_column(
        ForeignKey(Role.__table__.c.id, ondelete="RESTRICT"), primary_key=True, index=True
    )


class ApiToken(ItemRow, CoreBase):
    """A named token of a user for scripts; only its hash is kept."""

    __tablename__ = "tokens"
    user_id: Mapped[int] = mapped_column(ForeignKey(User.__table__.c.id, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Str(120))
    token_hash: Mapped[str] = mapped_column(Str(64), unique=True)
    hint: Mapped[str] = mapped_column(Str(12))
    """Its first characters, to tell tokens apart."""
    read_only: Mapped[bool] = mapped_column(Boolean, default=False)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RevokedSignIn(CoreBase):
    """A JWT that was signed out before its time, by its ``jti``."""

    __tablename__ = "revoked_sign_ins"
    jti: Mapped[str] = mapped_column(Str(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuthEpoch(CoreBase):
    """One row, read by each request: grows in the transaction that changes who may do what."""

    __tablename__ = "auth_epoch"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=1)
