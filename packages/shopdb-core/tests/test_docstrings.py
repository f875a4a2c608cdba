"""The examples in the docstrings of what authors import, run."""

from __future__ import annotations

import doctest
import importlib.util
import pkgutil
import re
import sys
from pathlib import Path

import pytest

import shopdb.outbound
import shopdb.plugins
import shopdb.search
import shopdb.testing
from shopdb.plugins.artefact import check_artefact

PACKAGES = (shopdb.outbound, shopdb.search, shopdb.testing)
SINGLE = (
    "shopdb.columns",
    "shopdb.db",
    "shopdb.plugins.values",
    "shopdb.resources.declare",
    "shopdb.services",
)


def with_examples() -> list[str]:
    """The modules of the surface that hold an example."""
    found = [
        f"{package.__name__}.{module.name}"
        for package in PACKAGES
        for module in pkgutil.iter_modules(package.__path__)
    ]
    places = {name: importlib.util.find_spec(name) for name in sorted([*found, *SINGLE])}
    return [
        name
        for name, spec in places.items()
        if spec and spec.origin and ">>> " in Path(spec.origin).read_text("utf-8")
    ]


@pytest.mark.parametrize("name", with_examples())
def test_examples_say_what_comes_out(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert (result.failed, result.attempted > 0) == (0, True)


def test_the_plugin_in_the_author_s_quick_start_is_sound(tmp_path: Path) -> None:
    files = re.split(r"^    # (\S+\.(?:py|toml))\n", shopdb.plugins.__doc__ or "", flags=re.MULTILINE)
    written = dict(zip(files[1::2], files[2::2], strict=True))
    assert set(written) == {
        "pyproject.toml",
        "shopdb_scales/shopdb-plugin.toml",
        "shopdb_scales/models.py",
        "shopdb_scales/plugin.py",
    }
    for name, text in written.items():
        path = tmp_path / ("" if name == "pyproject.toml" else "src") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_unindented(text), "utf-8")
    try:
        (verdict,) = check_artefact(tmp_path)
    finally:
        sys.path[:] = [place for place in sys.path if place != str(tmp_path / "src")]
        for module in [module for module in sys.modules if module.startswith("shopdb_scales")]:
            del sys.modules[module]
    assert (verdict.name, verdict.state, verdict.problems) == ("scales", "available", ())


def _unindented(text: str) -> str:
    """The block's own lines: those that are indented by four, up to the first that isn't."""
    lines = []
    for line in text.splitlines():
        if line and not line.startswith("    "):
            break
        lines.append(line[4:])
    return "\n".join(lines) + "\n"
