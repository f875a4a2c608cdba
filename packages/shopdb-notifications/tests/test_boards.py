"""Boards for the wall: their address, their picture, their stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from shopdb.plugins import now
from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_notifications import board, live


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site with a hall, a cell in it and another hall, on each engine."""
    return furnished(shopdb_site("notifications", engine=request.param))


@pytest.fixture
def lone_site(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """The same on SQLite, with streams that end at once."""
    environ = {"SHOPDB_NOTIFICATIONS_BOARD_STREAM_S": "10", "SHOPDB_NOTIFICATIONS_BOARD_TICK_S": "20"}
    return furnished(shopdb_site("notifications", environ=environ))


def furnished(site: SiteUnderTest) -> SiteUnderTest:
    for name, parent in (("Hall A", None), ("Cell 4", 1), ("Hall B", None)):
        site.post("locations", {"name": name, "parent": parent})
    return site


def add_board(site: SiteUnderTest, **values: Any) -> str:
    """A new board; the path of its address."""
    made = site.post("notifications/boards", {"name": "Wall", **values})
    assert made.status_code == 201, made.text
    return new_address(site, made.json["id"])


def new_address(site: SiteUnderTest, board_id: int) -> str:
    answer = site.post(f"notifications/boards/{board_id}/make-address")
    assert answer.status_code == 200, answer.text
    return str(answer.json["address"]).removeprefix("http://localhost")


def post(site: SiteUnderTest, title: str, **values: Any) -> None:
    assert site.post("notifications", {"title": title, **values}).status_code == 201


def hours(count: float) -> str:
    return (now() + timedelta(hours=count)).isoformat()


def events(text: str) -> list[tuple[str, Any]]:
    """The events of a stream."""
    parts = [part.split("\n") for part in text.strip().split("\n\n") if part.startswith("event: ")]
    return [
        (lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))) for lines in parts
    ]


def test_a_board_is_seen_by_its_address_alone_and_by_no_other(site: SiteUnderTest) -> None:
    post(site, "Crane is out <b>")
    path = add_board(site)
    page = site.client().get(path)
    assert page.status_code == 200 and "Crane is out &lt;b&gt;" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert len(path.rsplit("/", 1)[1]) == 32
    item = site.get("notifications/boards/1").json
    assert item["address_made_by"] == "admin" and path.rsplit("/", 1)[1] not in json.dumps(item)
    for wrong in (path[:-1], f"{path}x", "/notifications/board/%00", "/notifications/board/é"):
        assert site.client().get(wrong).status_code == 404
        assert site.client().get(f"{wrong}/events").status_code == 404


def test_a_new_address_ends_the_one_before_and_so_does_switching_off(lone_site: SiteUnderTest) -> None:
    first = add_board(lone_site)
    second = new_address(lone_site, 1)
    assert first != second
    assert [lone_site.client().get(path).status_code for path in (first, second)] == [404, 200]
    lone_site.patch("notifications/boards/1", {"is_active": False})
    assert lone_site.client().get(second).status_code == 404


def test_the_address_is_shown_once_on_the_page(lone_site: SiteUnderTest) -> None:
    add_board(lone_site)
    client = lone_site.signed_in()
    before = client.get("/notifications/boards/1").text
    form = {"csrf_token": before.split('name="csrf_token" value="')[1].split('"')[0]}
    told = client.post("/notifications/boards/1/do/make-address", data=form)
    address = told.text.split('data-copy="')[1].split('"')[0]
    assert client.get(address.removeprefix("http://localhost")).status_code == 200
    assert address not in client.get("/notifications/boards/1").text
    schema = lone_site.client().get("/api/openapi.json").json
    answer = schema["paths"]["/api/v1/notifications/boards/{id}/make-address"]["post"]["responses"]["200"]
    assert "address" in json.dumps(answer)


def test_a_board_shows_what_concerns_its_place_and_what_is_inside(site: SiteUnderTest) -> None:
    kind = site.get("asset-types").json["items"][0]["id"]
    site.post("assets", {"name": "Lathe 2", "location": 2, "asset_type": kind})
    site.post("assets", {"name": "Van", "location": 3, "asset_type": kind})
    everywhere = {"Everywhere": {}, "Hall A": {"location": 1}, "Cell 4": {"location": 2}}
    elsewhere = {"Hall B": {"location": 3}, "Of the lathe": {"asset": 1}, "Of the van": {"asset": 2}}
    for title, audience in (everywhere | elsewhere).items():
        post(site, title, **audience)

    def shown(place: int | None) -> set[str]:
        with site.runtime.database.read() as session:
            return {one.title for one in board.list_posts(session, place=place, ahead=timedelta(hours=1))}

    assert shown(None) == {*everywhere, *elsewhere}
    assert shown(1) == {"Everywhere", "Hall A", "Cell 4", "Of the lathe"}
    assert shown(2) == {"Everywhere", "Hall A", "Cell 4", "Of the lathe"}
    assert shown(3) == {"Everywhere", "Hall B", "Of the van"}


def test_the_most_serious_stands_first_and_what_comes_stands_last(site: SiteUnderTest) -> None:
    post(site, "Coming danger", severity="danger", starts_at=hours(2))
    post(site, "Info", ends_at=hours(5))
    post(site, "Danger", severity="danger", ends_at=hours(5), location=2)
    post(site, "Warning", severity="warning")
    post(site, "Next week", starts_at=hours(200))
    with site.runtime.database.read() as session:
        posts = board.list_posts(session, place=None, ahead=timedelta(hours=24))
    assert [(one.title, one.where) for one in posts] == [
        ("Danger", "Hall A / Cell 4"),
        ("Warning", "Everywhere"),
        ("Info", "Everywhere"),
        ("Coming danger", "Everywhere"),
    ]


