"""A site's own list of versions that must not run: ``plugin-blocklist.toml`` beside ``shopdb.toml``.

::

    [[blocked]]
    requirement = "shopdb-scales<1.2"
    reason = "It logs passwords."
    fixed = "1.2"
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from shopdb.errors import SettingsError
from shopdb.plugins.found import Found
from shopdb.plugins.problems import make_problem

FILE = "plugin-blocklist.toml"


@dataclass(frozen=True, slots=True)
class Blocked:
    """One entry: the versions that a requirement takes in are refused."""

    requirement: Requirement
    reason: str
    fixed: str | None


def read_blocklist(site_dir: Path) -> list[Blocked]:
    """The entries; none where there is no file.

    Raises:
        SettingsError: the file can't be read. Going on would let in what someone wanted kept out.
    """
    path = site_dir / FILE
    if not path.exists():
        return []
    try:
        entries = tomllib.loads(path.read_text("utf-8"))["blocked"]
        return [
            Blocked(Requirement(one["requirement"]), str(one.get("reason", "")), one.get("fixed"))
            for one in entries
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidRequirement) as error:
        raise SettingsError(
            f'{path} can\'t be read: {error}. Each entry is [[blocked]] with requirement = "shopdb-x<1.2".'
        ) from error


def refuse_blocked(found: Sequence[Found], blocklist: Sequence[Blocked]) -> list[Found]:
    """The same plugins, the blocked ones with their problem."""
    return [_judge(one, blocklist) for one in found]


def _judge(found: Found, blocklist: Sequence[Blocked]) -> Found:
    dist = canonicalize_name(found.dist or f"shopdb-{found.name}")
    for entry in blocklist:
        if canonicalize_name(entry.requirement.name) != dist or not _takes_in(entry, found.version):
            continue
        message = f"Plugin {found.label} is blocked by {FILE}: {entry.reason or 'no reason given'}"
        fixed = f">={entry.fixed}" if entry.fixed else ""
        remedy = f"pip install --upgrade '{dist}{fixed}'"
        return replace(
            found, problems=(*found.problems, make_problem("blocked", message, remedy, found.place))
        )
    return found


def _takes_in(entry: Blocked, version: str) -> bool:
    try:
        return entry.requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True
