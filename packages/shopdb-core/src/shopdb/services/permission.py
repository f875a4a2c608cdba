"""Permissions and the patterns that roles grant them by.

A permission is ``<plugin>.<resource>.<verb>``. A pattern has ``*`` for any run of characters: ``*.view``,
``printers.*``. Patterns that begin with ``*`` or ``core.*`` don't reach what is guarded, so that an editor
of everything can't give himself more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from shopdb.errors import InvalidError

GUARDED = ("core.users.", "core.roles.", "core.changes.")
"""Permissions over who may do what, and the record of all changes, those of accounts among them: granted
only where a role names them, as in ``core.users.*``. The history of an item goes with the item.
"""

MAX_PATTERNS = 500
MAX_LENGTH = 160
_PATTERN = re.compile(r"(\*|[a-z][a-z0-9_-]*)(\.(\*|[a-z][a-z0-9_-]*)){0,3}")


@lru_cache(maxsize=2048)
def is_granted_by(pattern: str, permission: str) -> bool:
    """Whether a pattern, or the exact name, covers a permission."""
    if "*" not in pattern:
        return pattern == permission
    guarded = next((prefix for prefix in GUARDED if permission.startswith(prefix)), None)
    if guarded is not None and not pattern.startswith(guarded):
        return False
    wanted = ".*".join(re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(wanted, permission) is not None


def is_granted(patterns: Iterable[str], permission: str) -> bool:
    """Whether any of the patterns covers a permission."""
    return any(is_granted_by(pattern, permission) for pattern in patterns)


def check_patterns(patterns: object, *, known: Collection[str] | None = None) -> list[str]:
    """The patterns of a role, each once, sorted.

    Args:
        known: Every permission of core and the loaded plugins; an exact name must be one of them. None
            takes any, as where plugins aren't loaded.

    Raises:
        InvalidError: one is no pattern, or names a permission that nothing has.
    """
    if not isinstance(patterns, list) or len(patterns) > MAX_PATTERNS:
        raise _wrong(f"Expected a list of at most {MAX_PATTERNS} permissions, such as ['*.view'].")
    for pattern in patterns:
        if not isinstance(pattern, str) or len(pattern) > MAX_LENGTH or not _PATTERN.fullmatch(pattern):
            shown = repr(pattern)[:60]
            raise _wrong(f"{shown} is no permission: write printers.printers.view, *.view or printers.*")
        if known is not None and "*" not in pattern and pattern not in known:
            raise _wrong(
                f"Nothing asks for the permission {pattern!r}: list them with GET /api/v1/roles/permissions."
            )
    return sorted(set(patterns))


def _wrong(text: str) -> InvalidError:
    return InvalidError(f"permissions: {text}", errors={"permissions": [text]})
