"""Measure, print, and keep: ``python -m bench [--rows 100000] [--json FILE]``."""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from bench import bare
from bench.measure import SIDES, Measure, find_free_port, median_ms, run, time_until_answer
from bench.site import PASSWORD, make_sites

STARTS = 5


def measure_requests(sites: Mapping[str, Path], rows: int, rounds: int) -> Iterator[Measure]:
    """List, item, create, search: in this process, by Flask's test client, without a network."""
    from shopdb.app import create_app
    from shopdb.runtime import start

    clients = {"bare": bare.create_app().test_client()}
    clients |= {side: create_app(start(folder, environ={})).test_client() for side, folder in sites.items()}
    headers = {side: _sign_in(client) for side, client in clients.items() if side != "bare"}
    ids = itertools.cycle(range(1, rows, max(1, rows // 97)))
    numbers = itertools.count(rows + 1)

    def ask(side: str, path: str) -> None:
        answered = clients[side].get(path, headers=headers.get(side, {}))
        assert answered.status_code == 200, answered.get_data(as_text=True)

    def create(side: str, path: str) -> None:
        n = next(numbers)
        body: dict[str, Any] = {"name": f"New {n}", "serial_number": f"N-{n}"}
        body |= {} if side == "bare" else {"asset_type": 1}
        answered = clients[side].post(path, headers=headers.get(side, {}), json=body)
        assert answered.status_code == 201, answered.get_data(as_text=True)

    asked: dict[str, Callable[[str], None]] = {
        f"list of 50 of {rows:,}": lambda side: ask(side, _path(side, "/items", "/api/v1/assets?limit=50")),
        "item": lambda side: ask(side, f"{_path(side, '/items', '/api/v1/assets')}/{next(ids)}"),
        "create": lambda side: create(side, _path(side, "/items", "/api/v1/assets")),
        f"search half a word in {rows:,}": lambda side: ask(
            side, _path(side, f"/search?q=set%20{rows // 2}", f"/api/v1/search?q=set%20{rows // 2}")
        ),
    }
    for name, call in asked.items():
        medians = median_ms([lambda c=call, s=side: c(s) for side in SIDES], rounds)  # type: ignore[misc]  # bound now
        yield Measure(name=name, unit="ms", values=dict(zip(SIDES, medians, strict=True)))


def _path(side: str, plain: str, ours: str) -> str:
    return plain if side == "bare" else ours


def _sign_in(client: FlaskClient) -> dict[str, str]:
    answer = client.post("/api/v1/auth/login", json={"username": "admin", "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def measure_starts(sites: Mapping[str, Path]) -> Iterator[Measure]:
    """Start-ups, each in a fresh process."""
    environ = {**os.environ}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environs = {
        side: environ | ({} if side == "bare" else {"SHOPDB_SITE": str(sites[side])}) for side in SIDES
    }
    python = sys.executable
    flask = [python, "-c", "from bench.bare import create_app; create_app()"]
    application = [python, "-c", "from shopdb.app import create_app; create_app()"]
    for name, ours, plain in (
        (
            "start: --version, beside bare Python",
            [python, "-m", "shopdb", "--version"],
            [python, "-c", "pass"],
        ),
        ("start: plugin list", [python, "-m", "shopdb", "plugin", "list"], flask),
        ("start: the application", application, flask),
    ):
        calls = [lambda s=side, c=(plain if side == "bare" else ours): run(c, environs[s]) for side in SIDES]
        medians = median_ms(calls, STARTS, warm=1)
        yield Measure(name=name, unit="ms", values=dict(zip(SIDES, medians, strict=True)))
    yield from _measure_servers(environs)


def _measure_servers(environs: Mapping[str, Mapping[str, str]]) -> Iterator[Measure]:
    """From the start of a server until its first answer, and the memory of a worker then."""
    port = find_free_port()
    plain = [sys.executable, "-m", "gunicorn", "bench.bare:create_app()", "--bind", f"127.0.0.1:{port}"]
    ours = [sys.executable, "-m", "shopdb", "serve", "--port", str(port), "--no-worker", "--workers", "1"]
    commands = {"bare": (plain, "/items/1"), "two": (ours, "/healthz"), "six": (ours, "/healthz")}
    starts = {
        side: [time_until_answer(command, port, path, environs[side]) for _ in range(STARTS)]
        for side, (command, path) in commands.items()
    }
    yield Measure(
        name="start: a server, until it answers",
        unit="ms",
        values={side: statistics.median(one.answer_ms for one in taken) for side, taken in starts.items()},
    )
    yield Measure(
        name="memory of a web worker",
        unit="MiB",
        values={side: statistics.median(one.memory_mib for one in taken) for side, taken in starts.items()},
    )


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
        sites = make_sites(folder, options.rows)
        measures = [*measure_requests(sites, options.rows, options.rounds), *measure_starts(sites)]
    print(f"{'median':42} {'bare':>9} {'two':>9} {'six':>9}      {'six/bare':>9} {'six/two':>9}")
    for one in measures:
        figures = " ".join(f"{one.values[side]:>9.2f}" for side in SIDES)
        print(f"{one.name:42} {figures} {one.unit:4} {one.times_bare:>9.2f} {one.times_two:>9.2f}")
    if options.json is not None:
        kept = [{**asdict(m), "times_bare": m.times_bare, "times_two": m.times_two} for m in measures]
        options.json.write_text(json.dumps(kept, indent=2), "utf-8")


if __name__ == "__main__":
    main()
