"""What pip has installed, read defensively: one damaged distribution never hides another."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

GROUP = "shopdb.plugins"
MAX_METADATA_BYTES = 1024 * 1024
MAX_RECORD_BYTES = 16 * 1024 * 1024

_HEADER = re.compile(rf"^\s*\[?\s*{re.escape(GROUP)}\s*\]?\s*$", re.MULTILINE)


class UnreadableError(Exception):
    """A file of a distribution is missing, too large or not UTF-8; the text says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """One ``.dist-info`` (or ``.egg-info``), from its folder's name; the files are read when asked for.

    Args:
        name: Normalised: ``shopdb-printers``.
        version: As the folder's name has it; not checked.
        info: The folder; None where the distribution lies in a zip file.
        root: The folder that packages are imported from.
    """

    name: str
    version: str
    info: Path | None
    root: Path
    entry_points: str = field(repr=False, default="")

    @property
    def has_plugins(self) -> bool:
        """Whether its entry points speak of ShopDB's group at all."""
        return _HEADER.search(self.entry_points) is not None

    def read(self, name: str, limit: int = MAX_METADATA_BYTES) -> str:
        """The text of one of its files.

        Raises:
            UnreadableError: the file is missing, larger than ``limit`` bytes, or not UTF-8.
        """
        if self.info is None:
            raise UnreadableError(f"{name} lies in a zip file")
        return read_capped(self.info / name, limit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """The headers of ``METADATA`` that a plugin is judged by."""

    name: str
    version: str
    requires: tuple[str, ...]
    requires_python: str | None


def read_capped(path: Path, limit: int) -> str:
    """A file's text.

    Raises:
        UnreadableError: it is missing, larger than ``limit`` bytes, or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        reason = "is missing" if isinstance(error, FileNotFoundError) else f"can't be read: {error.strerror}"
        raise UnreadableError(f"{path.name} {reason}") from error
    if len(content) > limit:
        raise UnreadableError(f"{path.name} is larger than {limit // 1024} kB")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path.name} isn't UTF-8 (byte {error.start})") from error


def scan(path: Sequence[str] | None = None) -> list[Distribution]:
    """Every distribution on Python's path, in its order; the same one by two ways in is listed once."""
    seen: set[str] = set()
    found = []
    for dist in importlib.metadata.distributions(path=_distinct(sys.path if path is None else path)):
        one = _describe(dist)
        key = os.path.realpath(one.info) if one and one.info else f"{one.root}/{one.name}" if one else ""
        if one is not None and key not in seen:
            seen.add(key)
            found.append(one)
    return found


def read_metadata(dist: Distribution) -> Metadata:
    """The headers of a distribution.

    Raises:
        UnreadableError: see `Distribution.read`; or a header that must be there isn't.
    """
    file = "METADATA" if dist.info is None or dist.info.suffix == ".dist-info" else "PKG-INFO"
    headers = list(_headers(dist.read(file)))
    single = dict(reversed(headers))
    if "name" not in single or "version" not in single:
        raise UnreadableError(f"{file} lacks Name or Version")
    return Metadata(
        name=single["name"],
        version=single["version"],
        requires=tuple(value for key, value in headers if key == "requires-dist"),
        requires_python=single.get("requires-python"),
    )


def read_entry_points(text: str) -> tuple[list[tuple[str, str]], str | None]:
    """The entries of ShopDB's group as (name, value), and what is wrong with the file."""
    entries: list[tuple[str, str]] = []
    wrong: str | None = None
    section, seen = "", set[str]()
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("["):
            section = line.strip("[] \t")
            if section == GROUP and (section in seen or not line.endswith("]")):
                wrong = wrong or f"line {number}, {line!r}, begins the section a second time or isn't closed"
            seen.add(section)
        elif section == GROUP:
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or not _is_target(value):
                wrong = (
                    wrong
                    or f"line {number}, {line!r}, isn't of the form name = module or name = module:object"
                )
            else:
                entries.append((name, value))
    if GROUP not in seen:
        wrong = wrong or f"the section [{GROUP}] isn't closed"
    return entries, wrong


def read_record(dist: Distribution) -> dict[str, tuple[str, int | None]] | None:
    """Path -> (hash, size) from ``RECORD``; None where there is none, as in some editable installations."""
    try:
        text = dist.read("RECORD", MAX_RECORD_BYTES)
    except UnreadableError:
        return None
    rows: dict[str, tuple[str, int | None]] = {}
    for line in text.splitlines():
        path, sum_, size = _record_row(line)
        if path:
            rows[path] = (sum_, int(size) if size.isascii() and size.isdigit() else None)
    return rows


def read_tags(dist: Distribution) -> tuple[str, ...]:
    """The wheel's tags, such as ``py3-none-any``; empty where they aren't known."""
    try:
        text = dist.read("WHEEL")
    except UnreadableError:
        return ()
    return tuple(value for key, value in _headers(text) if key == "tag")


def find_source(dist: Distribution) -> Path | None:
    """The folder that an editable installation points at; None for any other."""
    try:
        origin = json.loads(dist.read("direct_url.json"))
        if not origin.get("dir_info", {}).get("editable"):
            return None
        return Path(unquote(urlsplit(origin["url"]).path))
    except (UnreadableError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _describe(dist: importlib.metadata.Distribution) -> Distribution | None:
    # `_path` is how pip itself finds the folder; a finder of another kind has none.
    info = getattr(dist, "_path", None)
    if isinstance(info, Path):
        stem, _, _ = info.name.rpartition(".")
        name, _, version = stem.partition("-")
        if not version or info.suffix != ".dist-info":
            version = _version_of(dist, version)
        text = _read_leniently(info / "entry_points.txt")
        root = info.parent
        folder: Path | None = info
    else:
        try:
            name, version = dist.name, dist.version
            text = dist.read_text("entry_points.txt") or ""
            root, folder = Path(str(dist.locate_file(""))), None
        except Exception:  # noqa: BLE001 - whatever a foreign finder or a damaged archive raises
            return None
    if not name:
        return None
    return Distribution(
        name=canonicalize_name(name), version=version, info=folder, root=root, entry_points=text
    )


def _version_of(dist: importlib.metadata.Distribution, otherwise: str) -> str:
    try:
        return dist.version or otherwise
    except Exception:  # noqa: BLE001 - a damaged PKG-INFO
        return otherwise


def _read_leniently(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_METADATA_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return ""


def _distinct(path: Sequence[str]) -> list[str]:
    by_place: dict[str, str] = {}
    for entry in path:
        by_place.setdefault(os.path.realpath(entry or "."), entry or ".")
    return list(by_place.values())


def _headers(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if not line.strip():
            return
        key, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            yield key.strip().lower(), value.strip()


def _record_row(line: str) -> tuple[str, str, str]:
    path, _, rest = line.rpartition(",")
    path, _, sum_ = path.rpartition(",")
    return path.strip('"'), sum_, rest


def _is_target(value: str) -> bool:
    module, _, attribute = value.partition("[")[0].partition(":")
    parts = [part.strip() for part in (module, *([attribute] if attribute else []))]
    return all(piece.isidentifier() for part in parts for piece in part.split("."))
