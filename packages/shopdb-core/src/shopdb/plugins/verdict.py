"""The verdict on a plugin, and what is remembered of verdicts that took running its code."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from shopdb.plugins.catalogue import Stage
from shopdb.plugins.compat import Environment
from shopdb.plugins.dependency import parse
from shopdb.plugins.found import Found, Source
from shopdb.plugins.installed import read_json, write_json
from shopdb.plugins.problems import Problem, State, read_problem, worst
from shopdb.plugins.static import find_files

_FILE = "plugin-verdicts.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What ``plugin list`` shows of one plugin."""

    name: str
    title: str
    dist: str | None
    version: str | None
    source: Source
    state: State
    current: str | None = None
    head: str | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def is_working(self) -> bool:
        """Whether the site has the plugin's work, be it with something switched off."""
        return self.state in ("active", "degraded")

    def asdict(self) -> dict[str, Any]:
        """The shape of ``plugin list --json``."""
        return {
            "name": self.name,
            "dist": self.dist,
            "version": self.version,
            "source": self.source,
            "state": self.state,
            "schema": {"current": self.current, "head": self.head},
            "problems": [problem.asdict() for problem in self.problems],
        }


class VerdictMemory:
    """Findings of load trials, kept in the site's ``var`` for processes that don't load.

    A finding holds as long as the plugin's files, Python, core and the packages that it requires stay
    what they were.
    """

    def __init__(self, site_dir: Path | None, environment: Environment):
        self._path = site_dir / "var" / _FILE if site_dir else None
        self._environment = environment
        self._fingerprints: dict[tuple[str, Path], str] = {}

    def recall(self, found: Found, stage: Stage) -> tuple[Problem, ...] | None:
        """What a stage last found; None where it wasn't reached, or something has changed since."""
        values = self._entry(found).get(stage)
        if not isinstance(values, list):
            return None
        return tuple(problem for problem in map(read_problem, values) if problem is not None)

    def keep(self, found: Found, stage: Stage, problems: Iterable[Problem]) -> None:
        """Remember what a stage found, be it nothing."""
        if self._path is None:
            return
        values = [problem.asdict() for problem in problems]
        entry = {**self._entry(found), "fingerprint": self.fingerprint(found), stage: values}
        write_json(self._path, {**self._read(), found.name: entry})

    def fingerprint(self, found: Found) -> str:
        """Changes when anything changes that a trial depends on."""
        key = (found.name, found.place)
        if key not in self._fingerprints:
            self._fingerprints[key] = self._make_fingerprint(found)
        return self._fingerprints[key]

    def _make_fingerprint(self, found: Found) -> str:
        parts = [found.name, found.target, found.version, sys.version, self._environment.core_version]
        parts += [f"{path}|{size}|{mtime}" for path, size, mtime in _files(found.package_dir)]
        for requirement in filter(None, map(parse, found.requires)):
            name = canonicalize_name(requirement.name)
            parts.append(f"{name}=={self._environment.versions.get(name)}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _entry(self, found: Found) -> dict[str, Any]:
        entry = self._read().get(found.name)
        if not isinstance(entry, dict) or entry.get("fingerprint") != self.fingerprint(found):
            return {}
        return entry

    def _read(self) -> dict[str, Any]:
        value = read_json(self._path) if self._path else {}
        return value if isinstance(value, dict) else {}


def _files(package_dir: Path | None) -> list[tuple[str, int, int]]:
    rows = []
    for path in find_files(package_dir) if package_dir else ():
        try:
            stat = path.stat()
        except OSError:  # a dangling link
            continue
        rows.append((str(path), stat.st_size, stat.st_mtime_ns))
    return rows


def find_state(problems: Iterable[Problem], *, is_installed: bool, is_enabled: bool) -> State:
    """The state that findings and the site's wishes come to."""
    outcome = worst(problems)
    if is_installed and not is_enabled:
        return "disabled"
    if outcome is not None and (is_installed or outcome in ("incompatible", "quarantined")):
        return outcome
    return "active" if is_installed else "available"
