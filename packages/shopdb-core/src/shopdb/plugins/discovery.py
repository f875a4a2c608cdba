"""Find: every plugin that is here, as a package or in the site's folder, without importing any."""

from __future__ import annotations

import importlib.machinery
import importlib.util
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

from packaging.utils import canonicalize_name

from shopdb.plugins import distributions as dists
from shopdb.plugins.blocklist import read_blocklist, refuse_blocked
from shopdb.plugins.directory import find_directory_plugins
from shopdb.plugins.distributions import Distribution, Metadata, UnreadableError
from shopdb.plugins.found import Found, Source, manifest_name_problem, name_problem
from shopdb.plugins.integrity import find_core_files, find_modified
from shopdb.plugins.manifest import FILE, Manifest, read_manifest
from shopdb.plugins.problems import Problem, make_problem

_Record = dict[str, tuple[str, int | None]]


def find_plugins(
    site_dir: Path | None,
    *,
    path: Sequence[str] | None = None,
    installed: Sequence[Distribution] | None = None,
    check_files: bool = False,
) -> list[Found]:
    """Every plugin that is here, sound or not, by name.

    Args:
        site_dir: Where to look for directory plugins; None for none.
        path: Where to look for packages; Python's path by default.
        installed: What `distributions.scan` gave, when the caller has it.
        check_files: Compare the packages' files with their published sums.
    """
    everything = dists.scan(path) if installed is None else list(installed)
    first: dict[str, Distribution] = {}
    found: list[Found] = []
    for dist in everything:
        if dist.name in first:
            continue
        first[dist.name] = dist
        if dist.has_plugins:
            found += _read_distribution(dist, everything, path=path, check_files=check_files)
    if site_dir is not None:
        found = _merge_directories(found, find_directory_plugins(site_dir))
        found = refuse_blocked(found, read_blocklist(site_dir))
    return sorted(_refuse_duplicates(found), key=lambda one: (one.name, str(one.place)))


def _read_distribution(
    dist: Distribution, everything: Sequence[Distribution], *, path: Sequence[str] | None, check_files: bool
) -> list[Found]:
    place = dist.info or dist.root
    problems: list[Problem] = []
    metadata, problem = _read_metadata(dist, place)
    problems += [problem] if problem else []
    if dist.info is None:
        message = f"{dist.name} lies in the zip file {dist.root}."
        problems.append(make_problem("zipped", message, f"pip install --force-reinstall {dist.name}", place))
    problems += _copies(dist, everything)
    entries, wrong = dists.read_entry_points(dist.entry_points)
    if "�" in dist.entry_points:
        wrong = "it isn't UTF-8"
    if wrong:
        message = f"entry_points.txt of {dist.name} {dist.version} can't be read: {wrong}."
        problems.append(
            make_problem(
                "malformed-entry-points", message, f"pip install --force-reinstall {dist.name}", place
            )
        )
    record = dists.read_record(dist)
    problems += _core_files(dist, record, place)
    if check_files and record:
        problems += _modified(dist, record, place)
    base = Found(
        name="",
        source="wheel",
        place=place,
        dist=metadata.name if metadata else dist.name,
        version=metadata.version if metadata else dist.version,
        requires=metadata.requires if metadata else (),
        requires_python=metadata.requires_python if metadata else None,
        tags=dists.read_tags(dist),
        problems=tuple(problems),
    )
    if not entries:
        name = dist.name.removeprefix("shopdb-").replace("-", "_")
        return [replace(base, name=name)]
    return _read_entries(base, entries, _Lookup(dist, record, everything, path))


def _read_metadata(dist: Distribution, place: Path) -> tuple[Metadata | None, Problem | None]:
    try:
        return dists.read_metadata(dist), None
    except UnreadableError as error:
        message = f"The installation of {dist.name} {dist.version} is broken: {error}."
        remedy = f"pip install --force-reinstall {dist.name}"
        return None, make_problem("broken-metadata", message, remedy, place)


def _copies(dist: Distribution, everything: Sequence[Distribution]) -> list[Problem]:
    others = [other for other in everything if other.name == dist.name and other is not dist]
    if not others:
        return []
    places = ", ".join(f"{other.version} in {other.root}" for other in others)
    message = (
        f"{dist.name} is installed more than once: {dist.version} in {dist.root} is used, {places} is not."
    )
    remedy = f"pip uninstall -y {dist.name} && pip uninstall -y {dist.name} && pip install {dist.name}=={dist.version}"
    return [make_problem("shadowed-distribution", message, remedy, dist.info or dist.root)]


