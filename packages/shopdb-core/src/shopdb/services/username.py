"""Usernames: which ones are taken, and when two are the same."""

from __future__ import annotations

import unicodedata

from shopdb.columns import key_of
from shopdb.errors import InvalidError

MAX_LENGTH = 80
_PUNCTUATION = "._-@+"


def check_username(username: str) -> str:
    """A username that can be told from every other on every engine and in every log.

    Letters and digits of any script and ``._-@+``, without spaces, in Unicode's composed and compatible
    form (NFKC), so that ``ａｄｍｉｎ`` is no second ``admin``; ``ádmin`` is a name of its own.

    Raises:
        InvalidError: it is empty, too long, or has another character.
    """
    text = _problem_of_username(username)
    if text is not None:
        raise InvalidError(f"username: {text}", errors={"username": [text]})
    return username


def _problem_of_username(username: str) -> str | None:
    if not 1 <= len(username) <= MAX_LENGTH:
        return f"Is {len(username)} characters long; 1 to {MAX_LENGTH} are taken."
    bad = next((c for c in username if not _may_stand_in_username(c)), None)
    if bad is not None:
        return f"Has {bad!r}; letters, digits and {_PUNCTUATION} are taken, and no spaces."
    if not username[0].isalnum():
        return f"Begins with {username[0]!r}; begin with a letter or a digit."
    normal = unicodedata.normalize("NFKC", username)
    return (
        None if normal == username else f"Is written with compatibility characters: write it as {normal!r}."
    )


def _may_stand_in_username(character: str) -> bool:
    return character in _PUNCTUATION or unicodedata.category(character)[0] in "LMN"


def key_of_username(username: str) -> str | None:
    """The form in which a username is looked up, whatever its case; None where nobody can have it.

    What no username has is asked of no database: engines differ about NUL and about spaces at the end.
    """
    composed = unicodedata.normalize("NFC", username)
    return key_of(composed) if _problem_of_username(composed) is None else None
