"""``shopdb worker``: background jobs and the schedule."""

from __future__ import annotations

import click

from shopdb.cli.context import CliContext, pass_cli


@click.command("worker")
@pass_cli
def worker(cli: CliContext) -> None:
    """Do the site's background work until a signal ends it.

    shopdb serve runs one by itself. Several at once share the work: each job runs once at a time.
    """
    from shopdb.jobs.worker import Worker
    from shopdb.logs import configure_logs

    configure_logs(cli.settings(), process="worker")
    Worker(cli.runtime()).run()
