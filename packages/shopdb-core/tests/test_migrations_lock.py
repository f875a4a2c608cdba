"""One process migrates; the others wait, and find it done."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shopdb.db import Database
from shopdb.errors import MigrationError
from shopdb.migrations import Package, recorded, upgrade
from shopdb.migrations.lock import hold_lock
from shopdb.migrations.transaction import migration_connection

Write = Callable[..., Package]
fork = multiprocessing.get_context("fork")


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def _migrate(url: str, packages: list[Package]) -> None:
    database = Database(url)
    upgrade(database, packages)
    database.dispose()


def _hold(url: str, held: Path) -> None:
    database = Database(url)
    with migration_connection(database, 5) as connection, hold_lock(connection, 5):
        held.touch()
        time.sleep(60)


@pytest.mark.parametrize("round_", [1, 2, 3])
def test_eight_processes_at_once_migrate_once(
    database: Database, tmp_path: Path, write_package: Write, round_: int
) -> None:
    log = tmp_path / "runs"
    note = f"time.sleep(0.1)\nwith open({str(log)!r}, 'a') as file:\n    file.write(revision + ' ')\n"
    table = 'op.create_table("scales_scale", sa.Column("id", sa.Integer, primary_key=True))\n'
    package = write_package("scales", [table + note, note])

    workers = [fork.Process(target=_migrate, args=(url_of(database), [package])) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0] * 8
    assert log.read_text().split() == ["scales_0001", "scales_0002"]
    assert recorded(database) == {"scales": ("scales_0002",)}


def test_a_lock_that_is_not_to_be_had_is_told_in_time(
    database: Database, tmp_path: Path, write_package: Write
) -> None:
    held = tmp_path / "held"
    holder = fork.Process(target=_hold, args=(url_of(database), held))
    holder.start()
    try:
        _wait_for(held)
        began = time.monotonic()
        with pytest.raises(
            MigrationError, match="Another process is migrating this database, and still was after 0.3"
        ):
            upgrade(database, [write_package("scales", [""])], lock_timeout_s=0.3)
        assert time.monotonic() - began < 5
    finally:
        holder.kill()
        holder.join()


def test_the_lock_of_a_killed_process_is_free(
    database: Database, tmp_path: Path, write_package: Write
) -> None:
    held = tmp_path / "held"
    holder = fork.Process(target=_hold, args=(url_of(database), held))
    holder.start()
    _wait_for(held)
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()

    upgrade(database, [write_package("scales", [""])], lock_timeout_s=10)

    assert recorded(database) == {"scales": ("scales_0001",)}


def test_a_lock_file_that_can_not_be_written_is_named(
    make_database: Callable[..., Database], write_package: Write
) -> None:
    database = make_database("sqlite")
    Path(f"{database.url.database}.migration-lock").mkdir()

    with pytest.raises(MigrationError, match="migration-lock can't be opened: Is a directory"):
        upgrade(database, [write_package("scales", [""])])


def test_the_lock_is_free_after_a_failed_migration(database: Database, write_package: Write) -> None:
    with pytest.raises(MigrationError, match="ZeroDivisionError"):
        upgrade(database, [write_package("scales", ["1 / 0"])])

    upgrade(database, [write_package("scales", [""])], lock_timeout_s=1)

    assert recorded(database) == {"scales": ("scales_0001",)}


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)
