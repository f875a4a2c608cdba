"""Passwords: what is taken, how it is kept, how it is compared.

Source: OWASP Password Storage Cheat Sheet for the parameters of Argon2id; NIST SP 800-63B section 5.1.1
for length before composition and for normalising.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from shopdb.columns import key_of
from shopdb.errors import InvalidError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_LENGTH = 8
MAX_LENGTH = 1000

_AT_ONCE = threading.BoundedSemaphore(4)
"""Each comparison takes 19 MiB; a burst of sign-ins waits instead of filling the memory."""


def hash_password(password: str) -> str:
    """The form in which a password is kept."""
    with _AT_ONCE:
        return _hasher().hash(_normal(password))


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was kept; takes as long when none was kept."""
    from argon2.exceptions import InvalidHashError, VerificationError

    unlikely = _unknown()
    try:
        with _AT_ONCE:
            _hasher().verify(kept or unlikely, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Whether a password was kept with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def check_new_password(password: object, *, username: str, field: str = "password") -> str:
    """A password that someone chose.

    Raises:
        InvalidError: it is too short, too long, or the username.
    """
    text = _problem_of(password, username)
    if text is not None:
        raise InvalidError(f"{field}: {text}", errors={field: [text]})
    assert isinstance(password, str)
    return password


def new_password() -> str:
    """A password for someone who gave none: 120 random bits that can be typed."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(6)) for _ in range(4))


def _problem_of(password: object, username: str) -> str | None:
    if not isinstance(password, str):
        return "Expected text."
    if any(character in password for character in "\0\r\n"):
        return "Has a line break or a NUL character; one line of text is taken."
    if len(password) < MIN_LENGTH:
        return f"Is {len(password)} characters long; at least {MIN_LENGTH} are needed."
    if len(password) > MAX_LENGTH:
        return f"Is {len(password)} characters long; at most {MAX_LENGTH} are taken."
    if key_of(password) == key_of(username):
        return "Is the username; choose another."
    return None


def _normal(password: str) -> bytes:
    # Keyboards differ in how they compose an accented letter.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # at the first sign-in: most processes see none for long

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _unknown() -> str:
    return _hasher().hash(secrets.token_bytes(16))