def _core_files(dist: Distribution, record: _Record | None, place: Path) -> list[Problem]:
    files = find_core_files(record or {})
    if not files or dist.name == "shopdb-core":
        return []
    message = f"{dist.name} {dist.version} ships files of core: {', '.join(files[:3])}."
    remedy = f"pip uninstall -y {dist.name} && pip install --force-reinstall shopdb-core"
    return [make_problem("overwrites-core", message, remedy, place)]


def _modified(dist: Distribution, record: _Record, place: Path) -> list[Problem]:
    files = find_modified(dist.root, record)
    if not files:
        return []
    more = f" and {len(files) - 5} more" if len(files) > 5 else ""
    message = (
        f"Files of {dist.name} {dist.version} differ from the published ones: {', '.join(files[:5])}{more}."
    )
    remedy = f"pip install --force-reinstall --no-deps {dist.name}=={dist.version}"
    return [make_problem("modified", message, remedy, place)]


def _read_entries(base: Found, entries: list[tuple[str, str]], lookup: _Lookup) -> list[Found]:
    times = Counter(name for name, _ in entries)
    found = []
    for name, target in dict(entries).items():
        one = lookup.locate(replace(base, name=name, target=target))
        problems = [*one.problems]
        if (problem := name_problem(name, base.place)) is not None:
            problems.append(problem)
        if times[name] > 1:
            message = f"{base.dist} {base.version} names the plugin {name!r} {times[name]} times."
            remedy = f"Keep one entry point {name!r} in pyproject.toml and build the package again."
            problems.append(make_problem("duplicate-entry-point", message, remedy, base.place))
        found.append(replace(one, problems=tuple(problems)))
    return found


class _Lookup:
    """Finds the package and the manifest of a distribution's entry points."""

    def __init__(
        self,
        dist: Distribution,
        record: _Record | None,
        everything: Sequence[Distribution],
        path: Sequence[str] | None,
    ):
        self.dist = dist
        self.record = record
        self.everything = everything
        self.path = path
        self.editable_source = dists.find_source(dist)

    def locate(self, found: Found) -> Found:
        """The plugin with its package folder and manifest, or with the problem that keeps them away."""
        parts = found.module.split(".")
        candidates = ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]
        listed = next((one for one in candidates if f"{one}/{FILE}" in (self.record or {})), None)
        source: Source = "wheel"
        package: Path | None
        if listed is not None:
            package = self.dist.root / listed
            problem = self._shadowing(found, parts[0]) or self._gone(found, package)
        else:
            top = self._top_folder(parts[0])
            is_here = top is not None and top.parent == self.dist.root
            source = "editable" if self.editable_source or (self.record is None and not is_here) else "wheel"
            package = _innermost(top, parts) if top else None
            problem = self._absent(found, top) if package is None else None
            if problem is None and source == "wheel" and not is_here and self._lists(parts[0]):
                problem = self._shadowing(found, parts[0])
        return _with_manifest(replace(found, source=source, package_dir=package), problem)

    def _top_folder(self, top: str) -> Path | None:
        """The folder of the entry point's first segment; a module that is one file has none of its own."""
        beside = self.dist.root / top
        if beside.is_dir() and self.editable_source is None:
            return beside
        spec = self._spec(top)
        places = list(spec.submodule_search_locations or ()) if spec else []
        return next((Path(place) for place in places if Path(place).is_dir()), None)

    def _spec(self, top: str) -> ModuleSpec | None:
        # Only ever the first segment: a dotted find_spec imports the parent.
        try:
            if self.path is not None:
                return importlib.machinery.PathFinder.find_spec(top, list(self.path))
            return importlib.util.find_spec(top)
        except (ImportError, ValueError, AttributeError):
            return None

    def _shadowing(self, found: Found, top: str) -> Problem | None:
        spec = self._spec(top)
        places = [Path(place).resolve() for place in (spec.submodule_search_locations or ())] if spec else []
        mine = (self.dist.root / top).resolve()
        if mine in places or not mine.is_dir():
            return None
        other = places[0] if places else Path(spec.origin) if spec and spec.origin else None
        if other is None:
            return None
        culprit = self._owner_of(top, other) or "a package that pip didn't install"
        message = f"Python would import {top!r} from {other}, which {culprit} brings, and not {mine} of {found.label}."
        remedy = f"pip uninstall -y {culprit}" if " " not in culprit else f"Rename or remove {other}."
        return make_problem("shadowed-package", message, remedy, other)

    def _owner_of(self, top: str, place: Path) -> str | None:
        for other in self.everything:
            if other is self.dist or other.root.resolve() != place.parent.resolve():
                continue
            record = dists.read_record(other) or {}
            if any(path == f"{top}.py" or path.startswith(f"{top}/") for path in record):
                return other.name
        return None

    def _lists(self, top: str) -> bool:
        return any(path.startswith(f"{top}/") for path in self.record or {})

    def _gone(self, found: Found, package: Path | None) -> Problem | None:
        return None if package and package.is_dir() else self._absent(found, None)

    def _absent(self, found: Found, top: Path | None) -> Problem:
        place, dist = found.place, found.dist or found.name
        if self.editable_source is not None and not self.editable_source.is_dir():
            message = f"{found.label} is installed from {self.editable_source}, which isn't there any more."
            remedy = f"pip uninstall -y {dist}"
            return make_problem("source-gone", message, remedy, place)
        if top is None and not (self.dist.root / f"{found.module.split('.')[0]}.py").is_file():
            message = f"{found.label} has metadata in {place}, but its package {found.module.split('.')[0]!r} is gone."
            remedy = f"pip install --force-reinstall {dist}"
            return make_problem("missing-package", message, remedy, place)
        return _no_manifest(found)


