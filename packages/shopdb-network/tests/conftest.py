"""A site with the plugin, on each engine."""

from collections.abc import Callable
from typing import Any

import pytest

from shopdb.testing import ENGINES, SiteUnderTest


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A new site with the plugin alone."""
    return shopdb_site("network", engine=request.param)


@pytest.fixture
def add(site: SiteUnderTest) -> Callable[..., Any]:
    """Add an item: ``add("vlans", vid=20, name="Machines")`` answers its JSON."""

    def create(resource: str, /, **values: Any) -> Any:
        path = resource if resource in ("assets", "locations") else f"network/{resource}"
        answer = site.post(path, values)
        assert answer.status_code == 201, answer.text
        return answer.json

    return create
