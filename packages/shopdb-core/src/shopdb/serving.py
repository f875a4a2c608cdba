"""What it takes to serve a site: its address, its safety, its processes."""

from __future__ import annotations

import http.client
import ipaddress
import os
import select
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from shopdb.errors import SettingsError
from shopdb.settings import Settings
from shopdb.site import VAR_DIR
from shopdb.supervisor import Child

ANSWER_TIMEOUT_S = 60.0
MIN_DISTINCT_CHARACTERS = 8
SAMPLE_WORDS = (
    "changeme",
    "change-me",
    "change_me",
    "secret",
    "example",
    "sample",
    "insecure",
    "password",
    "default",
)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def find_insecure(settings: Settings) -> list[str]:
    """What must change before the site is shown to others: a sentence each, with the remedy."""
    found = []
    key = settings.secret_key
    if len(set(key)) < MIN_DISTINCT_CHARACTERS or any(word in key.lower() for word in SAMPLE_WORDS):
        found.append("SHOPDB_SECRET_KEY is a sample or easy to guess. Make a new one: openssl rand -hex 32")
    if settings.debug:
        found.append("debug is on and shows tracebacks to everybody. Remove it.")
    if settings.base_url is None:
        found.append(
            'base_url is missing. Write how people reach the site: base_url = "https://shop.example.com"'
        )
    if not settings.session_cookie_secure:
        found.append(
            "session_cookie_secure is off, so passwords and sessions would travel in the clear. Serve HTTPS "
            'through a proxy and write its address: base_url = "https://…"'
        )
    return found


def check_secure(settings: Settings, host: str) -> None:
    """Refuse to show an insecure site to others.

    Raises:
        SettingsError: the host is no loopback one, and something is not as it should be.
    """
    found = [] if is_loopback(host) else find_insecure(settings)
    if found:
        lines = "\n".join(f"  - {text}" for text in found)
        raise SettingsError(
            f"Not serving on {host}, which others can reach:\n{lines}\n"
            "On this machine alone nothing of this is asked: shopdb serve --host 127.0.0.1"
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket for the web processes; port 0 takes any free one.

    Raises:
        SettingsError: the address can't be had.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        raise SettingsError(
            f"Can't listen on {host} port {port}: {error.strerror or error}. "
            "Choose another address with --host and --port, or end what uses it."
        ) from error
    return listener


def address_of(listener: socket.socket, host: str) -> str:
    """The address to open in a browser."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{shown}:{listener.getsockname()[1]}"


def child_environ(settings: Settings, environ: Mapping[str, str], *, safe_mode: bool) -> dict[str, str]:
    """The environment of the site's processes."""
    result = {**environ, "SHOPDB_SITE": str(settings.site_dir)}
    if safe_mode:
        result["SHOPDB_SAFE_MODE"] = "1"
    return result


def web_child(
    settings: Settings, listener: socket.socket, environ: Mapping[str, str], *, workers: int
) -> Child:
    """gunicorn with threads: server-sent events would block processes that answer one request at a time."""
    command = [
        sys.executable, "-m", "gunicorn", "shopdb.wsgi:application()",
        "--bind", f"fd://{listener.fileno()}",
        "--worker-class", "gthread",
        "--workers", str(workers),
        "--threads", str(settings.threads),
        "--timeout", str(settings.request_timeout_s),
        "--graceful-timeout", "10",
        "--no-control-socket",
        "--logger-class", "shopdb.web_log.WebLog",
        "--log-level", "warning",
    ]  # fmt: skip
    if os.access("/dev/shm", os.W_OK):  # gunicorn's heartbeat files cost no disk there
        command += ["--worker-tmp-dir", "/dev/shm"]
    figures = _new_figures_dir(settings.site_dir)
    return Child(
        "The web server",
        command,
        {**environ, "PROMETHEUS_MULTIPROC_DIR": str(figures)},
        pass_fds=(listener.fileno(),),
    )


def worker_child(environ: Mapping[str, str]) -> Child:
    """The one process that does the background work."""
    return Child("The worker", [sys.executable, "-m", "shopdb", "worker"], environ, restart=True)


def _new_figures_dir(site_dir: Path) -> Path:
    """An empty folder for the figures that the web processes share; those of earlier runs would mix in."""
    folder = site_dir / VAR_DIR / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def wait_for_answer(
    listener: socket.socket, host: str, path: str, *, while_: Callable[[], bool]
) -> tuple[int, bytes] | None:
    """Ask the site itself, and wait until a web process answers.

    Args:
        while_: Looked at several times a second; when it says no, waiting ends.

    Returns:
        Status and body; None where waiting ended, or what answered was no HTTP.
    """
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host).strip("[]")
    try:
        with socket.create_connection((target, listener.getsockname()[1]), ANSWER_TIMEOUT_S) as connection:
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            while not select.select([connection], [], [], 0.1)[0]:
                if not while_():
                    return None
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None
