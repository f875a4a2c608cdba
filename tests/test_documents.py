"""The documents' own examples, done as a reader does them: typed, written into files, compared."""

from __future__ import annotations

import re
import shutil
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from operator import attrgetter
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import pytest
from document import INTERRUPT, Block, Command, find_difference, read_blocks
from terminal import START_TIMEOUT_S, LastingProgram, Terminal
from wheel_site import PASSWORD, ROOT, CleanEnvironment, clean_environ

LASTING = re.compile(r"\bshopdb\b.* (serve|demo)\b(?!.*--no-serve)|\.simulator\b|\bpython play_\w+\.py\b")
SERVES = re.compile(r" (serve|demo)\b")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page, and where its reader begins.

    Args:
        begins: With ``nothing``, with the ``packages`` installed, or in the folder of a ``site``.
        plugins: What is installed on that site.
        is_served: It is served meanwhile.
        before: What the reader has done before.
        then: Pages that are read in the same place afterwards.
        shows: What a browser then finds on pages of the site, which the page has left running: path -> texts.
    """

    path: str
    begins: Literal["nothing", "packages", "site"] = "site"
    plugins: tuple[str, ...] = ()
    is_served: bool = False
    before: str = ""
    then: tuple[str, ...] = ()
    shows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.path


PLUGIN_READMES = tuple(
    f"packages/{folder.name}/README.md"
    for folder in sorted((ROOT / "packages").iterdir())
    if folder.name != "shopdb-core"
)
ONE_SWITCH = "Asset tag,Name\\nA-00069,sw-edm\\n"
TWO_PRINTERS = "Asset tag,Host\\nP-0001,127.0.0.1\\nP-0002,127.0.0.1\\n"
PAGES = (
    Page(path="docs/tutorial/first-site.md", begins="nothing"),
    Page(path="docs/tutorial/first-plugin.md", plugins=("printers",)),
    Page(path="README.md", begins="nothing"),
    Page(path="docs/how-to/api-tokens.md", plugins=("printers",), is_served=True),
    Page(path="docs/how-to/ask-devices.md"),
    Page(path="docs/how-to/computers.md"),
    Page(path="docs/how-to/demo.md", begins="packages"),
    Page(
        path="docs/how-to/extend.md",
        plugins=("equipment",),
        shows={
            "/": ("Coolant too thin", "Lathe 1: 3.5"),
            "/equipment/1": ("Its coolant has 3.5 %", "K-2207"),
            "/coolant/round": ("Mill 2", "______ %"),
        },
    ),
    Page(path="docs/how-to/import-a-sheet.md", plugins=("printers",), is_served=True),
    Page(path="docs/how-to/maintenance.md"),
    Page(path="docs/how-to/manage-plugins.md"),
    Page(
        path="docs/how-to/network.md",
        plugins=("network",),
        before=f"printf '{ONE_SWITCH}' > switch.csv && shopdb import network/devices switch.csv",
    ),
    Page(path="docs/how-to/notifications.md"),
    Page(
        path="docs/how-to/poll-printers.md",
        plugins=("printers",),
        before=f"printf '{TWO_PRINTERS}' > two.csv && shopdb import printers two.csv",
    ),
    Page(path="docs/how-to/production.md", plugins=("printers",)),
    Page(path="docs/how-to/search.md", plugins=("printers",), is_served=True),
    Page(path="docs/how-to/usb-media.md"),
    Page(path="packages/shopdb-core/README.md", begins="packages"),
    Page(path="packages/shopdb-computers/README.md", then=PLUGIN_READMES[1:]),
)


@pytest.fixture(scope="session")
def ports() -> dict[str, str]:
    """The ports that pages name, and free ones in their place: somebody may serve a site here."""
    return {"8000": _free_port(socket.SOCK_STREAM), "16161": _free_port(socket.SOCK_DGRAM)}


def _free_port(kind: socket.SocketKind) -> str:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="session")
def full_environment(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    """A virtual environment with every package, for the pages that begin after an installation."""
    made = CleanEnvironment(tmp_path_factory.mktemp("full") / "venv", wheelhouse)
    made.install(*sorted(folder.name for folder in (ROOT / "packages").iterdir()))
    return made


@pytest.fixture(scope="session")
def make_site(
    full_environment: CleanEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Make a site with plugins, each set of plugins once; to be copied."""

    @cache
    def make(*plugins: str) -> Path:
        folder = tmp_path_factory.mktemp("site") / "site"
        environ = {"SHOPDB_ADMIN_PASSWORD": PASSWORD}
        full_environment.shopdb("init", folder, "--name", "Plant 7", environ=environ)
        if plugins:
            full_environment.shopdb("--site", folder, "plugin", "install", *plugins)
        return folder

    return make


