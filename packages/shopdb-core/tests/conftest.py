"""Real databases, and packages with histories to migrate them."""

import shutil
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kill_loop import tell_kills
from sqlalchemy import URL, make_url

from shopdb.db import Database
from shopdb.migrations import Package
from shopdb.new_site import create_site
from shopdb.settings import load_settings
from shopdb.testing.database import (
    DEFAULT_ENGINE,
    ENGINES,
    NoServerError,
    copy_database,
    create_database,
    drop_database,
)

if TYPE_CHECKING:
    from page_site import Browser, Site

ADMIN_PASSWORD = "correct horse 7"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the loops of killed migrations came to."""
    tell_kills(terminalreporter)


@pytest.fixture
def make_database(tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """Make empty databases: ``make_database("postgresql")``; a ``copy_of`` one holds the same. All dropped."""
    made: list[Database] = []

    def make(engine: str = DEFAULT_ENGINE, *, copy_of: Database | None = None) -> Database:
        try:
            if copy_of is None:
                url = create_database(engine, tmp_path)
            else:
                copy_of.dispose()
                url = copy_database(copy_of.url, tmp_path)
        except NoServerError as error:
            pytest.skip(str(error))
        made.append(Database(url))
        return made[-1]

    yield make
    for database in made:
        database.dispose()
        drop_database(database.url)


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, make_database: Callable[..., Database]) -> Database:
    """An empty database on each engine in turn."""
    return make_database(request.param)


@pytest.fixture(scope="session")
def _template_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, URL]]:
    folder = tmp_path_factory.mktemp("template")
    options: dict[str, Any] = {"name": "Plant 7", "password": ADMIN_PASSWORD, "environ": {}}
    if DEFAULT_ENGINE != "sqlite":
        url = create_database(DEFAULT_ENGINE, folder)
        options["database_url"] = url.render_as_string(hide_password=False)
    site = create_site(folder / "site", **options)
    url = make_url(site.settings.database_url)
    yield folder / "site", url
    drop_database(url)


@pytest.fixture
def site_dir(_template_site: tuple[Path, URL], tmp_path: Path) -> Iterator[Path]:
    """A site as ``shopdb init`` makes it; its administrator is ``admin`` with `ADMIN_PASSWORD`."""
    template, url = _template_site
    site = Path(shutil.copytree(template, tmp_path / "site"))
    if DEFAULT_ENGINE == "sqlite":
        yield site
        return
    copy = copy_database(url, tmp_path)
    secrets = site / ".env"
    secrets.write_text(secrets.read_text().replace(str(url.database), str(copy.database)))
    yield site
    drop_database(copy)


@pytest.fixture
def site_database(site_dir: Path) -> Iterator[Database]:
    """The database of the site in `site_dir`."""
    database = Database(load_settings(site_dir, {}).database_url)
    yield database
    database.dispose()


@pytest.fixture
def write_package(tmp_path: Path) -> Callable[..., Package]:
    """Write a package's revisions: ``write_package("scales", ["op.execute(…)", …])``, each body one revision.

    They are named ``scales_0001`` and so on, each following the one before; called again, it writes anew.
    """

    def write(name: str, bodies: Sequence[str], **options: Any) -> Package:
        package = Package(name, tmp_path / name / "migrations", **options)
        shutil.rmtree(package.directory, ignore_errors=True)
        package.versions.mkdir(parents=True)
        follows = None
        for number, body in enumerate(bodies, start=1):
            revision = f"{name}_{number:04d}"
            _write_revision(package, revision, follows, body)
            follows = revision
        return package

    return write


@pytest.fixture
def write_revision() -> Callable[..., Path]:
    """Write one revision file: ``write_revision(package, "scales_0002", "scales_0001", body)``."""
    return _write_revision


def _write_revision(
    package: Package, revision: str, follows: str | tuple[str, ...] | None, body: str
) -> Path:
    path = package.versions / f"{revision}.py"
    path.write_text(
        "import time\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision = {revision!r}\ndown_revision = {follows!r}\n\n\n"
        f"def upgrade() -> None:\n{textwrap.indent(textwrap.dedent(body).strip() or 'pass', '    ')}\n"
    )
    return path


@pytest.fixture
def page_site(site_dir: Path) -> Iterator["Site"]:
    """A started site with its pages."""
    from page_site import Site

    from shopdb.app import create_app
    from shopdb.runtime import start

    runtime = start(site_dir, environ={}, safe_mode=True)
    yield Site(create_app(runtime), runtime)
    runtime.database.dispose()


@pytest.fixture
def admin(page_site: "Site") -> "Browser":
    """The administrator, signed in."""
    from page_site import Browser

    return Browser(page_site.app).sign_in("admin", ADMIN_PASSWORD)


@pytest.fixture
def viewer(page_site: "Site") -> "Browser":
    """Someone who may see everything and change nothing, signed in."""
    from page_site import ACTOR, Browser

    from shopdb.services.account import create_user
    from shopdb.services.role import get_role_id

    with page_site.database.write() as session:
        role = get_role_id(session, "Viewer")
        values = {"username": "vera", "password": ADMIN_PASSWORD, "roles": [role]}
        create_user(session, values, actor=ACTOR)
    return Browser(page_site.app).sign_in("vera", ADMIN_PASSWORD)
