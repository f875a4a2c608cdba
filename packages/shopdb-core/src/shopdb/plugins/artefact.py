"""Judge one wheel or folder alone, whatever else is installed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from shopdb.errors import ShopDBError
from shopdb.plugins.compat import judge
from shopdb.plugins.dependency import Judged
from shopdb.plugins.directory import read_directory
from shopdb.plugins.discovery import find_plugins
from shopdb.plugins.distributions import scan
from shopdb.plugins.found import Found
from shopdb.plugins.loader import load_one
from shopdb.plugins.problems import Problem, make_problem
from shopdb.plugins.static import check_sources
from shopdb.plugins.survey import current_environment
from shopdb.plugins.verdict import Verdict, find_state

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
_FROM_PIP = frozenset(
    {"requirement-missing", "requirement-version", "dependency-missing", "dependency-version"}
)
"""Findings that ``pip install`` of the artefact itself may mend."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A wheel or folder that is no part of this environment, and the plugins in it."""

    path: Path
    judged: tuple[Judged, ...]

    def find_hopeless(self) -> list[Problem]:
        """What would still keep its plugins out after pip has installed it with all that it needs."""
        return [
            problem
            for one in self.judged
            for problem in one.problems
            if problem.outcome is not None and problem.code not in _FROM_PIP
        ]


@contextmanager
def open_artefact(path: Path) -> Iterator[Artefact]:
    """Read a wheel, which is unpacked for as long as the context lasts, or a plugin's folder.

    Raises:
        ShopDBError: it is neither.
    """
    if path.is_dir():
        yield _judge(path, read_directory(path.resolve()), [])
        return
    if not path.is_file() or not zipfile.is_zipfile(path):
        raise ShopDBError(
            f"{path} is no wheel and no folder. Name a .whl file, or a folder with a plugin in it."
        )
    with TemporaryDirectory(prefix="shopdb-check-") as folder:
        _unpack(path, Path(folder))
        found = [
            replace(one, import_path=Path(folder))
            for one in find_plugins(None, path=[folder], check_files=True)
        ]
        yield _judge(path, found, [folder])


def check_artefact(path: Path) -> list[Verdict]:
    """The verdict on each plugin of a wheel or folder: metadata, sources, and a load in this process."""
    with open_artefact(path) as artefact:
        if not artefact.judged:
            message = f"{path} brings no plugin: it has no entry point of the group shopdb.plugins."
            remedy = 'Add [project.entry-points."shopdb.plugins"] to its pyproject.toml and build it again.'
            problem = make_problem("malformed-entry-points", message, remedy, path)
            return [_verdict(Found(name=path.stem, source="wheel", place=path), (problem,))]
        return [_check(one) for one in artefact.judged]


def _unpack(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise ShopDBError(f"{path} would unpack to {size} bytes; at most {MAX_UNPACKED_BYTES} are taken.")
        archive.extractall(folder)


def _judge(path: Path, found: list[Found], import_path: list[str]) -> Artefact:
    installed = scan()
    own = scan(import_path) if import_path else []
    environment = current_environment([*own, *installed])
    return Artefact(path, tuple(judge(found, environment, {})))


def _check(one: Judged) -> Verdict:
    problems = list(one.problems)
    if one.is_sound:
        problems += check_sources(one.found)
    if replace(one, problems=tuple(problems)).is_sound:
        problems += load_one(one.found, {})[1]
    return _verdict(one.found, tuple(dict.fromkeys(problems)))


def _verdict(found: Found, problems: tuple[Problem, ...]) -> Verdict:
    return Verdict(
        name=found.name,
        title=found.title,
        dist=found.dist,
        version=found.version or None,
        source=found.source,
        state=find_state(problems, is_installed=False, is_enabled=False),
        problems=problems,
    )
