"""``shopdb demo``: a sample factory, made and served by one command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import socket

    from shopdb.demo import Demo

HOST = "127.0.0.1"
FIRST_CHOICE = 8000


@click.command("demo")
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("shopdb-demo"),
    show_default=True,
    help="Where it is made; served again when it is there.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), help="By default 8000, or any free one where that is taken."
)
@click.option("--no-serve", is_flag=True, help="Make it and end.")
def demo(folder: Path, port: int | None, no_serve: bool) -> None:
    """Make a sample factory with every plugin that is found and sample data, and serve it.

    Simulators play its devices. Sign in as admin with the password that is printed.
    """
    from shopdb.demo import prepare_demo

    prepared = prepare_demo(folder, os.environ)
    if no_serve:
        click.echo(f"The demo is in {prepared.site_dir}")
        _tell_account(prepared)
        click.echo(f"Serve it: shopdb demo --dir {prepared.site_dir}")
        return
    raise SystemExit(_serve(prepared, port))


def _serve(prepared: Demo, port: int | None) -> int:
    from shopdb import serving
    from shopdb.cli.serve import announce
    from shopdb.demo import demo_environ, simulators
    from shopdb.settings import load_settings
    from shopdb.supervisor import Supervisor

    environ = demo_environ(os.environ)
    settings = load_settings(prepared.site_dir, environ)
    environ = serving.child_environ(settings, environ, safe_mode=False)
    with _listen(port) as listener:
        supervisor = Supervisor(
            [
                *simulators(prepared.site_dir, environ),
                serving.web_child(settings, listener, environ, workers=1),
                serving.worker_child(environ),
            ]
        )

        def tell() -> None:
            if announce(supervisor, listener, HOST):
                _tell_account(prepared)

        return supervisor.run(on_started=tell)


def _listen(port: int | None) -> socket.socket:
    from shopdb import serving
    from shopdb.errors import SettingsError

    if port is not None:
        return serving.listen(HOST, port)
    try:
        return serving.listen(HOST, FIRST_CHOICE)
    except SettingsError:
        return serving.listen(HOST, 0)


def _tell_account(prepared: Demo) -> None:
    click.echo(f"Sign in as {prepared.admin} with the password {prepared.password}")
