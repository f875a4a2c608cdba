"""``GET /api/v1/search``: who finds what, in which shape, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shopdb.plugins import SearchHit, SearchSource, SearchTerm
from shopdb.testing import ENGINES, SiteUnderTest


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers", engine=request.param)


@pytest.fixture
def lite(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers")


def found(site: SiteUnderTest, query: str) -> list[tuple[str, str]]:
    answer = site.get(f"search?{query}")
    assert answer.status_code == 200, answer.json
    return [(each["resource"], each["title"]) for each in answer.json["items"]]


def reader(site: SiteUnderTest, *permissions: str) -> Callable[[str], list[tuple[str, str]]]:
    """Searches as somebody who has these permissions alone."""
    role = site.post("roles", {"name": "r " + " ".join(permissions), "permissions": list(permissions)})
    assert role.status_code == 201, role.json
    name = f"user{role.json['id']}"
    user = site.post(
        "users", {"username": name, "password": "a long enough password", "roles": [role.json["id"]]}
    )
    assert user.status_code == 201, user.json
    login = {"username": name, "password": "a long enough password"}
    token = site.client().post("/api/v1/auth/login", json=login).get_json()["access_token"]

    def search(query: str) -> list[tuple[str, str]]:
        headers = {"Authorization": f"Bearer {token}"}
        answer = site.client().get(f"/api/v1/search?{query}", headers=headers)
        assert answer.status_code == 200, answer.json
        return [(each["resource"], each["title"]) for each in answer.json["items"]]

    return search


def test_a_hit_tells_what_it_is_and_where_it_leads(site: SiteUnderTest) -> None:
    place = site.post("locations", {"name": "Hall 1"}).json["id"]
    values = {"name": "Press 9", "asset_tag": "PRT-0042", "host": "10.1.2.3", "location": place}
    printer = site.post("printers", values).json["id"]
    assert site.get("search?q=10.1.0.0/16").json == {
        "items": [
            {
                "resource": "printers",
                "id": printer,
                "title": "Press 9",
                "detail": "PRT-0042 · Hall 1 · Host: 10.1.2.3 · Ready",
                "url": f"/printers/{printer}",
                "kind": "Printer",
                "source": None,
                "exact": False,
            }
        ],
        "next": None,
        "left_out": [],
    }
    assert [each["exact"] for each in site.get("search?q=010.001.002.003").json["items"]] == [True]
    assert site.client().get(f"/printers/{printer}").status_code == 302


def test_everyone_finds_what_they_may_see_and_nothing_else(site: SiteUnderTest) -> None:
    site.post("people", {"name": "Ann Quartz"})
    site.post("printers", {"name": "Quartz press", "host": "10.1.2.3"})
    everything = {("people", "Ann Quartz"), ("printers", "Quartz press")}
    assert set(found(site, "q=quartz")) == everything
    assert set(reader(site, "*.view")("q=quartz")) == everything
    assert reader(site, "core.people.view")("q=quartz") == [("people", "Ann Quartz")]
    assert reader(site, "printers.printers.view")("q=10.1.2.3") == [("printers", "Quartz press")]
    assets_only = reader(site, "core.assets.view")
    assert assets_only("q=quartz") == [("assets", "Quartz press")]
    assert assets_only("q=10.1.2.3") == []
    assert assets_only("q=10.1.0.0/16") == []
    assert reader(site, "core.assets.view", "core.people.view")("q=admin") == []
    assert found(site, "q=admi")[0] == ("users", "admin")


def test_pages_and_types(site: SiteUnderTest) -> None:
    for number in range(5):
        site.post("printers", {"name": f"Drum {number}"})
    site.post("people", {"name": "Drummond"})
    pages: list[str] = []
    cursor = ""
    while True:
        answer = site.get(f"search?q=drum&limit=2{cursor}").json
        assert len(answer["items"]) <= 2
        pages += [each["title"] for each in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert pages == [*(f"Drum {number}" for number in range(5)), "Drummond"]
    assert found(site, "q=drum&type=people") == [("people", "Drummond")]
    assert len(found(site, "q=drum&type=assets")) == len(found(site, "q=drum&type=printers")) == 5


@pytest.mark.parametrize(
    "query",
    [
        *(
            "",
            "q=",
            "q=%20",
            "q=a%00b",
            f"q={'x' * 201}",
            "q=a&q=b",
            "q=a&limit=0",
            "q=a&limit=x",
            "q=a&sort=id",
        ),
        *("q=a&cursor=x", "q=a&cursor=WzBd", "q=a&type=nothing", "q=a&type=changes", "foo=1&q=a", "q=%CC%81"),
    ],
)
def test_what_is_wrong_is_said(lite: SiteUnderTest, query: str) -> None:
    answer = lite.get(f"search?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"]


def test_it_takes_signing_in(lite: SiteUnderTest) -> None:
    assert lite.client().get("/api/v1/search?q=a").status_code == 401


@pytest.fixture
def sources(lite: SiteUnderTest) -> Iterator[list[SearchSource]]:
    """Sources that the site has besides; tests fill the list."""
    plugins = lite.runtime.plugins
    added: list[SearchSource] = []
    plugins.search_sources = lambda: [("printers", one) for one in added]  # type: ignore[method-assign]  # as plugins would bring them
    yield added


def test_sources_stand_where_they_belong_and_show_what_may_be_seen(
    lite: SiteUnderTest, sources: list[SearchSource]
) -> None:
    person = lite.post("people", {"name": "aabbcc Ann"}).json["id"]

    def find(session: Any, term: SearchTerm, limit: int) -> list[SearchHit]:
        return [
            SearchHit(title="aa:bb:cc:dd:ee:ff", url="/network/macs?mac=aa", is_exact=term.is_whole_mac),
            SearchHit(title="Ann's", resource="people", item_id=person, kind="MAC"),
            SearchHit(title="Nobody's", resource="nowhere/things", item_id=1),
        ]

    sources.append(
        SearchSource(name="network.macs", title="MAC addresses", permission="network.macs.view", find=find)
    )
    assert found(lite, "q=aabbcc") == [
        ("people", "aabbcc Ann"),
        (None, "aa:bb:cc:dd:ee:ff"),
        ("people", "Ann's"),
    ]
    assert found(lite, "q=aabbcc&type=network.macs") == [(None, "aa:bb:cc:dd:ee:ff"), ("people", "Ann's")]
    assert reader(lite, "core.people.view")("q=aabbcc") == [("people", "aabbcc Ann")]
    assert reader(lite, "network.macs.view")("q=aabbcc") == [(None, "aa:bb:cc:dd:ee:ff")]
    paged: list[str] = []
    cursor = ""
    while True:
        answer = lite.get(f"search?q=aabbcc&limit=1{cursor}").json
        paged += [each["title"] for each in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert paged == ["aabbcc Ann", "aa:bb:cc:dd:ee:ff", "Ann's"]


def test_a_source_that_fails_is_named(lite: SiteUnderTest, sources: list[SearchSource]) -> None:
    def fail(session: Any, term: SearchTerm, limit: int) -> list[SearchHit]:
        raise ValueError("kaput")

    sources.append(SearchSource(name="x.y", title="X", permission="core.assets.view", find=fail))
    answer = lite.get("search?q=admin")
    assert answer.json["left_out"] == [{"source": "x.y", "reason": "failed and was left out"}]
    assert answer.json["items"]


def test_it_stands_in_openapi(lite: SiteUnderTest) -> None:
    operation = lite.client().get("/api/openapi.json").get_json()["paths"]["/api/v1/search"]["get"]
    assert [each["name"] for each in operation["parameters"]] == ["q", "limit", "cursor", "type"]
