"""The reference page of the hooks, with who comes with ShopDB and implements each."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from shopdb import core_plugin
from shopdb.plugins.hooks import HOOKS, render_page

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "hooks.md"


def find_users(packages: Sequence[str]) -> Mapping[str, list[str]]:
    """Hook -> the packages that implement it, core first."""
    modules = {"shopdb-core": core_plugin}
    for name in packages:
        modules[name] = importlib.import_module(f"{name.replace('-', '_')}.plugin")
    return {hook: [name for name, module in modules.items() if hasattr(module, hook)] for hook in HOOKS}


def render() -> Mapping[Path, str]:
    """The page."""
    packages = sorted(folder.name for folder in (ROOT / "packages").iterdir() if folder.name != "shopdb-core")
    return {PAGE: render_page(find_users(packages))}
