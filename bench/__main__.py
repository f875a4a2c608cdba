"""Measure, print, and keep: ``python -m bench [--rows 100000] [--json FILE]``."""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from bench import bare

PASSWORD = "correct horse 7"
BATCH = 2_000
STARTS = 5


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure: ShopDB's median, bare Flask's, and the share of the bare speed that ShopDB reaches.

    For start-ups the ratio is how many times as long ShopDB takes.
    """

    name: str
    unit: str
    shopdb: float
    bare: float

    @property
    def ratio(self) -> float:
        """Above 1 is slower than bare for times."""
        return self.shopdb / self.bare


def median_ms(calls: Sequence[Callable[[], Any]], rounds: int) -> list[float]:
    """The median time of each call, the calls taking turns so that a busy machine hits all alike."""
    times: list[list[float]] = [[] for _ in calls]
    for call in calls:
        for _ in range(5):
            call()
    for _ in range(rounds):
        for kept, call in zip(times, calls, strict=True):
            began = time.perf_counter()
            call()
            kept.append((time.perf_counter() - began) * 1000)
    return [statistics.median(kept) for kept in times]


def make_site(folder: Path, rows: int) -> Path:
    """A site with so many assets, each with a type, a status and a place."""
    from sqlalchemy import insert

    from shopdb import clock
    from shopdb.columns import key_of
    from shopdb.models import Asset
    from shopdb.new_site import create_site
    from shopdb.resources.declare import Actor
    from shopdb.runtime import start
    from shopdb.services import create_item

    create_site(folder / "site", name="bench", password=PASSWORD, environ={})
    runtime = start(folder / "site", environ={})
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
    return folder / "site"


def measure_requests(site_dir: Path, rows: int, rounds: int) -> Iterator[Measure]:
    """List, item, create: in this process, by Flask's test client, without a network."""
    from shopdb.app import create_app
    from shopdb.runtime import start

    ours, theirs = create_app(start(site_dir, environ={})).test_client(), bare.create_app().test_client()
    answer = ours.post("/api/v1/auth/login", json={"username": "admin", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
    ids = itertools.cycle(range(1, rows, max(1, rows // 97)))
    numbers = itertools.count(rows + 1)

    def ask(client: FlaskClient, path: str) -> None:
        answered = client.get(path, headers=headers)
        assert answered.status_code == 200, answered.get_data(as_text=True)

    def create(client: FlaskClient, path: str) -> None:
        n = next(numbers)
        body = {"name": f"New {n}", "serial_number": f"N-{n}"}
        body |= {"asset_type": 1} if client is ours else {}  # type: ignore[dict-item]  # a number among texts
        answered = client.post(path, headers=headers, json=body)
        assert answered.status_code == 201, answered.get_data(as_text=True)

    pairs: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        f"list of 50 of {rows:,}": (
            lambda: ask(ours, "/api/v1/assets?limit=50"),
            lambda: ask(theirs, "/items"),
        ),
        "item": (
            lambda: ask(ours, f"/api/v1/assets/{next(ids)}"),
            lambda: ask(theirs, f"/items/{next(ids)}"),
        ),
        "create": (lambda: create(ours, "/api/v1/assets"), lambda: create(theirs, "/items")),
    }
    for name, (shopdb, plain) in pairs.items():
        first, second = median_ms((shopdb, plain), rounds)
        yield Measure(name=name, unit="ms", shopdb=first, bare=second)


def measure_starts(site_dir: Path) -> Iterator[Measure]:
    """Start-ups, each in a fresh process."""
    environ = {**os.environ, "SHOPDB_SITE": str(site_dir)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    flask = [sys.executable, "-c", "from bench.bare import create_app; create_app()"]
    python = [sys.executable, "-c", "pass"]
    shopdb = [sys.executable, "-m", "shopdb"]
    for name, ours, plain in (
        ("start: --version, beside bare Python", [*shopdb, "--version"], python),
        ("start: plugin list, beside bare Flask", [*shopdb, "plugin", "list"], flask),
        (
            "start: the application, beside bare Flask",
            [sys.executable, "-c", "from shopdb.app import create_app; create_app()"],
            flask,
        ),
    ):
        first, second = median_ms((lambda o=ours: run(o, environ), lambda p=plain: run(p, environ)), STARTS)  # type: ignore[misc]  # bound now
        yield Measure(name=name, unit="ms", shopdb=first, bare=second)
    port = find_free_port()
    ours = [*shopdb, "serve", "--port", str(port), "--no-worker", "--workers", "1"]
    plain = [sys.executable, "-m", "gunicorn", "bench.bare:create_app()", "--bind", f"127.0.0.1:{port}"]
    first = statistics.median(time_until_answer(ours, port, "/healthz", environ) for _ in range(STARTS))
    second = statistics.median(time_until_answer(plain, port, "/items/1", environ) for _ in range(STARTS))
    yield Measure(name="start: serve, beside gunicorn with bare Flask", unit="ms", shopdb=first, bare=second)


def run(command: list[str], environ: dict[str, str]) -> None:
    """Run it to its end."""
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)


def find_free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def time_until_answer(command: list[str], port: int, path: str, environ: dict[str, str]) -> float:
    """Milliseconds from the start until a request is answered with 200."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not is_answered(port, path):
            assert process.poll() is None, f"{command} ended"
            time.sleep(0.01)
        return (time.perf_counter() - began) * 1000
    finally:
        process.terminate()
        process.wait()


def is_answered(port: int, path: str) -> bool:
    """Whether a server answers there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", type=Path, help="Write the figures there too.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["BENCH_BARE_DATABASE"] = str(folder / "bare.sqlite3")
        bare.make_database(options.rows)
        site_dir = make_site(folder, options.rows)
        measures = [*measure_requests(site_dir, options.rows, options.rounds), *measure_starts(site_dir)]
    print(f"{'':50} {'ShopDB':>9} {'bare':>9} {'times bare':>11}")
    for measure in measures:
        print(
            f"{measure.name:50} {measure.shopdb:>6.2f} {measure.unit} {measure.bare:>6.2f} {measure.unit} {measure.ratio:>11.2f}"
        )
    if options.json is not None:
        options.json.write_text(
            json.dumps([{**asdict(m), "ratio": m.ratio} for m in measures], indent=2), "utf-8"
        )


if __name__ == "__main__":
    main()
