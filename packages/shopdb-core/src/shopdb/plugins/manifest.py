"""The manifest: ``shopdb-plugin.toml``, read before any of the plugin's code runs."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shopdb.plugins.problems import Problem, make_problem

FILE = "shopdb-plugin.toml"
MAX_BYTES = 64 * 1024

# The asset types that ShopDB's own plugins bring; every other one begins with its organisation.
BUNDLED_ASSET_TYPES: Mapping[str, tuple[str, ...]] = {
    "printers": ("printer", "label-printer", "plotter"),
    "network": ("network-device", "switch", "router", "firewall", "access-point", "wireless-controller"),
    "computers": ("computer", "server", "laptop", "workstation", "thin-client", "tablet", "phone", "monitor"),
    "equipment": ("equipment", "machine", "cnc-machine", "cmm", "robot", "gauge", "plc", "fixture"),
    "usb": ("usb-device", "usb-drive"),
    "notifications": ("display",),
}
BUNDLED = frozenset(slug for slugs in BUNDLED_ASSET_TYPES.values() for slug in slugs)
OUTBOUND = ("http", "icmp", "snmp", "tcp")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_REVISION = re.compile(r"[A-Za-z0-9_.\-]{1,32}\Z")
_EXAMPLES = {
    "name": 'name = "scales"',
    "title": 'title = "Scales"',
    "hook_api": "hook_api = 1",
    "asset_types": 'asset_types = ["acme-scale"]',
    "requires_schema": 'requires_schema = {core = "core_0001"}',
    "outbound": 'outbound = ["snmp"]',
    "organisation": 'organisation = "acme"',
    "source_url": 'source_url = "https://git.example.com/scales"',
    "version": 'version = "1.0.0"',
    "requires": 'requires = ["shopdb-core>=1,<2"]',
}
_REQUIRED = ("name", "title", "hook_api")
_OF_DIRECTORY = ("version", "requires")


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What a plugin says of itself. ``version`` and ``requires`` are a directory plugin's only."""

    name: str
    title: str
    hook_api: int
    asset_types: tuple[str, ...] = ()
    requires_schema: Mapping[str, str] = field(default_factory=dict)
    outbound: tuple[str, ...] = ()
    organisation: str | None = None
    source_url: str | None = None
    version: str | None = None
    requires: tuple[str, ...] = ()


def is_name(text: str) -> bool:
    """Whether a plugin may be called so."""
    return _NAME.match(text) is not None


def read_manifest(path: Path, *, is_directory_plugin: bool = False) -> tuple[Manifest | None, list[Problem]]:
    """The manifest in a file, and what is wrong with it; None when it can't be used."""
    values, problem = _read_toml(path)
    if values is None:
        return None, [problem] if problem else []
    return parse_manifest(values, where=str(path), is_directory_plugin=is_directory_plugin)


def parse_manifest(
    values: Mapping[str, Any], *, where: str, is_directory_plugin: bool = False
) -> tuple[Manifest | None, list[Problem]]:
    """The manifest in a TOML table, and what is wrong with it."""
    known = [key for key in _EXAMPLES if is_directory_plugin or key not in _OF_DIRECTORY]
    required = (*_REQUIRED, *_OF_DIRECTORY) if is_directory_plugin else _REQUIRED
    problems = [_missing(key, where) for key in required if key not in values]
    good: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            problems.append(_unknown(key, known, where))
        elif (wrong := _wrong(key, value)) is not None:
            problems.append(_invalid(key, value, wrong, where))
        else:
            good[key] = tuple(value) if isinstance(value, list) else value
    problems += _misnamed_types(good.get("asset_types", ()), good.get("organisation"), where)
    if any(key not in good for key in required):
        return None, problems
    return Manifest(**good), problems


