"""``shopdb serve`` as a child process, for tests that ask a real site."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ENVIRON = {k: v for k, v in os.environ.items() if not k.startswith("SHOPDB_")}
SAYS_ADDRESS = "ShopDB answers at "
START_TIMEOUT_S = 90


class ServedSite:
    """A site that is served on a free port while the block lasts.

    Args:
        options: Further arguments of ``shopdb serve``.
        environ: Further settings.
        python: The interpreter that runs it.
    """

    def __init__(
        self,
        site_dir: Path,
        *options: str,
        environ: Mapping[str, str] | None = None,
        python: Path | str = sys.executable,
    ):
        command = [str(python), "-m", "shopdb", "--site", str(site_dir), "serve", "--port", "0", *options]
        self.process = subprocess.Popen(
            command,
            env={**ENVIRON, **(environ or {})},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        self.address = ""
        self.errors = ""
        self._reader = threading.Thread(target=self._read_errors, daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        timer = threading.Timer(START_TIMEOUT_S, self.process.kill)
        timer.start()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        timer.cancel()
        if not line.startswith(SAYS_ADDRESS):
            self.end()
            raise AssertionError(f"serve did not start: {line!r} {self.errors}")
        self.address = line.removeprefix(SAYS_ADDRESS).strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self, signum: int = signal.SIGTERM) -> int:
        """End it in order; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        try:
            code = self.process.wait(timeout=60)
        finally:
            self.process.kill()
        self._reader.join(timeout=10)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.errors += line

    def ask(
        self, path: str, *, method: str = "GET", body: Any = None, token: str = "", etag: str = ""
    ) -> tuple[int, Any]:
        """Ask the site: status, and the body read as JSON where it is."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if etag:
            headers["If-Match"] = etag
        request = urllib.request.Request(self.address + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, _read(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _read(error.read())

    def sign_in(self, username: str, password: str) -> str:
        """A token for `ask`."""
        status, body = self.ask(
            "/api/v1/auth/login", method="POST", body={"username": username, "password": password}
        )
        assert status == 200, body
        return str(body["access_token"])


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
