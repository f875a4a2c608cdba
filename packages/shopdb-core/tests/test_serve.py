"""`serve`: starts, says its address, watches its processes, refuses what is unsafe."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from serving_site import ENVIRON, ServedSite

from shopdb.db import Database
from shopdb.serving import find_insecure, is_loopback
from shopdb.settings import Settings, load_settings

ADMIN = ("admin", "correct horse 7")


def serve(site_dir: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "shopdb", "--site", str(site_dir), "serve", *options]
    return subprocess.run(
        command, env={**ENVIRON, **environ}, text=True, capture_output=True, timeout=60, check=False
    )


def children_of(pid: int) -> dict[int, str]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat, command = (folder / "stat").read_text(), (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found[int(folder.name)] = command.replace(b"\0", b" ").decode()
    return found


def wait_for(get: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not get():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


def test_a_site_is_served_worked_on_and_ended_in_order(site_dir: Path) -> None:
    with ServedSite(site_dir) as site:
        assert site.ask("/healthz") == (200, {"status": "ok"})
        status, body = site.ask("/readyz")
        assert set(body.pop("plugins").values()) <= {"available"}
        assert (status, body) == (200, {"status": "ok", "database": "ok", "degraded": []})
        token = site.sign_in(*ADMIN)
        assert site.ask("/api/v1/statuses", token=token)[0] == 200
        assert "shopdb_requests_total" in site.ask("/metrics")[1]

        children = children_of(site.process.pid)
        [worker] = [pid for pid, command in children.items() if "worker" in command.split()]
        assert len(children) == 2
        os.kill(worker, signal.SIGKILL)
        wait_for(
            lambda: any(
                "worker" in c.split() for p, c in children_of(site.process.pid).items() if p != worker
            )
        )
        assert site.ask("/healthz")[0] == 200

        children = children_of(site.process.pid)
        assert site.end() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_while_cores_schema_is_behind_the_site_reads_and_refuses_to_write(
    site_dir: Path, site_database: Database
) -> None:
    def stamp(sql: str) -> None:
        with site_database.write() as session:
            session.connection().exec_driver_sql(sql)

    with site_database.read() as session:
        head = session.connection().exec_driver_sql("SELECT version_num FROM alembic_version_core").scalar()
    stamp("DELETE FROM alembic_version_core")
    with ServedSite(site_dir, "--no-worker", "--workers", "1") as site:
        status, body = site.ask("/readyz")
        assert status == 503
        assert body["status"] == "unavailable"
        assert "shopdb db upgrade" in body["database"]
        assert site.ask("/healthz")[0] == 200
        status, problem = site.ask("/api/v1/auth/login", method="POST", body={})
        assert status == 503
        assert "shopdb db upgrade" in problem["detail"]
        stamp(f"INSERT INTO alembic_version_core VALUES ('{head}')")
        wait_for(lambda: site.ask("/readyz")[0] == 200)
        assert site.sign_in(*ADMIN)
    assert "shopdb db upgrade" in site.errors


def test_an_empty_database_is_migrated_only_when_told(site_dir: Path, tmp_path: Path) -> None:
    environ = {"SHOPDB_DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}
    with ServedSite(site_dir, "--no-worker", "--workers", "1", environ=environ) as site:
        assert site.ask("/readyz")[0] == 503
    with ServedSite(site_dir, "--no-worker", "--workers", "1", "--migrate", environ=environ) as site:
        assert site.ask("/readyz")[0] == 200


def test_a_taken_port_is_told(site_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = serve(site_dir, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "Choose another address with --host and --port" in done.stderr
    assert done.stdout == ""


def test_a_public_host_is_refused_with_each_reason(site_dir: Path) -> None:
    done = serve(site_dir, "--host", "0.0.0.0", "--port", "0", SHOPDB_SECRET_KEY="changeme" * 4)
    assert done.returncode == 1
    for word in ("SHOPDB_SECRET_KEY", "base_url", "session_cookie_secure"):
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_secure_site_may_be_shown_to_others(site_dir: Path) -> None:
    environ = {"SHOPDB_BASE_URL": "https://shop.example"}
    with ServedSite(site_dir, "--host", "0.0.0.0", "--no-worker", "--workers", "1", environ=environ) as site:
        port = site.address.rpartition(":")[2]
        site.address = f"http://127.0.0.1:{port}"
        assert site.ask("/healthz")[0] == 200


def test_a_required_plugin_that_fails_keeps_the_site_from_starting_but_not_in_safe_mode(
    site_dir: Path,
) -> None:
    environ = {"SHOPDB_REQUIRED": "scales"}
    done = serve(site_dir, "--port", "0", **environ)
    assert done.returncode == 1
    assert "Plugin 'scales' is required" in done.stderr
    with ServedSite(site_dir, "--safe-mode", "--no-worker", "--workers", "1", environ=environ) as site:
        assert site.ask("/readyz")[0] == 200


def settings(site_dir: Path, **changes: object) -> Settings:
    return replace(load_settings(site_dir, {}), **changes)  # type: ignore[arg-type]


def test_what_is_insecure_is_named_and_nothing_else(site_dir: Path) -> None:
    good = settings(site_dir, base_url="https://shop.example", session_cookie_secure=True)
    assert find_insecure(good) == []
    assert len(find_insecure(replace(good, debug=True))) == 1
    assert len(find_insecure(replace(good, secret_key="a" * 64))) == 1
    assert len(find_insecure(replace(good, base_url=None, session_cookie_secure=False))) == 2


@pytest.mark.parametrize(
    ("host", "is_so"),
    [
        ("127.0.0.1", True),
        ("127.3.4.5", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.4", False),
        ("shop.example", False),
    ],
)
def test_only_loopback_hosts_are_private(host: str, is_so: bool) -> None:
    assert is_loopback(host) is is_so