@pytest.fixture
def environ(wheelhouse: Path, tmp_path: Path) -> dict[str, str]:
    """A reader's environment: a Python, the tools of any Linux, and the wheels in place of an index."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "python3").symlink_to(Path(sys.executable).resolve())
    (tmp_path / "home").mkdir()
    return {
        **clean_environ(),
        "HOME": str(tmp_path / "home"),
        "PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheelhouse),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C.UTF-8",
    }


@pytest.fixture
def begin(
    request: pytest.FixtureRequest, tmp_path: Path, environ: dict[str, str]
) -> Callable[[Page], tuple[Path, dict[str, str]]]:
    """Where a page's reader stands, and in which environment."""

    def begin_(page: Page) -> tuple[Path, dict[str, str]]:
        folder = tmp_path / "work" / "site"
        if page.begins == "nothing":
            folder.mkdir(parents=True)
            return folder, environ
        full: CleanEnvironment = request.getfixturevalue("full_environment")
        installed = {**environ, "PATH": f"{full.bin}:{environ['PATH']}", "VIRTUAL_ENV": str(full.bin.parent)}
        if page.begins == "packages":
            folder.mkdir(parents=True)
            return folder, installed
        shutil.copytree(request.getfixturevalue("make_site")(*page.plugins), folder)
        return folder, installed

    return begin_


class Reader:
    """Does what pages say, each from its first block to its last."""

    def __init__(self, folder: Path, environ: dict[str, str], scratch: Path, *, ports: dict[str, str]):
        self.page = ""
        self._ports = ports
        self._open = partial(Terminal, folder, environ, scratch)
        self.terminals = [self._open()]
        self._lasting: list[LastingProgram] = []

    def prepare(self, page: Page) -> None:
        """Do what the page takes for done."""
        if page.before:
            self._type(Command(text=page.before, line=0), fails=False)
        if page.is_served:
            self._type(Command(text="shopdb serve", line=0), fails=False)

    def follow(self, page: str) -> None:
        """Do what the blocks of a page say.

        Raises:
            AssertionError: something came that the page doesn't show; names the line.
        """
        self.page = page
        for block in filter(attrgetter("is_run"), read_blocks(ROOT / page)):
            if block.mark == "a new terminal":
                self.terminals.append(self._open())
            if block.file is not None:
                self._write(block)
            else:
                for command in block.commands():
                    self._type(command, fails=block.mark == "fails")

    def close(self) -> None:
        """Close every terminal, and what goes on in it."""
        for terminal in reversed(self.terminals):
            terminal.__exit__(None, None, None)

    def _write(self, block: Block) -> None:
        assert block.file is not None
        path = self.terminals[-1].folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if block.is_addition else "w", encoding="utf-8") as file:
            file.write(self._here(block.text))

    def _type(self, command: Command, *, fails: bool) -> None:
        text = self._here(command.text)
        shown = tuple(map(self._here, command.shown))
        try:
            if text == INTERRUPT:
                self._lasting.pop().interrupt()
            elif LASTING.search(text):
                self._start(text, shown, is_interrupted=command.is_interrupted)
            else:
                code, output = self.terminals[-1].run(text)
                assert (code != 0) == fails, f"ended with {code}\n{output}"
                difference = find_difference(shown, output)
                assert difference is None, difference
        except AssertionError as error:
            raise AssertionError(f"{self.page}:{command.line}: {text}\n{error}") from None

    def _start(self, text: str, shown: tuple[str, ...], *, is_interrupted: bool) -> None:
        port = "8000" if SERVES.search(text) else "16161" if ".simulator" in text else None
        text += f" --port {self._ports[port]}" if port else ""
        program = self.terminals[-1].start(text)
        self._lasting.append(program)
        program.wait_for(shown)
        if SERVES.search(text):
            _wait_for_answer(program, f"http://127.0.0.1:{self._ports['8000']}/readyz")
        if is_interrupted:
            self._lasting.pop().interrupt()

    def _here(self, text: str) -> str:
        for port, free in self._ports.items():
            text = re.sub(rf"\b{port}\b", free, text)
        return text