def _no_manifest(found: Found) -> Problem:
    message = f"{found.label} has no {FILE} in its package."
    remedy = (
        f'Add {FILE} beside the plugin module, with name = "{found.name}", title = "…" and hook_api = 1, '
        f"and build the wheel again."
    )
    return make_problem("no-manifest", message, remedy, found.package_dir or found.place)


def _innermost(top: Path, parts: Sequence[str]) -> Path:
    """The innermost folder of the module that holds a manifest, else its outermost."""
    folders = [top.joinpath(*parts[1:end]) for end in range(len(parts), 0, -1)]
    return next((folder for folder in folders if (folder / FILE).is_file()), top)


def _with_manifest(found: Found, problem: Problem | None) -> Found:
    problems = list(found.problems)
    manifest: Manifest | None = None
    if problem is not None:
        problems.append(problem)
    elif found.package_dir is not None and not (found.package_dir / FILE).is_file():
        problems.append(_no_manifest(found))
    elif found.package_dir is not None:
        file = found.package_dir / FILE
        manifest, wrong = read_manifest(file)
        problems += wrong
        if manifest and (mismatch := manifest_name_problem(found.name, manifest, file)):
            problems.append(mismatch)
    return replace(found, manifest=manifest, problems=tuple(problems))


def _merge_directories(packages: list[Found], directories: list[Found]) -> list[Found]:
    """A package outranks a folder of the same name, and says so; one plugin found both ways is one."""
    merged = list(packages)
    for folder in directories:
        index = next((i for i, one in enumerate(merged) if one.name == folder.name and one.dist), None)
        if index is None or merged[index].source == "directory":
            merged.append(folder)
        elif not _is_same(merged[index], folder):
            package = merged[index]
            message = f"Plugin {package.label} is installed as a package and also lies in {folder.place}: the package in {package.place} is used."
            remedy = f"rm -r {folder.place}"
            problem = make_problem("directory-shadowed", message, remedy, folder.place)
            merged[index] = replace(package, problems=(*package.problems, problem))
    return merged


def _is_same(package: Found, folder: Found) -> bool:
    one, other = package.package_dir, folder.package_dir
    return one is not None and other is not None and one.resolve() == other.resolve()


def _refuse_duplicates(found: list[Found]) -> list[Found]:
    by_name: dict[str, list[Found]] = {}
    for one in found:
        by_name.setdefault(one.name, []).append(one)
    result = []
    for one in found:
        others = [other for other in by_name[one.name] if other is not one]
        if others:
            named = " and ".join(other.label for other in others)
            message = f"Plugin {one.label} has the same name as {named}: neither is loaded."
            first = canonicalize_name(others[0].dist) if others[0].dist else ""
            remedy = f"pip uninstall -y {first}" if first else f"rm -r {others[0].place}"
            problem = make_problem("duplicate-name", message, remedy, one.place)
            one = replace(one, problems=(*one.problems, problem))
        result.append(one)
    return result
