"""Fixtures that every test gets as soon as shopdb-core is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shopdb.testing.site import SiteTemplate, SiteUnderTest


@pytest.fixture(scope="session")
def shopdb_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., SiteTemplate]]:
    """Make the sites that others are copies of, each set of plugins once on each engine."""
    from shopdb.testing.database import NoServerError, drop_database
    from shopdb.testing.site import make_template

    made: dict[tuple[str, ...], SiteTemplate] = {}

    def template(*plugins: str, engine: str) -> SiteTemplate:
        key = (engine, *plugins)
        if key not in made:
            try:
                made[key] = make_template(tmp_path_factory.mktemp("template"), plugins, engine)
            except NoServerError as error:
                pytest.skip(str(error))
        return made[key]

    yield template
    for each in made.values():
        drop_database(each.url)


@pytest.fixture
def shopdb_site(
    tmp_path: Path, shopdb_template: Callable[..., SiteTemplate]
) -> Iterator[Callable[..., SiteUnderTest]]:
    """Make a site with plugins: ``shopdb_site("scales")``, ``shopdb_site("scales", engine="postgresql")``.

    Without ``engine`` it stands on SQLite, or on what ``SHOPDB_TEST_ENGINE`` names. Its databases are dropped
    afterwards. Where no server of the engine answers, the test is skipped.
    """
    from shopdb.testing.database import DEFAULT_ENGINE
    from shopdb.testing.site import SiteUnderTest

    made: list[SiteUnderTest] = []

    def make(
        *plugins: str, engine: str = DEFAULT_ENGINE, environ: dict[str, str] | None = None
    ) -> SiteUnderTest:
        folder = tmp_path / f"site{len(made)}"
        folder.mkdir()
        made.append(SiteUnderTest(shopdb_template(*plugins, engine=engine), folder, environ=environ))
        return made[-1]

    yield make
    for site in made:
        site.close()
