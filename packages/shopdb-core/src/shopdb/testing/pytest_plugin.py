"""Fixtures that every test gets as soon as shopdb-core is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shopdb.testing.site import SiteUnderTest


@pytest.fixture
def shopdb_site(tmp_path: Path) -> Iterator[Callable[..., SiteUnderTest]]:
    """Make a site with plugins: ``shopdb_site("scales")``, ``shopdb_site("scales", engine="postgresql")``.

    Its databases are dropped afterwards. Where no server of the engine answers, the test is skipped.
    """
    from shopdb.testing.database import NoServerError
    from shopdb.testing.site import SiteUnderTest

    made: list[SiteUnderTest] = []

    def make(*plugins: str, engine: str = "sqlite", environ: dict[str, str] | None = None) -> SiteUnderTest:
        folder = tmp_path / f"site{len(made)}"
        folder.mkdir()
        try:
            made.append(SiteUnderTest(folder, plugins, engine=engine, environ=environ))
        except NoServerError as error:
            pytest.skip(str(error))
        return made[-1]

    yield make
    for site in made:
        site.close()
