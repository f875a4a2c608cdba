"""Bring a package into this environment with pip, core held where it is."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from shopdb import __version__
from shopdb.errors import PluginError, ShopDBError
from shopdb.plugins.artefact import open_artefact

_ARCHIVES = (".whl", ".tar.gz", ".zip")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One argument of ``plugin install``: a plugin that is here, or a package to fetch.

    Args:
        name: The plugin's name; None for a package, whose plugins are known once it is here.
        dist: The package's normalised name.
        source: What pip is given: a requirement or a path.
    """

    name: str | None = None
    dist: str | None = None
    source: str | None = None


def read_argument(text: str, site_dir: Path) -> Wanted:
    """What an argument means: a bare NAME is a plugin that is here and never looked up on an index.

    Raises:
        ShopDBError: it is a path that isn't there, or a folder that pip can't install.
    """
    if text.endswith(_ARCHIVES) or "/" in text or text in (".", ".."):
        return _read_path(Path(text), site_dir)
    if canonicalize_name(text).startswith("shopdb-"):
        try:
            return Wanted(dist=canonicalize_name(Requirement(text).name), source=text)
        except InvalidRequirement as error:
            raise ShopDBError(
                f"{text!r} is no requirement that pip can read: {error}. Write it like shopdb-printers==1.0.0"
            ) from error
    return Wanted(name=text)


def fetch(wanted: Wanted, *, upgrade: bool = False) -> None:
    """Install a package and what it needs.

    Raises:
        PluginError: the package can't work here whatever pip brings; pip wasn't run.
        ShopDBError: pip failed; the text holds what it said.
    """
    source = wanted.source or ""
    path = Path(source)
    if path.exists() and (path.is_dir() or path.suffix == ".whl"):
        with open_artefact(path) as artefact:
            hopeless = artefact.find_hopeless()
        if hopeless:
            raise PluginError(hopeless[0])
    with TemporaryDirectory(prefix="shopdb-pip-") as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text(f"shopdb-core=={__version__}\n", "utf-8")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--quiet",
        ]
        command += ["--upgrade"] if upgrade else []
        command += ["--constraint", str(constraints), source]
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        said = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[-12:])
        raise ShopDBError(
            f"pip could not install {source} beside shopdb-core {__version__}. It said:\n{said}\n"
            f"Mend that, then run it again; to see more: {sys.executable} -m pip install {source}"
        )


def _read_path(path: Path, site_dir: Path) -> Wanted:
    if not path.exists():
        raise ShopDBError(f"{path} isn't there. Name a wheel or a folder that is.")
    if path.is_dir():
        return _read_folder(path.resolve(), site_dir)
    try:
        if path.suffix == ".whl":
            return Wanted(dist=parse_wheel_filename(path.name)[0], source=str(path))
        return Wanted(dist=parse_sdist_filename(path.name)[0], source=str(path))
    except (InvalidWheelFilename, InvalidSdistFilename) as error:
        raise ShopDBError(
            f"{path.name} is no file name of a wheel or sdist: {error}. Keep the published name."
        ) from error


def _read_folder(folder: Path, site_dir: Path) -> Wanted:
    plugins = (site_dir / "plugins").resolve()
    if folder.parent == plugins:
        return Wanted(name=folder.name)
    project = folder / "pyproject.toml"
    if not project.is_file():
        raise ShopDBError(
            f"{folder} has no pyproject.toml, so pip can't install it. To use it as a directory plugin, run: "
            f"ln -s {folder} {plugins / folder.name} && shopdb plugin install {folder.name}"
        )
    try:
        name = tomllib.loads(project.read_text("utf-8"))["project"]["name"]
        return Wanted(dist=canonicalize_name(name), source=str(folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ShopDBError(f"{project} gives no project name: {error}. Add name under [project].") from error