def _read_toml(path: Path) -> tuple[Mapping[str, Any] | None, Problem | None]:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES // 1024} kB")
        return tomllib.loads(content.decode("utf-8")), None
    except UnicodeDecodeError as error:
        reason = f"it isn't UTF-8 (byte {error.start})"
    except RecursionError:
        reason = "its tables are nested too deep"
    except (OSError, ValueError) as error:  # TOMLDecodeError is a ValueError
        reason = str(error)
    message = f"The manifest {path.name} can't be read: {reason}."
    return None, make_problem("manifest-unreadable", message, f"Correct {path}.", path)


def _missing(key: str, where: str) -> Problem:
    message = f"The manifest lacks the required key {key!r}."
    return make_problem("manifest-invalid", message, f"Add the line {_EXAMPLES[key]} to {where}.", where)


def _invalid(key: str, value: Any, wrong: str, where: str) -> Problem:
    message = f"The manifest's {key} is {_quote(value)}: {wrong}."
    return make_problem("manifest-invalid", message, f"Write it like {_EXAMPLES[key]} in {where}.", where)


def _unknown(key: str, known: list[str], where: str) -> Problem:
    near = difflib.get_close_matches(key, known, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    message = f"The manifest has the unknown key {_quote(key)}.{hint}"
    remedy = f"Rename it to {near[0]} in {where}." if near else f"Remove it from {where}."
    return make_problem("manifest-unknown-key", message, remedy, where)


def _quote(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _wrong(key: str, value: Any) -> str | None:
    return _CHECKS[key](value)


def _wrong_text(value: Any) -> str | None:
    if not isinstance(value, str):
        return "text is needed"
    if not value.strip() or len(value) > 120 or not value.isprintable():
        return "1 to 120 printable characters are needed"
    return None


def _wrong_name(value: Any) -> str | None:
    if isinstance(value, str) and is_name(value):
        return None
    return "a lower-case letter, then at most 39 lower-case letters, digits and underscores are needed"


def _wrong_level(value: Any) -> str | None:
    # bool is an int to Python; `hook_api = true` is a mistake all the same
    return None if type(value) is int and value >= 1 else "a whole number from 1 is needed"


def _wrong_slug(value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= 80 and _SLUG.match(value):
        return None
    return "lower-case letters, digits and single hyphens are needed, at most 80"


def _wrong_slugs(value: Any) -> str | None:
    if not isinstance(value, list):
        return "a list is needed"
    if len(set(map(str, value))) != len(value):
        return "each may stand once"
    return next((f"{_quote(slug)}: {wrong}" for slug in value if (wrong := _wrong_slug(slug))), None)


def _wrong_revisions(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "a table of package and revision is needed"
    for package, revision in value.items():
        if not is_name(package) or not isinstance(revision, str) or not _REVISION.match(revision):
            return f"{_quote(package)} = {_quote(revision)} names no package and revision"
    return None


def _wrong_outbound(value: Any) -> str | None:
    if isinstance(value, list) and all(way in OUTBOUND for way in value):
        return None
    return f"a list of {', '.join(OUTBOUND)} is needed"


def _wrong_texts(value: Any) -> str | None:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return None
    return "a list of texts is needed"


_CHECKS = {
    "name": _wrong_name,
    "title": _wrong_text,
    "hook_api": _wrong_level,
    "asset_types": _wrong_slugs,
    "requires_schema": _wrong_revisions,
    "outbound": _wrong_outbound,
    "organisation": _wrong_slug,
    "source_url": _wrong_text,
    "version": _wrong_text,
    "requires": _wrong_texts,
}


def _misnamed_types(slugs: tuple[str, ...], organisation: str | None, where: str) -> list[Problem]:
    problems = []
    for slug in slugs:
        if slug in BUNDLED or (organisation and slug.startswith(f"{organisation}-")):
            continue
        begin = f"{organisation}-" if organisation else "the manifest's organisation and a hyphen"
        message = f"The asset type {slug!r} is not one of core's, so it must begin with {begin}."
        edit = f'Name it "{organisation or "acme"}-{slug}"'
        also = "" if organisation else ' and add the line organisation = "acme"'
        problems.append(make_problem("asset-type-name", message, f"{edit}{also} in {where}.", where))
    return problems