def test_a_board_shows_the_cards_that_were_chosen_and_that_its_editor_may_see(
    lone_site: SiteUnderTest,
) -> None:
    repair = next(one["id"] for one in lone_site.get("statuses").json["items"] if one["name"] == "In repair")
    kind = lone_site.get("asset-types").json["items"][0]["id"]
    made = {"name": "Broken mill", "status": repair, "asset_type": kind}
    lone_site.post("assets", {**made, "warranty_end": str((now() + timedelta(days=9)).date())})
    path = add_board(lone_site)
    page = lone_site.client().get(path).text
    assert "Out of order" in page and "Broken mill" in page and "Warranty ends soon" in page
    client = lone_site.signed_in()
    own = client.get("/notifications/boards/1").text
    assert own.count('name="card"') == 2
    form = {"csrf_token": own.split('name="csrf_token" value="')[1].split('"')[0], "card": "Out of order"}
    assert client.post("/notifications/boards/1/cards", data=form).status_code == 303
    page = lone_site.client().get(path).text
    assert "Broken mill" in page and "Warranty ends soon" not in page
    changes = lone_site.get("notifications/boards/1/history").json["items"]
    assert (changes[0]["actor"], changes[0]["fields"]) == ("admin", ["cards"])

    role = lone_site.post("roles", {"name": "Poster", "permissions": ["notifications.*"]}).json["id"]
    grace = {"username": "grace", "password": "a long enough password"}
    lone_site.post("users", {**grace, "roles": [role]})
    token = lone_site.client().post("/api/v1/auth/login", json=grace).json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    etag = lone_site.get("notifications/boards/1").headers["ETag"]
    headers["If-Match"] = etag
    done = lone_site.client().patch("/api/v1/notifications/boards/1", json={"name": "Mine"}, headers=headers)
    assert done.status_code == 200
    assert "Broken mill" not in lone_site.client().get(path).text


def test_the_stream_begins_with_the_picture_and_ends_by_itself(lone_site: SiteUnderTest) -> None:
    post(lone_site, "Crane is out")
    path = add_board(lone_site)
    answer = lone_site.client().get(f"{path}/events")
    assert answer.mimetype == "text/event-stream" and answer.headers["X-Accel-Buffering"] == "no"
    assert answer.text.startswith("retry: 3000\n\n")
    ((kind, told),) = events(answer.text)
    assert kind == "picture" and "Crane is out" in told["html"] and told["version"] == live.server_version()


def run_stream(draws: list[Any], **values: Any) -> list[tuple[str, Any]]:
    def draw() -> str:
        found = draws.pop(0)
        if isinstance(found, Exception):
            raise found
        return str(found)

    options = {"seats": 1, "tick_s": 0.01, "lifetime_s": 60.0, **values}
    return events("".join(live.stream(draw, **options)))


def test_a_picture_is_sent_when_it_has_changed_and_else_a_sign_of_life() -> None:
    from shopdb.errors import NotFoundError

    told = run_stream(["a", "a", "b", NotFoundError("gone")])
    assert [kind for kind, _ in told] == ["picture", "alive", "picture", "gone"]
    assert [values.get("html") for _, values in told] == ["a", None, "b", None]


def test_a_stream_ends_when_the_database_is_away_or_its_time_is_over() -> None:
    from shopdb.errors import DatabaseUnavailableError

    assert [kind for kind, _ in run_stream(["a", DatabaseUnavailableError("away")])] == ["picture"]
    assert len(run_stream(["a"] * 50, tick_s=0.02, lifetime_s=0.1)) < 10


def test_a_board_without_a_seat_gets_one_picture_and_comes_back_later() -> None:
    holder = live.stream(lambda: "a", seats=1, tick_s=0.01, lifetime_s=60)
    assert next(holder) == "retry: 3000\n\n"
    second = list(live.stream(lambda: "a", seats=1, tick_s=0.01, lifetime_s=60))
    assert second[0] == "retry: 15000\n\n" and len(second) == 2
    holder.close()
    third = live.stream(lambda: "a", seats=1, tick_s=0.01, lifetime_s=60)
    assert next(third) == "retry: 3000\n\n"
    third.close()


def test_between_two_looks_no_connection_is_held(lone_site: SiteUnderTest) -> None:
    path = add_board(lone_site)
    pool = lone_site.runtime.database.engine.pool
    answer = lone_site.client().get(f"{path}/events", buffered=False)
    stream: Iterator[bytes] = iter(answer.response)  # type: ignore[arg-type]  # werkzeug says bytes or text
    next(stream), next(stream)
    assert pool.checkedout() == 0  # type: ignore[attr-defined]  # of QueuePool
    answer.close()


def test_the_preview_is_for_those_who_may_see_boards(lone_site: SiteUnderTest) -> None:
    add_board(lone_site)
    page = lone_site.signed_in().get("/notifications/boards/1/preview")
    assert page.status_code == 200 and 'data-events=""' in page.text
    assert lone_site.client().get("/notifications/boards/1/preview").status_code == 302
    assert lone_site.signed_in().get("/notifications/boards/9/preview").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"rotation_s": 1}, "rotation_s"),
        ({"location": 9}, "location"),
        ({"theme": "pink"}, "theme"),
    ],
)
def test_a_wrong_board_is_refused_by_field(
    lone_site: SiteUnderTest, body: dict[str, Any], field: str
) -> None:
    refused = lone_site.post("notifications/boards", {"name": "Wall", **body})
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])
