"""Sources of plugins: asked together, left out when they fail or hang."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from shopdb.db import Database
from shopdb.plugins import SearchHit, SearchSource, SearchTerm
from shopdb.plugins.contribution import Contribution
from shopdb.plugins.plugin_set import LoadedPlugin, PluginSet
from shopdb.search.inquiry import MOST_AT_ONCE, Inquiry

TERM = SearchTerm.read("aabb.ccdd.eeff")
Find = Callable[[Session, SearchTerm, int], Sequence[SearchHit]]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    yield opened
    opened.dispose()


def plugin_with(name: str, *finds: Find) -> LoadedPlugin:
    sources = tuple(
        SearchSource(name=f"{name}.s{i}", title=name.title(), permission=f"{name}.s{i}.view", find=find)
        for i, find in enumerate(finds)
    )
    return LoadedPlugin(
        name=name,
        title=name,
        dist=None,
        version="1",
        source="wheel",
        package_dir=Path(),
        module=None,
        contribution=Contribution(search_sources=sources),
    )


def found(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    assert session.execute(text("SELECT 7")).scalar() == 7
    return [SearchHit(title=f"{term.mac} {i}", url="/network/macs") for i in range(limit + 3)]


def broken(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    raise SystemExit(f"no {term.mac}")


def odd(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
    return ["aa:bb:cc"]  # type: ignore[list-item]  # what a careless author returns


def test_each_source_is_asked_with_a_session_of_its_own_and_bounded(database: Database) -> None:
    inquiry = Inquiry(PluginSet([plugin_with("network", found, found)]), database)
    answers = inquiry.ask(TERM, limit=2, may=lambda permission: permission == "network.s1.view")
    assert [(each.source.name, each.outcome) for each in answers] == [("network.s1", "answered")]
    assert [hit.title for hit in answers[0].hits] == ["aa:bb:cc:dd:ee:ff 0", "aa:bb:cc:dd:ee:ff 1"]


@pytest.mark.parametrize("bad", [broken, odd])
def test_a_source_that_fails_is_left_out_and_counted(database: Database, bad: Find) -> None:
    plugins = PluginSet([plugin_with("bad", bad), plugin_with("good", found)])
    answers = Inquiry(plugins, database).ask(TERM, limit=1, may=lambda permission: True)
    assert [(each.outcome, len(each.hits)) for each in answers] == [("failed", 0), ("answered", 1)]
    assert plugins.failures == {"bad": 1}


def test_a_source_that_hangs_is_left_behind_and_takes_up_no_more_than_a_few_threads(
    database: Database,
) -> None:
    release = threading.Event()

    def hang(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
        release.wait(30)
        return []

    plugins = PluginSet([plugin_with("slow", hang), plugin_with("good", found)])
    inquiry = Inquiry(plugins, database, deadline_s=0.05)
    outcomes = [
        [each.outcome for each in inquiry.ask(TERM, limit=1, may=lambda permission: True)]
        for _ in range(MOST_AT_ONCE + 1)
    ]
    assert outcomes == [["late", "answered"]] * MOST_AT_ONCE + [["busy", "answered"]]
    assert plugins.failures == {"slow": MOST_AT_ONCE}
    waiting = [thread for thread in threading.enumerate() if thread.name == "search slow.s0"]
    assert len(waiting) == MOST_AT_ONCE
    release.set()
    for thread in waiting:
        thread.join(5)
    assert inquiry.ask(TERM, limit=1, may=lambda permission: True)[0].outcome == "answered"


def test_a_source_is_left_out_of_suggestions_without_being_a_failure(database: Database) -> None:
    release = threading.Event()

    def think(session: Session, term: SearchTerm, limit: int) -> list[SearchHit]:
        release.wait(30)
        return [SearchHit(title="At last", url="/network/macs")]

    plugins = PluginSet([plugin_with("slow", think)])
    inquiry = Inquiry(plugins, database)
    (short,) = inquiry.ask(TERM, limit=1, may=lambda permission: True, deadline_s=0.05)
    assert (short.outcome, plugins.failures) == ("late", {})
    release.set()
    (patient,) = inquiry.ask(TERM, limit=1, may=lambda permission: True)
    assert [hit.title for hit in patient.hits] == ["At last"]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"resource": "assets"},
        {"resource": "assets", "item_id": 1, "url": "/x"},
        {"url": "https://elsewhere.example"},
        {"url": "//elsewhere.example"},
        {"url": "/\\elsewhere.example"},
        {"url": "javascript:alert(1)"},
    ],
)
def test_a_hit_leads_to_one_place_on_this_site(parts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="SearchHit 'x'"):
        SearchHit(title="x", **parts)  # type: ignore[arg-type]  # wrong on purpose
