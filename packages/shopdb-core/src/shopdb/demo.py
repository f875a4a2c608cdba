"""The demo: a sample factory with every plugin that is found, made once and served again and again."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from shopdb.errors import SettingsError, ShopDBError
from shopdb.new_site import create_site
from shopdb.site import ENV_FILE, SITE_FILE, VAR_DIR
from shopdb.supervisor import Child

if TYPE_CHECKING:
    from shopdb.plugins.values import Demo as PluginDemo
    from shopdb.runtime import Runtime

NAME = "Plant 7 (demo)"
ADMIN = "admin"
MARK_FILE = "demo.json"

_log = logging.getLogger("shopdb.demo")


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A demo site that is there. The password is kept in it: nothing in it is worth a secret."""

    site_dir: Path
    admin: str
    password: str


def prepare_demo(folder: Path, environ: Mapping[str, str]) -> Demo:
    """The demo in that folder, made where it isn't there yet.

    A making that was interrupted begins anew.

    Raises:
        SettingsError: the folder holds something else.
    """
    folder = folder.expanduser().absolute()
    mark = _read_mark(folder)
    if mark is None and (folder / SITE_FILE).exists():
        raise SettingsError(f"{folder} is a site of its own, and no demo.", "Name another folder with --dir.")
    if mark is not None and mark["complete"]:
        return Demo(site_dir=folder, admin=ADMIN, password=mark["password"])
    if mark is not None:
        shutil.rmtree(folder)
    return _make(folder, environ)


def _read_mark(folder: Path) -> dict[str, str] | None:
    try:
        mark = json.loads((folder / VAR_DIR / MARK_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return mark if isinstance(mark, dict) and {"complete", "password"} <= mark.keys() else None


def _write_mark(demo: Demo, *, complete: bool) -> None:
    mark = {"password": demo.password, "complete": complete}
    (demo.site_dir / VAR_DIR / MARK_FILE).write_text(json.dumps(mark), "utf-8")


def _make(folder: Path, environ: Mapping[str, str]) -> Demo:
    site_environ = {k: v for k, v in environ.items() if k != "SHOPDB_DATABASE_URL"}  # never someone's data
    said = environ.get("SHOPDB_ADMIN_PASSWORD") or None
    print(f"Making a demo in {folder} …", file=sys.stderr)
    site = create_site(folder, name=NAME, admin=ADMIN, password=said, environ=site_environ)
    demo = Demo(site_dir=folder, admin=ADMIN, password=said or site.password or "")
    try:
        _write_mark(demo, complete=False)
        _install_plugins(folder)
        _seed(folder)
        _write_mark(demo, complete=True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return demo


def _install_plugins(site_dir: Path) -> None:
    """In a process of its own: installing tries a plugin's code, and this process will load it for good."""
    command = [
        sys.executable,
        "-m",
        "shopdb",
        "--site",
        str(site_dir),
        "plugin",
        "install",
        "--all",
    ]
    done = subprocess.run(
        command,
        env=demo_environ(os.environ),
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:  # the demo goes on without a plugin that is refused
        print(f"Not every plugin could be installed:\n{done.stderr}", file=sys.stderr)


def demo_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what would point the demo at someone's own database or site."""
    return {k: v for k, v in environ.items() if k not in ("SHOPDB_DATABASE_URL", "SHOPDB_SITE")}


def _seed(site_dir: Path) -> None:
    from shopdb.demo_data import seed_core
    from shopdb.runtime import start

    runtime = start(site_dir, environ=demo_environ(os.environ))
    try:
        with runtime.database.write() as session:
            seed_core(session)
        _write_environment(runtime)
        for plugin, demo in in_order(runtime.plugins.demos()):
            if demo.seed is not None:
                try:
                    demo.seed(runtime.context_of(plugin))
                except Exception:  # noqa: BLE001 - a plugin's sample data is left out, the demo stands
                    _log.exception("sample data left out", extra={"plugin": plugin})
    finally:
        runtime.database.dispose()


def in_order(demos: Sequence[tuple[str, PluginDemo]]) -> list[tuple[str, PluginDemo]]:
    """What plugins add, each after those that it names; where they name each other in a ring, as they stand."""
    after: dict[str, set[str]] = {plugin: set() for plugin, _ in demos}
    for plugin, demo in demos:
        after[plugin] |= set(demo.after) & after.keys() - {plugin}
    try:
        order = list(TopologicalSorter(after).static_order())
    except CycleError:
        return list(demos)
    return sorted(demos, key=lambda one: order.index(one[0]))


def _write_environment(runtime: Runtime) -> None:
    """Keep in the demo's own settings what plugins want it to run with; lists are joined."""
    wanted: dict[str, list[str]] = {}
    for _, demo in runtime.plugins.demos():
        for variable, value in demo.environment.items():
            values = wanted.setdefault(variable, [])
            values += [value] if value not in values else []
    with (runtime.site_dir / ENV_FILE).open("a", encoding="utf-8") as file:
        file.writelines(f"{variable}={','.join(values)}\n" for variable, values in wanted.items())


def _filled(command: Sequence[str], site_dir: Path) -> list[str]:
    return [word.replace("{site_dir}", str(site_dir)) for word in command]


def simulators(site_dir: Path, environ: Mapping[str, str]) -> list[Child]:
    """The processes that play the demo's devices."""
    from shopdb.runtime import start

    try:
        runtime = start(site_dir, environ=environ)
    except ShopDBError as error:
        print(f"Warning: no simulators: {error}", file=sys.stderr)
        return []
    try:
        return [
            Child(f"The simulator of {plugin}", _filled(command, site_dir), environ, restart=True)
            for plugin, demo in runtime.plugins.demos()
            for command in demo.commands
        ]
    finally:
        runtime.database.dispose()