def look_at(address: str, shows: Mapping[str, tuple[str, ...]]) -> None:
    """Sign in as a browser does, and find each text on its page."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = browser.open(f"{address}/sign-in").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token, page
    form = {"username": "admin", "password": PASSWORD, "csrf_token": token[1]}
    browser.open(f"{address}/sign-in", data=urlencode(form).encode())
    for path, texts in shows.items():
        page = browser.open(address + path).read().decode()
        missing = [text for text in texts if text not in page]
        assert not missing, f"{path} lacks {missing}\n{page}"


def _wait_for_answer(program: LastingProgram, address: str) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert answer.status == 200
                return
        except OSError as error:
            assert time.monotonic() < until and program.is_running(), f"{error}\n{program.read()}"
            time.sleep(0.1)


@pytest.mark.skipif(shutil.which("curl") is None, reason="pages ask with curl, which isn't here")
@pytest.mark.parametrize("page", PAGES, ids=str)
def test_the_examples_of_a_page_run_as_they_stand(
    page: Page,
    begin: Callable[[Page], tuple[Path, dict[str, str]]],
    ports: dict[str, str],
    tmp_path: Path,
) -> None:
    folder, environ = begin(page)
    scratch = tmp_path / "said"
    scratch.mkdir()
    reader = Reader(folder, environ, scratch, ports=ports)
    try:
        reader.prepare(page)
        for path in (page.path, *page.then):
            reader.follow(path)
        if page.shows:
            look_at(f"http://127.0.0.1:{ports['8000']}", page.shows)
    finally:
        reader.close()


def _pages_with_examples() -> list[Path]:
    pages = [ROOT / "README.md", *ROOT.glob("packages/*/README.md"), *ROOT.glob("docs/**/*.md")]
    aside = ("_build", "adr", "reference")
    return [page for page in pages if not set(page.relative_to(ROOT).parts) & set(aside)]


def test_no_example_is_left_out() -> None:
    """Each block is done, or says in a comment why not; text that a program wrote is no example."""
    followed = {path for page in PAGES for path in (page.path, *page.then)}
    left_out = []
    for page in _pages_with_examples():
        name = str(page.relative_to(ROOT))
        for block in read_blocks(page):
            is_told = block.mark.startswith("not run: ") or block.language == "text"
            if not (is_told or (block.is_run and name in followed)):
                left_out.append(f"{name}:{block.line}")
        left_out += [f"{name}:{number} is indented" for number in _indented_blocks(page)]
    assert left_out == []


def _indented_blocks(page: Path) -> list[int]:
    """The first line of each block of code that is written by indenting it."""
    found, is_fenced, before = [], False, ""
    for number, line in enumerate(page.read_text("utf-8").splitlines(), start=1):
        if line.lstrip().startswith("```"):
            is_fenced = not is_fenced
        elif not is_fenced and not before.strip() and re.match(r" {4,}(?![-*:] |\d+\. )\S", line):
            found.append(number)
        before = line
    return found
