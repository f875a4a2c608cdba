"""The real application on loopback, and Chromium in front of it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_site import LONG_NAME, PASSWORD, Site, serve, sign_in
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from shopdb.demo import demo_environ, prepare_demo
from shopdb.new_site import create_site
from shopdb.runtime import start
from shopdb.services import list_items
from shopdb.testing import SnmpAgent
from shopdb_printers import demo
from shopdb_printers.sample import PRINTERS
from shopdb_printers.simulator import SimulatedPrinter

SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with the printers and USB plugins, served by threads of this process."""
    folder = tmp_path_factory.mktemp("browser") / "site"
    create_site(folder, name="Riverside plant", password=PASSWORD, environ={})
    command = [str(Path(sys.executable).with_name("shopdb")), "--site", str(folder)]
    subprocess.run([*command, "plugin", "install", "printers", "usb"], check=True, capture_output=True)
    runtime = start(folder, environ={**os.environ, "SHOPDB_OUTBOUND_ALLOW": "127.0.0.0/8"})
    with serve(runtime) as served:
        yield served


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample factory: every plugin that is installed here, with what its seed brings."""
    environ = {**os.environ, "SHOPDB_ADMIN_PASSWORD": PASSWORD}
    made = prepare_demo(tmp_path_factory.mktemp("demo") / "site", environ)
    with serve(start(made.site_dir, environ=demo_environ(os.environ))) as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, as the system has it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in(site: Site, chromium: Browser) -> Any:
    """The administrator's cookies, so that not every test signs in."""
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    sign_in(page)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def demo_page(demo_site: Site, chromium: Browser) -> Iterator[Page]:
    """One page in the sample factory, signed in, that goes from address to address."""
    context = chromium.new_context(base_url=demo_site.url, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    sign_in(page)
    yield page
    context.close()


@pytest.fixture
def open_page(site: Site, chromium: Browser, signed_in: Any) -> Iterator[Any]:
    """Make pages: ``open_page(width=390, dark=True)``. At the end none may have broken a rule or failed."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def make(*, width: int = 1440, dark: bool = False, known: bool = True) -> Page:
        is_phone = width < 500
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": 844 if is_phone else 900},
            color_scheme="dark" if dark else "light",
            has_touch=is_phone,
            is_mobile=is_phone,
            reduced_motion="reduce",
            timezone_id="Europe/Berlin",
            storage_state=signed_in if known else None,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda told: _note(wrong, told.type, told.text))
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


def _note(wrong: list[str], kind: str, text: str) -> None:
    """Keep what a script or the content policy complained of; statuses that a test provokes are its own."""
    if kind in ("error", "warning") and "Failed to load resource" not in text:
        wrong.append(text)


@pytest.fixture
def page(open_page: Any) -> Page:
    """A page on a desk, signed in."""
    made: Page = open_page()
    return made


@pytest.fixture(scope="session")
def lathe(site: Site) -> int:
    """An asset with everything that an asset can have."""
    hall = site.make("locations", name="Hall A")
    cell = site.make("locations", name="Cell 4", parent=hall)
    vendor = site.make("vendors", name="Mazak", website="https://mazak.example")
    tag = site.make("tags", name="audit-2026")
    owner = site.make("people", name="Ada Novak")
    values = {"location": cell, "vendor": vendor, "owner": owner, "tags": [tag], "notes": "By the door"}
    item = site.make("assets", name=LONG_NAME, serial_number="SN-LONG-1", **values)
    other = site.make("assets", name="PC 7")
    site.make("relationships", source=other, kind="controls", target=item)
    site.change("assets", item, notes="By the window")
    return item


@pytest.fixture(scope="session")
def printer(site: Site) -> Iterator[int]:
    """A printer that answers, with the levels of a month behind it."""
    demo.seed(site.runtime.context_of("printers"))
    with site.runtime.database.read() as session:
        item = list_items(session, "printers", {"name": PRINTERS[0].name})[0]["id"]
    recording = SimulatedPrinter(PRINTERS[0]).recording
    with SnmpAgent({PRINTERS[0].community: recording}) as agent:
        site.change("printers", item, host="127.0.0.1", snmp_port=agent.port)
        yield item
