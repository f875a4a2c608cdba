"""Keeping the index true from outside: the commands, upgrades of sites that had none, and the worker's job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import delete, text

from shopdb.jobs.housekeeping import has_stale_index, refresh_index
from shopdb.models import SearchEntry, SearchRule
from shopdb.testing import ENGINES, SiteUnderTest


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    made = shopdb_site("printers", engine=request.param)
    made.post("printers", {"name": "Quartz press", "host": "10.1.2.3"})
    return made


def run(site: SiteUnderTest, *arguments: str) -> subprocess.CompletedProcess[str]:
    site.runtime.database.dispose()
    command = [sys.executable, "-m", "shopdb", "--site", str(site.folder), *arguments]
    environ = {**os.environ, **site.environ}
    return subprocess.run(command, env=environ, text=True, capture_output=True, check=False)


def titles(site: SiteUnderTest, term: str) -> list[str]:
    return [each["title"] for each in site.get(f"search?q={term}").json["items"]]


def test_check_tells_what_the_index_lacks_and_reindex_mends_it(site: SiteUnderTest) -> None:
    assert run(site, "db", "check").stdout == "Nothing is wrong.\n"
    with site.runtime.database.write() as session:
        session.execute(delete(SearchEntry).where(SearchEntry.resource == "assets"))
    assert titles(site, "quartz") == []

    told = run(site, "db", "check")
    mended = run(site, "db", "reindex", "--json")

    assert told.returncode == 1
    assert (
        "The search index of assets differs from the data: 1 missing. Run: shopdb db reindex" in told.stdout
    )
    assert json.loads(mended.stdout)["assets"] == 1
    assert titles(site, "10.1.0.0/16") == ["Quartz press"]
    assert run(site, "db", "check").returncode == 0


def test_an_upgrade_from_before_the_index_finds_what_was_there(site: SiteUnderTest) -> None:
    with site.runtime.database.write() as session:
        for table in ("search_parts", "search_entries", "search_rules"):
            session.execute(text(f"DROP TABLE {table}"))
        session.execute(text("UPDATE alembic_version_core SET version_num = 'core_0001'"))

    done = run(site, "db", "upgrade", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["indexed"]["assets"] == 1
    assert titles(site, "uartz") == ["Quartz press"]
    assert run(site, "db", "check").stdout == "Nothing is wrong.\n"


def test_the_worker_indexes_what_was_indexed_by_other_rules(site: SiteUnderTest) -> None:
    refresh_index(site.runtime)
    assert not has_stale_index(site.runtime)
    with site.runtime.database.write() as session:
        session.execute(delete(SearchRule).where(SearchRule.resource == "printers"))
        session.execute(delete(SearchEntry).where(SearchEntry.resource == "assets"))

    assert has_stale_index(site.runtime)
    assert refresh_index(site.runtime) == {"assets": 1}
    assert not has_stale_index(site.runtime)
    assert titles(site, "10.1.2.3") == ["Quartz press"]
