"""What a statement does to a transaction of MariaDB, told from its first words."""

import re
from enum import Enum


class Kind(Enum):
    """What becomes of a transaction in which a statement is run."""

    WORK = "read or write rows"
    """It belongs to the transaction, and goes with it."""
    SESSION = "settings of the connection"
    """It is gone with the connection, whatever becomes of the transaction."""
    TABLES = "tables, indexes and the like"
    """It commits what was done before, and then itself."""
    REFUSED = "the transaction itself"
    """It would end the transaction behind the runner's back, or leave what no second run finds again."""


_WORK = frozenset(
    {"call", "checksum", "delete", "desc", "describe", "do", "explain", "handler", "help", "insert", "kill"}
    | {
        "load",
        "release",
        "replace",
        "savepoint",
        "select",
        "show",
        "signal",
        "table",
        "update",
        "values",
        "with",
    }
)
_REFUSED = frozenset(
    {"begin", "commit", "deallocate", "execute", "lock", "prepare", "rollback", "start", "unlock", "xa"}
)

# Text before the first word that means nothing, and the opening of /*!40101 …*/, whose content is run.
_LEADING = re.compile(r"(?:\s+|--[^\n]*\n?|#[^\n]*\n?|/\*(?!M?!).*?\*/|/\*M?!\d*|\()*", re.DOTALL)
_WORD = re.compile(r"\w*")
_REFUSED_FORMS = re.compile(
    r"create\s+(?:or\s+replace\s+)?temporary\b|set\b(?:(?!['\"]).)*?\bautocommit\b", re.IGNORECASE | re.DOTALL
)
_TO_SAVEPOINT = re.compile(r"rollback\s+(?:work\s+)?to\b", re.IGNORECASE)

_PLAIN_NAME = r"(?:`(?:[^`]|``)+`|[\w$]+)"
_NAME = rf"(?P<name>{_PLAIN_NAME}(?:\s*\.\s*{_PLAIN_NAME})?)"
_INDEX = re.compile(
    rf"(?:create|drop)\s[^(`]*?\bindex\s+(?:if\s+(?:not\s+)?exists\s+)?{_PLAIN_NAME}\s+"
    rf"(?:using\s+\w+\s+)?on\s+{_NAME}",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"(?:create|alter|drop|rename)\b.*?\b(?P<kind>table|view|sequence|trigger|procedure|function|event)\s+"
    rf"(?:if\s+(?:not\s+)?exists\s+)?{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
_SHOWN_AS_TABLE = frozenset({"table", "view", "sequence"})


def kind_of(sql: str) -> Kind:
    """What the statement does to its transaction; what is not known commits, as all DDL does.

    Source: https://mariadb.com/kb/en/sql-statements-that-cause-an-implicit-commit/
    """
    told = _strip(sql)
    word = _WORD.match(told)
    first = word[0].lower() if word else ""
    if first in _WORK or _TO_SAVEPOINT.match(told):
        return Kind.WORK
    if first in _REFUSED or _REFUSED_FORMS.match(told):
        return Kind.REFUSED
    return Kind.SESSION if first in ("set", "use") else Kind.TABLES


def subject_of(sql: str) -> str | None:
    """What a change of tables changes, as ``SHOW CREATE`` takes it: ``TABLE `scales_scale` ``.

    None where it changes nothing that has a definition, such as rights or statistics.
    """
    told = _strip(sql)
    if index := _INDEX.match(told):
        return f"TABLE {index['name']}"
    found = _OBJECT.match(told)
    if found is None:
        return None
    kind = found["kind"].lower()
    return f"{'TABLE' if kind in _SHOWN_AS_TABLE else kind.upper()} {found['name']}"


def _strip(sql: str) -> str:
    leading = _LEADING.match(sql)
    return sql[leading.end() if leading else 0 :]
