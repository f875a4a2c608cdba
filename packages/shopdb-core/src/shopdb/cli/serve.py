"""``shopdb serve``: the web processes and the worker, under one supervisor."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from shopdb.cli.context import CliContext, pass_cli

if TYPE_CHECKING:
    import socket

    from shopdb.supervisor import Supervisor


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one."
)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Web processes.")
@click.option("--no-worker", is_flag=True, help="Don't run the background worker beside the web processes.")
@click.option("--migrate", is_flag=True, help="Bring the database to this release first.")
@pass_cli
def serve(cli: CliContext, host: str, port: int, workers: int, no_worker: bool, migrate: bool) -> None:
    """Serve the site, and do its background work.

    With a Redis URL the hosts share the work, so that each runs its worker by itself: shopdb worker.
    """
    from shopdb import serving
    from shopdb.supervisor import Supervisor

    settings = cli.settings()
    for warning in settings.warnings:
        click.echo(f"Warning: {warning}", err=True)
    serving.check_secure(settings, host)
    if migrate:
        _migrate(cli)
    _check_required(cli)
    environ = serving.child_environ(settings, os.environ, safe_mode=cli.safe_mode)
    with serving.listen(host, port) as listener:
        children = [serving.web_child(settings, listener, environ, workers=workers)]
        if not no_worker and settings.redis_url is None:
            children.append(serving.worker_child(environ))
        supervisor = Supervisor(children)
        code = supervisor.run(on_started=lambda: announce(supervisor, listener, host))
    raise SystemExit(code)


def announce(supervisor: Supervisor, listener: socket.socket, host: str) -> bool:
    """Say the address as soon as the site answers, and what keeps it from being used.

    Returns:
        Whether it answered.
    """
    import orjson

    from shopdb import serving

    answer = serving.wait_for_answer(listener, host, "/readyz", while_=lambda: _is_starting(supervisor))
    if answer is None:
        return False
    click.echo(f"ShopDB answers at {serving.address_of(listener, host)}")
    try:
        state = orjson.loads(answer[1])
    except orjson.JSONDecodeError:
        return True
    if state.get("database") != "ok":
        click.echo(f"Warning: {state.get('database')}", err=True)
    if state.get("degraded"):
        names = ", ".join(state["degraded"])
        click.echo(f"Warning: out of order: {names}. Run: shopdb plugin list", err=True)
    return True


def _is_starting(supervisor: Supervisor) -> bool:
    return not supervisor.is_ending() and supervisor.find_ended() is None


def _migrate(cli: CliContext) -> None:
    """Bring all schemas to their heads. A plugin that can't be brought there stays off; core must be."""
    from shopdb.cli.db import refresh_index
    from shopdb.migrations.package import CORE
    from shopdb.migrations.packages import upgrade_site

    safe_mode = cli.safe_mode or cli.settings().safe_mode
    done = upgrade_site(cli.site_dir(), cli.database(), safe_mode=safe_mode)
    if CORE not in done.problems:
        refresh_index(cli)
        cli.runtime().database.dispose()
    cli.database().dispose()
    for problem in done.problems.values():
        click.echo(f"Error: {problem}", err=True)
    if "core" in done.problems:
        raise SystemExit(1)


def _check_required(cli: CliContext) -> None:
    """End here, in clear words, where a plugin that the site can't do without is out of order."""
    settings = cli.settings()
    if cli.safe_mode or settings.safe_mode:
        return
    if settings.required_plugins or settings.plugin_errors == "strict":
        from shopdb.plugins.loader import required_failures

        failures = required_failures(cli.runtime().plugins)
        cli.runtime().database.dispose()
        if failures:
            for failure in failures:
                click.echo(f"Error: {failure.sentence}", err=True)
            raise SystemExit(1)
