"""A site: the folder with ``shopdb.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from shopdb.errors import SiteNotFoundError

SITE_FILE = "shopdb.toml"
ENV_FILE = ".env"
VAR_DIR = "var"
PLUGINS_DIR = "plugins"


def find_site(start: Path | None = None, *, environ: Mapping[str, str]) -> Path:
    """The site's folder, absolute.

    Args:
        start: What ``--site`` said; looked at alone.
        environ: Its ``SHOPDB_SITE`` comes next; then the nearest site upward from the working folder.

    Raises:
        SiteNotFoundError: none of them holds a ``shopdb.toml``.
    """
    if start is not None:
        return _required(start, "--site")
    if environ.get("SHOPDB_SITE"):
        return _required(Path(environ["SHOPDB_SITE"]), "SHOPDB_SITE")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SITE_FILE).is_file():
            return folder
    raise SiteNotFoundError(
        f"No {SITE_FILE} in {here} or above it. Name the site with --site DIR or SHOPDB_SITE, "
        "or make one: shopdb init DIR"
    )


def _required(folder: Path, said_by: str) -> Path:
    folder = folder.expanduser().resolve()
    if (folder / SITE_FILE).is_file():
        return folder
    what = f"there is no {SITE_FILE} in it" if folder.is_dir() else "there is no such folder"
    raise SiteNotFoundError(f"{said_by} names {folder}, but {what}. Make a site: shopdb init {folder}")
