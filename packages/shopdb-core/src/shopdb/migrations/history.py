"""The revisions of a package, read from its files without running them and without Alembic.

Start-up needs the head of every package; importing Alembic and executing each revision file for that
costs more than the rest of the start.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shopdb.migrations.package import Package

LONGEST_ID = 32
"""The width of Alembic's ``version_num`` column; PostgreSQL refuses more, SQLite says nothing."""

_ASSIGNMENT = re.compile(r"^(revision|down_revision)\b[^=\n]*=[ \t]*(.*)$", re.MULTILINE)
_IS_REVISION_FILE = re.compile(r"(?!\.#|__init__).*\.py")


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision file: its id and the ids that it follows."""

    id: str
    follows: tuple[str, ...]
    path: Path


@dataclass(frozen=True, slots=True)
class History:
    """All revisions of a package.

    ``head`` is None where there are none, or where ``problem`` says why there isn't one head.
    """

    revisions: Mapping[str, Revision] = field(default_factory=dict)
    head: str | None = None
    problem: str | None = None

    def up_to(self, revisions: Iterable[str]) -> frozenset[str]:
        """These revisions and all that they follow."""
        found: set[str] = set()
        waiting = [revision for revision in revisions if revision in self.revisions]
        while waiting:
            revision = waiting.pop()
            if revision not in found:
                found.add(revision)
                waiting.extend(self.revisions[revision].follows)
        return frozenset(found)


def read_history(package: Package) -> History:
    """Read the heads of a package's revision files; a folder that isn't there is an empty history."""
    read: list[Revision] = []
    for path in sorted(package.versions.glob("*.py")):
        if not _IS_REVISION_FILE.fullmatch(path.name):
            continue
        try:
            read.append(_read_revision(path))
        except (ValueError, TypeError, SyntaxError, OSError) as error:
            return History(problem=f"{path} can't be read as a revision of {package.title}: {error}")
    revisions = {revision.id: revision for revision in read}
    problem = _find_problem(package, read)
    if problem is not None:
        return History(revisions=revisions, problem=problem)
    return History(revisions=revisions, head=next(iter(_heads(read)), None))


def _read_revision(path: Path) -> Revision:
    values = _read_values(path.read_text(encoding="utf-8"))
    revision, follows = values.get("revision"), values.get("down_revision")
    if not isinstance(revision, str) or not revision:
        raise ValueError('it sets no `revision = "…"`')
    if len(revision) > LONGEST_ID:
        raise ValueError(f"its id {revision!r} is longer than {LONGEST_ID} characters")
    parents = (follows,) if isinstance(follows, str) else tuple(follows or ())
    return Revision(id=revision, follows=parents, path=path)


def _read_values(source: str) -> dict[str, Any]:
    """The two assignments; by line where each is one plain line, else from the syntax tree."""
    found = _ASSIGNMENT.findall(source)
    if sorted(name for name, _ in found) == ["down_revision", "revision"]:
        try:
            return {name: ast.literal_eval(value) for name, value in found}
        except (ValueError, SyntaxError):
            pass
    values: dict[str, Any] = {}
    for statement in ast.parse(source).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if name in ("revision", "down_revision"):
            values[name] = ast.literal_eval(value)
    return values


def _heads(read: Iterable[Revision]) -> list[str]:
    ids = sorted(revision.id for revision in read)
    followed = {parent for revision in read for parent in revision.follows}
    return [revision for revision in ids if revision not in followed]


def _find_problem(package: Package, read: list[Revision]) -> str | None:
    ids = Counter(revision.id for revision in read)
    for revision_id, count in ids.items():
        if count > 1:
            files = " and ".join(r.path.name for r in read if r.id == revision_id)
            return (
                f"Revision {revision_id!r} of {package.title} is in {files}: keep one, or give one a new id."
            )
    for revision in read:
        missing = [parent for parent in revision.follows if parent not in ids]
        if missing:
            return (
                f"Revision {revision.id!r} of {package.title} ({revision.path.name}) follows {missing[0]!r}, "
                f"and no file in {package.versions} has that id: add the file, or mend `down_revision`."
            )
    heads = _heads(read)
    if len(heads) > 1:
        return (
            f"The history of {package.title} has {len(heads)} heads, {', '.join(map(repr, heads))}: "
            f"let one follow the other, or add a revision that follows all of them."
        )
    if read and not heads:
        return (
            f"The revisions of {package.title} follow one another in a circle: {', '.join(map(repr, ids))}."
        )
    return None
