"""A clean virtual environment that wheels are put into and taken out of, and a site that it serves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PASSWORD = "correct horse 7"
AUTHORS_TOOLS = ("editables", "hatchling", "pytest")


def run(*command: str | Path, environ: dict[str, str] | None = None, cwd: Path = ROOT) -> str:
    """Run a program; its standard output.

    Raises:
        AssertionError: it failed; with all that it said.
    """
    done = subprocess.run(
        [str(word) for word in command],
        env={**clean_environ(), **(environ or {})},
        cwd=cwd,
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def clean_environ() -> dict[str, str]:
    """The environment without settings of a site, and without this interpreter's own packages."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("SHOPDB_", "PYTHON", "VIRTUAL_ENV"))}


def build_wheels(folder: Path) -> Path:
    """Build every package's wheel by way of its sdist, and fetch the wheels of all that they and authors require."""
    for package in sorted((ROOT / "packages").iterdir()):
        run(sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", folder, package)
    wheels = sorted(folder.glob("*.whl"))
    fetch = (sys.executable, "-m", "pip", "download", "--quiet", "--dest", folder, "--find-links", folder)
    run(*fetch, *wheels, *AUTHORS_TOOLS)
    return folder


class CleanEnvironment:
    """A virtual environment that takes packages from one folder of wheels alone.

    Args:
        copy_of: Begin with what this one has, its files linked instead of written: pip replaces files and
            never writes into them.
    """

    def __init__(self, folder: Path, wheels: Path, *, copy_of: CleanEnvironment | None = None):
        if copy_of is None:
            run(sys.executable, "-m", "venv", folder)
        else:
            shutil.copytree(copy_of.bin.parent, folder, symlinks=True, copy_function=os.link)
        self.bin = folder / "bin"
        self._wheels = wheels
        # A copied script would start the interpreter of the environment that it was copied from.
        own = (self.bin / "shopdb",) if copy_of is None else (self.bin / "python", "-m", "shopdb")
        self._command: tuple[str | Path, ...] = own

    def install(self, *packages: str) -> None:
        """``pip install``, without an index."""
        pip = (self.bin / "python", "-m", "pip", "install", "--quiet", "--no-index")
        run(*pip, "--find-links", self._wheels, *packages)

    def uninstall(self, *packages: str) -> None:
        """``pip uninstall``."""
        run(self.bin / "python", "-m", "pip", "uninstall", "--quiet", "--yes", *packages)

    def shopdb(self, *arguments: str | Path, environ: dict[str, str] | None = None) -> str:
        """What a command writes."""
        return run(*self._command, *arguments, environ=environ)

    def shopdb_json(self, *arguments: str | Path) -> Any:
        """What a command writes with ``--json``."""
        return json.loads(self.shopdb(*arguments, "--json"))

    def states(self, site_dir: Path) -> dict[str, str]:
        """Plugin -> state, as ``plugin list`` says."""
        listed = self.shopdb_json("--site", site_dir, "plugin", "list")
        return {plugin["name"]: plugin["state"] for plugin in listed}
