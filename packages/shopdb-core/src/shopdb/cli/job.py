"""``shopdb job``: what the worker does on its schedule, and how it went."""

from __future__ import annotations

from typing import Any

import click

from shopdb.cli.context import CliContext, pass_cli
from shopdb.cli.output import emit, json_option
from shopdb.errors import NotFoundError


@click.group("job")
def job() -> None:
    """The jobs of the worker."""


@job.command("list")
@json_option
@pass_cli
def list_(cli: CliContext, as_json: bool) -> None:
    """List the jobs: how often each runs, when it last did, and how that ended."""
    from shopdb.jobs.schedule import list_jobs
    from shopdb.services.lease import list_leases

    runtime = cli.runtime()
    with runtime.database.read() as session:
        leases = list_leases(session)
    never: dict[str, Any] = {"is_running": False, "holder": None, "last_run_at": None, "last_error": None}
    rows = [
        {"name": j.name, "every_s": j.every_s, "deadline_s": j.deadline_s, **leases.get(j.name, never)}
        for j in list_jobs(runtime)
    ]
    columns = [
        ("job", "name"),
        ("every (s)", "every_s"),
        ("runs", "is_running"),
        ("last run", "last_run_at"),
        ("last error", "last_error"),
    ]
    emit(rows, as_json, table=columns)


@job.command("run")
@click.argument("name")
@click.option("--here", is_flag=True, help="Run it in this process and wait, instead of asking the worker.")
@pass_cli
def run(cli: CliContext, name: str, here: bool) -> None:
    """Run a job soon, though it is not due: the worker takes it up within a second or two."""
    from shopdb.jobs.queue import JobQueue
    from shopdb.jobs.schedule import list_jobs

    runtime = cli.runtime()
    found = {job.name: job for job in list_jobs(runtime)}
    if name not in found:
        raise NotFoundError(f"There is no job {name!r}. There are: {', '.join(sorted(found))}")
    if here:
        found[name].run()
        click.echo(f"Ran {name}.")
        return
    JobQueue(runtime.settings).request(name)
    click.echo(f"Asked the worker to run {name}.")
