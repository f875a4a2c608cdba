"""What the runner knows of a package that has tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import MetaData

CORE = "core"
LONGEST_NAME = 40
"""``alembic_version_<name>`` and ``ix_<name>_…`` must fit PostgreSQL's 63 bytes."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Package:
    """A package with a schema history of its own.

    Args:
        name: ``core`` or the plugin's name.
        directory: The folder that holds ``versions/``; neither needs to be there.
        requires: Other packages' revisions that must be in the database first, by package name; the
            manifest's ``requires_schema``. Every package comes after core anyway.
        dist: The distribution to name in remedies.
        metadata: The package's own MetaData, to compare with the database; None compares nothing.
    """

    name: str
    directory: Path
    requires: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    dist: str | None = None
    metadata: MetaData | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            raise ValueError(
                f"{self.name!r} can't name a package's version table: use at most {LONGEST_NAME} "
                f"characters of a-z, 0-9 and _, beginning with a letter"
            )

    @property
    def version_table(self) -> str:
        """The table that says which revision of this package the database has."""
        return f"alembic_version_{self.name}"

    @property
    def versions(self) -> Path:
        """The folder of revision files."""
        return self.directory / "versions"

    @property
    def title(self) -> str:
        """How messages name it: ``core``, or ``plugin 'usb'``."""
        return CORE if self.name == CORE else f"plugin {self.name!r}"


def core_package() -> Package:
    """Core itself. Its models are not imported."""
    return Package(CORE, Path(__file__).parent, dist="shopdb-core")
