"""Read the plugin's sources without running them."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from shopdb.plugins.found import Found
from shopdb.plugins.problems import Problem, make_problem

MAX_FILES = 5000
_PRUNED = frozenset({"__pycache__", "node_modules"})


def find_files(folder: Path) -> Iterator[Path]:
    """The package's files in a stable order, without caches, hidden folders and what npm brings."""
    count = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in _PRUNED and not one.startswith("."))
        for name in sorted(names):
            count += 1
            if count > MAX_FILES:
                return
            yield Path(root, name)


def check_sources(found: Found) -> list[Problem]:
    """What keeps the plugin's files from being compiled; tests and data in the package count too."""
    if found.package_dir is None:
        return []
    problems = []
    for path in find_files(found.package_dir):
        if path.suffix != ".py":
            continue
        problem = _check_source(found, path)
        if problem is not None:
            problems.append(problem)
    return problems


def _check_source(found: Found, path: Path) -> Problem | None:
    try:
        with warnings.catch_warnings(action="ignore"):  # a plugin's invalid escapes are no business of core
            ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        return _explain(found, path, error)
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        message = f"{path} of plugin {found.label} can't be read: {error or type(error).__name__}."
        return make_problem("unreadable-source", message, f"Mend {path}.", path)
    return None


def _explain(found: Found, path: Path, error: SyntaxError) -> Problem:
    where = f"{path}:{error.lineno}" if error.lineno else str(path)
    reason = str(error.msg)
    if any(word in reason for word in ("utf-8", "codec", "encoding", "null byte")):
        message = f"{path} of plugin {found.label} can't be read: {reason}."
        return make_problem("unreadable-source", message, f"Save {path} as UTF-8 without NUL bytes.", where)
    line = f" in {error.text.strip()[:80]!r}" if error.text else ""
    message = f"{path.name} of plugin {found.label} isn't valid Python, line {error.lineno}: {reason}{line}."
    remedy = f"Correct {where}; if it is syntax of a newer Python, run the site with that one."
    return make_problem("syntax-error", message, remedy, where)
