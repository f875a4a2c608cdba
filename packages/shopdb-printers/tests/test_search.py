"""What printers report, found from the search box."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shopdb.plugins import SearchHit, SearchTerm
from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_printers.models import Reading
from shopdb_printers.search import find_reported


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers", engine=request.param)


def add(site: SiteUnderTest, serial: str | None, reported: str | None) -> int:
    printer = site.post("printers", {"name": "Press 9", "serial_number": serial}).json["id"]
    with site.runtime.database.write() as session:
        session.add(Reading(asset_id=printer, model_reported="Acme P9", serial_reported=reported))
    return int(printer)


def find(site: SiteUnderTest, text: str) -> list[SearchHit]:
    with site.runtime.database.read() as session:
        return find_reported(session, SearchTerm.read(text), 5)


def test_a_printer_is_found_by_the_serial_number_that_it_reports(site: SiteUnderTest) -> None:
    printer = add(site, "OLD-1", "CN-42%X")
    (hit,) = find(site, "cn-42%x")
    assert (hit.resource, hit.item_id, hit.title, hit.is_exact) == ("printers", printer, "Press 9", True)
    assert hit.detail == "Says it is Acme P9, serial number CN-42%X"
    assert [each.is_exact for each in find(site, "n-42 acme")] == [False]
    assert find(site, "42_x") == []


def test_what_the_register_says_too_is_not_told_twice(site: SiteUnderTest) -> None:
    add(site, "CN-42", "CN-42")
    assert find(site, "cn-42") == []
    assert len(find(site, "acme")) == 1


def test_the_source_stands_in_the_printers_space(site: SiteUnderTest) -> None:
    (named,) = site.runtime.plugins.search_sources()
    assert (named[0], named[1].name, named[1].permission) == (
        "printers",
        "printers.reported",
        "printers.printers.view",
    )
