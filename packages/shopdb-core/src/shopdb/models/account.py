"""Who may do what: users, roles, tokens."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from shopdb.columns import Str, UtcDateTime, field, reference, unique_key
from shopdb.db import ItemRow
from shopdb.models.checks import email
from shopdb.models.core import CoreBase


class User(ItemRow, CoreBase):
    """An account."""

    __tablename__ = "users"
    username = field(Str(80), required=True, search=True, listed=True)
    username_key: Mapped[str | None] = unique_key("username", 80)
    display_name = field(Str(160), search=True, listed=True, help="As colleagues write it.")
    email = field(Str(254), label="E-mail", search=True, listed=True, check=email)
    is_active = field(Boolean, label="Active", default=True, listed=True, help="Others can't sign in.")
    is_admin = field(Boolean, label="Administrator", default=False, listed=True, help="May do everything.")
    last_sign_in_at = field(UtcDateTime, label="Last sign-in", readonly=True, listed=True)
    password_hash: Mapped[str | None] = mapped_column(Str(255))
    session_key: Mapped[str] = mapped_column(Str(64))
    """Every sign-in of the user carries its hash; a new one ends them all."""


class Role(ItemRow, CoreBase):
    """A named set of permissions."""

    __tablename__ = "roles"
    name = field(Str(80), required=True, search=True, listed=True)
    name_key: Mapped[str | None] = unique_key("name", 80)
    notes = field(Str(500), search=True, listed=True)
    permissions = field(
        JSON, required=True, readonly=True, listed=True, help="Exact, or patterns: *.view, printers.*"
    )


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
    name = field(Str(120), required=True, search=True, listed=True)
    user_id = reference("users", to=User.id, readonly=True, listed=True, required=True, on_delete="CASCADE")
    hint = field(Str(12), readonly=True, listed=True, help="Its first characters, to tell tokens apart.")
    read_only = field(Boolean, default=False, readonly=True, listed=True, help="Reads, and changes nothing.")
    expires_at = field(UtcDateTime, label="Expires", readonly=True, listed=True)
    revoked_at = field(UtcDateTime, label="Revoked", readonly=True, listed=True)
    last_used_at = field(UtcDateTime, label="Last used", readonly=True, listed=True)
    token_hash: Mapped[str] = mapped_column(Str(64), unique=True)


class RevokedSignIn(CoreBase):
    """A sign-in that was ended before its time, by its ``jti``."""

    __tablename__ = "revoked_sign_ins"
    jti: Mapped[str] = mapped_column(Str(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class FailedSignIn(CoreBase):
    """A sign-in that failed lately, counted against its account and its address across all processes.

    ``subject`` is a hash: people type passwords into the wrong field.
    """

    __tablename__ = "failed_sign_ins"
    __table_args__ = (Index("ix_failed_sign_ins_subject", "subject", "at"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    subject: Mapped[str] = mapped_column(Str(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuthEpoch(CoreBase):
    """One row, read by each request: grows in the transaction that changes who may do what."""

    __tablename__ = "auth_epoch"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(default=1)
