"""What a package's first migration has made, so that it can be dropped when the migration fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from shopdb.migrations.package import Package
from shopdb.migrations.statement import renamed_to


@dataclass(slots=True)
class Made:
    """The tables, views and the like that were not there before.

    ``has_changed_others`` tells that more was changed, so that dropping these would not undo all.
    """

    package: Package
    has_changed_others: bool = False
    _subjects: list[str] = field(default_factory=list)

    def note(self, sql: str, subject: str | None, *, is_new: bool) -> None:
        """Note a statement.

        Args:
            subject: What it changes, as `subject_of` tells.
            is_new: Whether that was not there before.
        """
        if subject is None:
            return
        kind, _, name = subject.partition(" ")
        if is_new:
            self._subjects.append(subject)
        elif f"TABLE {name}" in self._subjects or subject in self._subjects:
            if renamed := renamed_to(sql):
                self._subjects.append(renamed)
        elif kind != "ROWS" or name != f"`{self.package.version_table}`":
            self.has_changed_others = True

    def drops(self) -> Iterator[str]:
        """The statements that drop all of it, the last made first, and the record of its revisions at the end."""
        for subject in reversed(self._subjects):
            kind, _, name = subject.partition(" ")
            yield f"DROP {kind} IF EXISTS {name}"
        yield f"DROP TABLE IF EXISTS `{self.package.version_table}`"
