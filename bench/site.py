"""The sites that are measured: the same rows, with two plugins and with all."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

PASSWORD = "correct horse 7"
TWO = ("printers", "usb")
BATCH = 2_000


def make_sites(folder: Path, rows: int) -> dict[str, Path]:
    """Side -> a site with so many assets, indexed for search."""
    two = _make_site(folder / "two", rows)
    six = Path(shutil.copytree(two, folder / "six"))
    _install(two, TWO)
    _install(six, None)
    return {"two": two, "six": six}


def _make_site(site_dir: Path, rows: int) -> Path:
    """Core alone; each asset with a type, a status and a place."""
    from sqlalchemy import insert

    from shopdb import clock
    from shopdb.columns import key_of
    from shopdb.models import Asset
    from shopdb.new_site import create_site
    from shopdb.resources.declare import Actor
    from shopdb.runtime import start
    from shopdb.services import create_item

    create_site(site_dir, name="bench", password=PASSWORD, environ={})
    runtime = start(site_dir, environ={})
    now = clock.now()
    with runtime.database.write() as session:
        actor = Actor(name="bench", source="cli")
        place = create_item(session, "locations", {"name": "Cell 1"}, actor=actor)["id"]
        same = {"asset_type_id": 1, "status_id": 1, "location_id": place, "custom_fields": {}, "version": 1}
        same |= {"created_at": now, "updated_at": now}
        for first in range(0, rows, BATCH):
            numbers = range(first + 1, min(first + BATCH, rows) + 1)
            several = [
                {
                    **same,
                    "asset_tag": f"B-{n}",
                    "asset_tag_key": key_of(f"B-{n}"),
                    "name": f"Asset {n}",
                    "serial_number": f"S-{n}",
                    "serial_number_key": key_of(f"S-{n}"),
                }
                for n in numbers
            ]
            session.connection().execute(insert(Asset), several)
    runtime.database.dispose()
    return site_dir


def _install(site_dir: Path, names: Sequence[str] | None) -> None:
    """Install plugins of this environment, in a process of its own: installing tries their code."""
    import subprocess
    import sys

    chosen = ["--all"] if names is None else list(names)
    shopdb = [sys.executable, "-m", "shopdb", "--site", str(site_dir)]
    subprocess.run([*shopdb, "plugin", "install", *chosen], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*shopdb, "db", "reindex"], check=True, stdout=subprocess.DEVNULL)
