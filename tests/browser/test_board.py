"""A board for the wall, as the screen that nobody touches: it hears of changes and outlives the server."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser_site import PASSWORD, sign_in
from playwright.sync_api import Browser, Error, Page, expect

from shopdb.new_site import create_site

SHOPDB = str(Path(sys.executable).with_name("shopdb"))
TICK_S = 1


class Served:
    """A site with notifications, served by the real server in processes of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        create_site(folder, name="Riverside plant", password=PASSWORD, environ={})
        command = [SHOPDB, "--site", str(folder), "plugin", "install", "notifications"]
        subprocess.run(command, check=True, capture_output=True)
        with (folder / ".env").open("a") as file:
            file.write(f"SHOPDB_NOTIFICATIONS_BOARD_TICK_S={TICK_S}\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None
        self.token = ""

    def start(self) -> None:
        """Serve, and wait until it answers."""
        command = [SHOPDB, "--site", str(self.folder), "serve", "--port", str(self.port), "--no-worker"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if self.url in line:
                return
        raise AssertionError("the server has not started")

    def stop(self) -> None:
        """End it as a service manager does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=40)
        self.process = None

    def call(self, path: str, body: dict[str, Any]) -> Any:
        """``POST`` to the API."""
        if not self.token:
            login = {"username": "admin", "password": PASSWORD}
            self.token = self._send("auth/login", login)["access_token"]
        return self._send(path, body)

    def _send(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        headers = headers if self.token else {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/api/v1/{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The site, running."""
    made = Served(tmp_path / "site")
    made.start()
    yield made
    if made.process is not None:
        made.stop()


@pytest.fixture
def screen(chromium: Browser) -> Iterator[Page]:
    """A television: large, and without anybody signed in."""
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if "Content Security" in told.text else None)
    yield page
    context.close()
    assert wrong == []


def wait_for_reload(screen: Page) -> None:
    """Until what was noted in the page is gone with it; the content policy lets no text be evaluated there."""
    for _ in range(60):
        try:
            if screen.evaluate("window.isFirstLoad") is None:
                return
        except Error:  # asked in the middle of it
            continue
        screen.wait_for_timeout(250)
    raise AssertionError("the board has not loaded anew")


def test_a_board_hears_of_changes_outlives_its_server_and_leaves_when_it_is_told_to(
    served: Served, screen: Page
) -> None:
    board = served.call("notifications/boards", {"name": "Cell 4"})["id"]
    address = served.call(f"notifications/boards/{board}/make-address", {})["address"]
    served.call("notifications", {"title": "Crane is out"})
    screen.goto(address)
    expect(screen.get_by_role("heading", name="Crane is out")).to_be_visible()

    served.call("notifications", {"title": "Acid on the floor", "severity": "danger"})
    expect(screen.get_by_role("heading", name="Acid on the floor")).to_be_visible(timeout=15_000)

    screen.evaluate("window.isFirstLoad = true")
    served.stop()
    trouble = screen.get_by_text(re.compile("No connection since"))
    expect(trouble).to_be_visible(timeout=15_000)
    expect(screen.get_by_role("heading", name="Acid on the floor")).to_be_visible()

    served.start()
    expect(trouble).to_be_hidden(timeout=60_000)
    served.call("notifications", {"title": "Shift meeting", "severity": "warning"})
    expect(screen.get_by_role("heading", name="Shift meeting")).to_be_visible(timeout=15_000)
    assert screen.evaluate("window.isFirstLoad") is True

    screen.evaluate("document.body.dataset.version = 'of an earlier release'")
    wait_for_reload(screen)
    expect(screen.get_by_role("heading", name="Shift meeting")).to_be_visible()

    served.call(f"notifications/boards/{board}/make-address", {})
    expect(screen.get_by_text("no longer valid")).to_be_visible(timeout=15_000)
    expect(screen.get_by_role("heading", name="Shift meeting")).to_have_count(0)


def test_a_board_fits_its_screen_and_turns_its_pages(served: Served, screen: Page) -> None:
    board = served.call("notifications/boards", {"name": "Shop floor " * 5, "rotation_s": 5})["id"]
    address = served.call(f"notifications/boards/{board}/make-address", {})["address"]
    for number in range(5):
        text = "Finish running parts, then stop. " * 12
        served.call("notifications", {"title": f"Outage {number} " + "of the main line " * 6, "text": text})
    screen.goto(address)
    seen = set()
    for _ in range(40):
        seen |= {text[:8] for text in screen.locator("article:visible h3").all_inner_texts()}
        sizes = screen.evaluate(
            "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
        )
        assert sizes == [1080, 1920]
        if len(seen) == 5:
            break
        screen.wait_for_timeout(500)
    assert seen == {f"Outage {number}" for number in range(5)}


def serious(page: Page) -> list[str]:
    """What axe finds that keeps people out."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['failureSummary'][:300]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def test_axe_finds_nothing_serious_on_boards_banners_and_their_pages(
    served: Served, chromium: Browser
) -> None:
    for theme in ("dark", "light"):
        made = served.call("notifications/boards", {"name": f"In the {theme}", "theme": theme})
        address = served.call(f"notifications/boards/{made['id']}/make-address", {})["address"]
        for severity in ("info", "warning", "danger"):
            title = f"A matter of {severity}"
            served.call(
                "notifications", {"title": title, "severity": severity, "wants_acknowledgement": True}
            )
        scheme: Literal["dark", "light"] = "dark" if theme == "dark" else "light"
        context = chromium.new_context(base_url=served.url, color_scheme=scheme, reduced_motion="reduce")
        page = context.new_page()
        page.goto(address)
        assert serious(page) == []
        sign_in(page)
        for path in ("/", "/notifications", "/notifications/1", f"/notifications/boards/{made['id']}"):
            page.goto(path)
            assert (path, serious(page)) == (path, [])
        context.close()
