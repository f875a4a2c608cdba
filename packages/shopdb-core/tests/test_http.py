"""The HTTP client against real servers on loopback, well-behaved and not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from shopdb.errors import (
    OutboundError,
    OutboundProtocolError,
    OutboundRefusedError,
    OutboundReportedError,
    OutboundTimeoutError,
)
from shopdb.outbound import AddressGuard, HttpAnswer, HttpClient, check_url
from shopdb.outbound.http_exchange import tls_context

LOOPBACK = AddressGuard([ip_network("127.0.0.0/8"), ip_network("::1/128")])


class Handler(BaseHTTPRequestHandler):
    """Keeps what it was sent, and answers as the path says."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.server.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))  # type: ignore[attr-defined]  # the test's own list
        status = int(self.path.partition("?")[0].strip("/") or 200)
        self.send_response(status)
        self.send_header("Content-Length", "5")
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(b"hello")

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        """Silence."""


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []  # type: ignore[attr-defined]  # the test's own list
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def talking(say: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that talks as the test says; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            try:
                connection.recv(65536)
                say(connection)
            except OSError:
                return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join(5)


def send(url: str, guard: AddressGuard = LOOPBACK, **options: Any) -> HttpAnswer:
    wanted = {name: options.pop(name) for name in ("method", "body", "headers") if name in options}
    client = HttpClient(guard, **options)
    return asyncio.run(client.send(wanted.pop("method", "GET"), url, **wanted))


def test_a_request_arrives_as_it_was_sent() -> None:
    with serving() as server:
        answer = send(
            f"http://localhost:{server.server_port}/?a=b#c", method="POST", body=b"{}", headers={"X-Id": "7"}
        )
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"hello", "5")
    method, path, headers, body = server.seen[0]  # type: ignore[attr-defined]  # the test's own list
    assert (method, path, body, headers["X-Id"]) == ("POST", "/?a=b", b"{}", "7")
    assert headers["Host"] == f"localhost:{server.server_port}" and headers["User-Agent"] == "ShopDB"


def test_nothing_is_sent_to_an_address_that_the_guard_refuses() -> None:
    with serving() as server:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "169.254.169.254"):
            with pytest.raises(OutboundRefusedError, match="SHOPDB_OUTBOUND_ALLOW="):
                send(f"http://{host}:{server.server_port}/", AddressGuard())
    assert server.seen == []  # type: ignore[attr-defined]  # the test's own list


def test_the_address_that_was_judged_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    def look_up(host: str, *args: Any, **options: Any) -> list[Any]:
        looked_up.append(host)  # a name that points elsewhere at the second look
        address = "127.0.0.1" if len(looked_up) == 1 else "192.0.2.1"
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (address, 0))]

    with serving() as server:
        plain = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *a, **o: look_up(host) if host == "rebind.example" else plain(host, *a, **o),
        )
        assert send(f"http://rebind.example:{server.server_port}/").status == 200
    assert looked_up == ["rebind.example"]


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving() as server:
        assert send(f"http://127.0.0.1:{server.server_port}/").status == 200


def test_a_redirect_is_an_answer_and_no_way() -> None:
    with serving() as server:
        answer = send(f"http://127.0.0.1:{server.server_port}/302")
    assert answer.status == 302
    with pytest.raises(OutboundReportedError, match="points to 'http://127.0.0.1:1/elsewhere'"):
        answer.check()
    assert len(server.seen) == 1  # type: ignore[attr-defined]  # the test's own list


def test_a_refusal_is_told_in_the_servers_words() -> None:
    with serving() as server, pytest.raises(OutboundReportedError, match="It answers 503: hello"):
        send(f"http://127.0.0.1:{server.server_port}/503").check()


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(f"X-{number}: y\r\n".encode())
        time.sleep(0.1)


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def hang_up(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal")


@pytest.mark.parametrize(
    ("say", "error", "match"),
    [
        (drip, OutboundTimeoutError, "not answered within 0.8 s"),
        (lambda c: time.sleep(2), OutboundTimeoutError, "not answered within 0.8 s"),
        (flood, OutboundProtocolError, "more than 1000000 bytes"),
        (hang_up, OutboundProtocolError, "does not answer as HTTP does"),
        (lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), OutboundProtocolError, "does not answer as HTTP"),
    ],
)
def test_a_server_that_misbehaves_ends_in_one_error_and_in_time(
    say: Callable[[socket.socket], None], error: type[OutboundError], match: str
) -> None:
    with talking(say) as port:
        began = time.monotonic()
        with pytest.raises(error, match=match):
            send(f"http://127.0.0.1:{port}/", deadline_s=0.8)
        assert time.monotonic() - began < 5


def test_a_closed_port_and_an_unknown_host_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(OutboundError, match=f"127.0.0.1:{port} can't be reached"):
        send(f"http://127.0.0.1:{port}/")
    with pytest.raises(OutboundError, match="There is no host 'nowhere.invalid'"):
        send("http://nowhere.invalid/")


def test_a_certificate_is_checked_against_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    made += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    tls_context.cache_clear()
    with serving(context) as server:
        with pytest.raises(OutboundError, match="can't be trusted: self-signed certificate"):
            send(f"https://localhost:{server.server_port}/")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        tls_context.cache_clear()
        assert send(f"https://localhost:{server.server_port}/").status == 200
        with pytest.raises(OutboundError, match="can't be trusted: IP address mismatch"):
            send(f"https://127.0.0.1:{server.server_port}/")
    tls_context.cache_clear()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "ftp://x/",
            "http://",
            "//x/",
            "http://u:p@x/",
            "http://x:0/",
            "http://x:99999/",
            "http://x y/",
        ),
        *(
            "http://x/\r\nHost: y",
            "javascript:alert(1)",
            f"http://x/{'y' * 2000}",
            "http://[::1",
            "http://x/é",
        ),
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|host"):
        check_url(text)
    with pytest.raises(OutboundError, match=r"address|host"):
        send(text)
