"""The signed tokens that a sign-in to the API gives: JWT, HS256 with the site's secret key.

Source: RFC 7519 for the claims; RFC 8725 sections 3.1 and 3.2 for the one pinned algorithm.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from shopdb import clock
from shopdb.errors import NotSignedInError
from shopdb.services.principal import LEEWAY, SignIn

ALGORITHM = "HS256"
ISSUER = "shopdb"
AUDIENCE = "shopdb-api"
MAX_LENGTH = 2048
LONGEST = timedelta(days=31)
_CLAIMS = ("sub", "jti", "iat", "exp", "iss", "aud", "sk")
_HEADER = {"alg", "typ"}


def new_sign_in(user_id: int, key_hash: str, *, lifetime_s: int) -> SignIn:
    """A sign-in that begins now."""
    return SignIn(user_id, key_hash, secrets.token_hex(16), clock.now() + timedelta(seconds=lifetime_s))


def write_bearer(sign_in: SignIn, secret_key: str) -> str:
    """The token of a sign-in."""
    import jwt  # here and below: whoever has a token of the other kind needs none of it

    claims = {
        "sub": str(sign_in.user_id),
        "jti": sign_in.jti,
        "iat": int(clock.now().timestamp()),
        "exp": int(sign_in.expires_at.timestamp()),
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sk": sign_in.key_hash,
    }
    return jwt.encode(claims, secret_key, algorithm=ALGORITHM)


def read_bearer(token: str, secret_key: str) -> SignIn:
    """The sign-in that a token says, when its signature and its times hold.

    Raises:
        NotSignedInError: it is not one of this site's, has expired, or is not a plain token at all.
    """
    import jwt

    try:
        if len(token) > MAX_LENGTH:
            raise ValueError("too long")
        claims = jwt.decode(
            token,
            secret_key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": list(_CLAIMS)},
        )
        _refuse_odd_parts(token)
        return _sign_in_of(claims)
    except (jwt.PyJWTError, ValueError, TypeError, ArithmeticError, OSError, RecursionError):
        raise NotSignedInError("The bearer token is not valid, or not any more: sign in again.") from None


def _refuse_odd_parts(token: str) -> None:
    from jwt.utils import base64url_decode

    header, payload = (
        json.loads(base64url_decode(part), object_pairs_hook=_distinct) for part in token.split(".")[:2]
    )
    # kid, jku, x5u and crit ask the reader to fetch or do something: nothing of ours has them.
    if set(header) - _HEADER or set(payload) - set(_CLAIMS):
        raise ValueError("unknown members")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _sign_in_of(claims: dict[str, Any]) -> SignIn:
    subject, jti, key_hash = claims["sub"], claims["jti"], claims["sk"]
    if not (isinstance(key_hash, str) and isinstance(jti, str) and len(jti) <= 64):
        raise ValueError("wrong type")
    if not (subject.isascii() and subject.isdigit() and len(subject) <= 10):
        raise ValueError("no user")
    expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    if expires_at > clock.now() + LONGEST:
        raise ValueError("no sign-in lasts so long")
    return SignIn(int(subject), key_hash, jti, expires_at)
