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
_ROWS = re.compile(
    rf"(?:(?:insert|replace)\b.*?\binto|update|delete\b.*?\bfrom)\s+{_NAME}", re.IGNORECASE | re.DOTALL
)
_RENAMED = re.compile(
    rf"(?:rename\s+table\s+.*?\s+to|alter\s+table\s+.*?\s+rename\s+(?:to|as))\s+{_NAME}",
    re.IGNORECASE | re.DOTALL,
)


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
    """What a statement changes: its kind and its quoted name, as in ``TABLE `scales_scale```.

    Changes of tables name what ``SHOW CREATE`` takes; what writes rows names ``ROWS`` and the table. None
    for what only reads, and for what has no definition, such as rights.
    """
    told = _strip(sql)
    if rows := _ROWS.match(told):
        return f"ROWS {_quote(rows['name'])}"
    if index := _INDEX.match(told):
        return f"TABLE {_quote(index['name'])}"
    found = _OBJECT.match(told)
    return f"{found['kind'].upper()} {_quote(found['name'])}" if found else None


def renamed_to(sql: str) -> str | None:
    """What a table is called after a statement that renames it; as `subject_of` names it."""
    found = _RENAMED.match(_strip(sql))
    return f"TABLE {_quote(found['name'])}" if found else None


def _quote(name: str) -> str:
    return ".".join(f"`{part.strip('`')}`" for part in re.findall(_PLAIN_NAME, name))


def _strip(sql: str) -> str:
    leading = _LEADING.match(sql)
    return sql[leading.end() if leading else 0 :]
