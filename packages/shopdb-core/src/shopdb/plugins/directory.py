"""A site's own plugins: ``<site>/plugins/<name>/``, a plain folder or a project with a ``pyproject.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shopdb.plugins.distributions import GROUP, UnreadableError, read_capped
from shopdb.plugins.found import SITE_PACKAGE, Found, manifest_name_problem, name_problem
from shopdb.plugins.manifest import FILE, Manifest, read_manifest
from shopdb.plugins.problems import Problem, make_problem

MAX_PROJECT_BYTES = 1024 * 1024


def find_directory_plugins(site_dir: Path) -> list[Found]:
    """Every plugin in the site's folder ``plugins``, by name."""
    folder = site_dir / "plugins"
    try:
        children = sorted(folder.iterdir())
    except OSError:
        return []
    found: list[Found] = []
    for child in children:
        if child.name.startswith((".", "_")) or (child.exists() and not child.is_dir()):
            continue
        found += read_directory(child)
    return found


def read_directory(folder: Path) -> list[Found]:
    """The plugins in one folder: one for a plain folder, one for each entry point of a project."""
    if not folder.exists():
        target = folder.readlink() if folder.is_symlink() else folder
        message = f"The link {folder} points at {target}, which isn't there."
        problem = make_problem("source-gone", message, f"rm {folder}", folder)
        return [Found(name=folder.name, source="directory", place=folder, problems=(problem,))]
    if (folder / "pyproject.toml").is_file():
        return _read_project(folder)
    return [_read_plain(folder)]


def _read_plain(folder: Path) -> Found:
    name = folder.name
    problems = [name_problem(name, folder)]
    manifest, wrong = _manifest_in(folder, is_directory_plugin=True)
    problems += wrong
    if manifest is not None:
        problems.append(manifest_name_problem(name, manifest, folder / FILE))
        if not (folder / "plugin.py").is_file():
            message = f"{folder} has a manifest, but no plugin.py."
            problems.append(
                make_problem("missing-package", message, f"Write {folder / 'plugin.py'}.", folder)
            )
    return Found(
        name=name,
        source="directory",
        place=folder,
        target=f"{SITE_PACKAGE}.{name}.plugin",
        version=(manifest.version or "") if manifest else "",
        manifest=manifest,
        package_dir=folder,
        import_path=folder.parent,
        requires=manifest.requires if manifest else (),
        problems=tuple(problem for problem in problems if problem),
    )


def _manifest_in(folder: Path, *, is_directory_plugin: bool) -> tuple[Manifest | None, list[Problem | None]]:
    path = folder / FILE
    if not path.is_file():
        message = f"{folder} has no {FILE}."
        remedy = f'Write {path} with name = "{folder.name}", title = "…" and hook_api = 1.'
        return None, [make_problem("no-manifest", message, remedy, folder)]
    manifest, problems = read_manifest(path, is_directory_plugin=is_directory_plugin)
    return manifest, list(problems)


def _read_project(folder: Path) -> list[Found]:
    file = folder / "pyproject.toml"
    try:
        project = _table(tomllib.loads(read_capped(file, MAX_PROJECT_BYTES)), "project")
    except (UnreadableError, ValueError) as error:
        message = f"{file} can't be read: {error}."
        problem = make_problem("manifest-unreadable", message, f"Correct {file}.", file)
        return [Found(name=folder.name, source="directory", place=folder, problems=(problem,))]
    entries = _table(_table(project, "entry-points"), GROUP)
    if not entries:
        message = f'{file} has no [project.entry-points."{GROUP}"].'
        remedy = f'Add [project.entry-points."{GROUP}"] with {folder.name} = "package.plugin" to {file}.'
        problem = make_problem("malformed-entry-points", message, remedy, file)
        return [Found(name=folder.name, source="directory", place=folder, problems=(problem,))]
    return [_read_entry(folder, project, str(name), str(target)) for name, target in entries.items()]


def _read_entry(folder: Path, project: Mapping[str, Any], name: str, target: str) -> Found:
    root = folder / "src" if (folder / "src").is_dir() else folder
    package = _package_of(root, target)
    problems: list[Problem | None] = [name_problem(name, folder)]
    manifest: Manifest | None = None
    if package is None:
        message = f"The entry point {name} = {target!r} names no package in {root}."
        remedy = f"Correct the entry point in {folder / 'pyproject.toml'}, or add the package."
        problems.append(make_problem("missing-package", message, remedy, folder))
    else:
        manifest, wrong = _manifest_in(package, is_directory_plugin=False)
        problems += wrong
        if manifest is not None:
            problems.append(manifest_name_problem(name, manifest, package / FILE))
    return Found(
        name=name,
        source="directory",
        place=folder,
        target=target,
        dist=_text(project.get("name")) or None,
        version=_text(project.get("version")),
        manifest=manifest,
        package_dir=package,
        import_path=root,
        requires=tuple(map(str, _list(project.get("dependencies")))),
        requires_python=_text(project.get("requires-python")) or None,
        problems=tuple(problem for problem in problems if problem),
    )


def _package_of(root: Path, target: str) -> Path | None:
    """The innermost folder of the entry point's module that holds a manifest, else its outermost."""
    module = target.partition("[")[0].partition(":")[0].strip()
    parts = module.split(".")
    folders = [root.joinpath(*parts[:end]) for end in range(len(parts), 0, -1)]
    there = [folder for folder in folders if folder.is_dir()]
    with_manifest = [folder for folder in there if (folder / FILE).is_file()]
    return next(iter(with_manifest or there[-1:]), None)


def _table(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
