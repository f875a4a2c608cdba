"""Bulletins: where they show, to whom, until when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from shopdb.plugins import now
from shopdb.testing import ENGINES, SiteUnderTest
from shopdb_notifications import bulletin


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site with a hall, a cell and a bench in it, another hall, and a machine on the bench."""
    made = shopdb_site("notifications", engine=request.param)
    for number, (name, parent) in enumerate(
        (("Hall A", None), ("Cell 4", 1), ("Bench", 2), ("Hall B", None)), start=1
    ):
        assert made.post("locations", {"name": name, "parent": parent}).json["id"] == number
    kinds = {one["slug"]: one["id"] for one in made.get("asset-types").json["items"]}
    for name, place, kind in (("Lathe 2", 3, "tool"), ("Van", 4, "vehicle"), ("Loose", None, "tool")):
        made.post("assets", {"name": name, "location": place, "asset_type": kinds[kind]})
    return made


def hours(count: float) -> str:
    """A time so many hours from now."""
    return (now() + timedelta(hours=count)).isoformat()


def post(site: SiteUnderTest, title: str, **values: Any) -> Any:
    """A new bulletin."""
    answer = site.post("notifications", {"title": title, **values})
    assert answer.status_code == 201, answer.text
    return answer.json


def seen(client: FlaskClient, path: str, *titles: str) -> list[str]:
    """Which of the titles stand as banners on a page."""
    page = client.get(path)
    assert page.status_code == 200
    head = page.text.split("</main>")[0].split('id="main"')[1]
    banners = [part.split("</div>")[0] for part in head.split('<div class="banner')[1:]]
    return [title for title in titles if any(f"<strong>{title}.</strong>" in one for one in banners)]


def test_each_bulletin_shows_on_the_pages_that_it_concerns(site: SiteUnderTest) -> None:
    tool = next(one["id"] for one in site.get("asset-types").json["items"] if one["slug"] == "tool")
    post(site, "Everywhere")
    post(site, "In hall A", location=1)
    post(site, "In cell 4", location=2)
    post(site, "Of the lathe", asset=1)
    post(site, "Of tools", asset_type=tool)
    post(site, "Of tools in hall B", asset_type=tool, location=4)
    titles = ("Everywhere", "In hall A", "In cell 4", "Of the lathe", "Of tools", "Of tools in hall B")
    client = site.signed_in()

    shown = {
        path: seen(client, path, *titles)
        for path in (
            *("/", "/assets", "/locations/1", "/locations/3", "/locations/4", f"/asset-types/{tool}"),
            *("/assets/1", "/assets/2", "/assets/3"),
        )
    }

    assert shown == {
        "/": ["Everywhere"],
        "/assets": ["Everywhere"],
        "/locations/1": ["Everywhere", "In hall A"],
        "/locations/3": ["Everywhere", "In hall A", "In cell 4"],
        "/locations/4": ["Everywhere"],
        f"/asset-types/{tool}": ["Everywhere", "Of tools"],
        "/assets/1": ["Everywhere", "In hall A", "In cell 4", "Of the lathe", "Of tools"],
        "/assets/2": ["Everywhere"],
        "/assets/3": ["Everywhere", "Of tools"],
    }


def test_a_bulletin_shows_from_its_start_until_its_end(
    site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(site, "Later", starts_at=hours(1), ends_at=hours(2))
    client = site.signed_in()

    shown = []
    for offset in (0, 1.5, 2.5):
        monkeypatch.setattr(bulletin, "now", lambda offset=offset: now() + timedelta(hours=offset))
        shown.append((seen(client, "/", "Later"), site.get("notifications/1").json["state"]))

    assert shown == [([], "coming"), (["Later"], "shown"), ([], "ended")]


@pytest.mark.parametrize("severity", ["info", "warning", "danger"])
def test_got_it_hides_a_bulletin_from_that_person_until_it_changes_but_never_a_danger(
    site: SiteUnderTest, severity: str
) -> None:
    made = post(site, "Wet floor", severity=severity, wants_acknowledgement=True)
    client = site.signed_in()
    before = client.get("/assets").text
    form = {"csrf_token": token_in(before), "next": "/assets?q=x"}

    answers = [client.post("/notifications/1/acknowledge", data=form) for _ in range(2)]

    assert [(a.status_code, a.location) for a in answers] == [(303, "/assets?q=x")] * 2
    assert 'action="/notifications/1/acknowledge"' in before
    after = client.get("/assets").text
    assert 'action="/notifications/1/acknowledge"' not in after
    assert seen(client, "/assets", "Wet floor") == (["Wet floor"] if severity == "danger" else [])
    assert site.get("notifications/1").json["acknowledged"] == 1
    assert "admin" in client.get("/notifications/1").text
    site.patch("notifications/1", {"text": "And slippery."})
    assert made["version"] == 1 and seen(client, "/assets", "Wet floor") == ["Wet floor"]
    assert site.get("notifications/1").json["acknowledged"] == 0


def token_in(page: str) -> str:
    """The CSRF token of a page."""
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def test_who_has_not_acknowledged_stands_on_its_page(site: SiteUnderTest) -> None:
    site.post(
        "users", {"username": "grace", "password": "a long enough password", "display_name": "Grace H."}
    )
    post(site, "New rule", wants_acknowledgement=True)
    client = site.signed_in()
    client.post("/notifications/1/acknowledge", data={"csrf_token": token_in(client.get("/").text)})

    page = client.get("/notifications/1").text

    missing = page.split('aria-label="Not yet"')[1].split("</section>")[0]
    assert "Grace H." in missing and "1 active account has" in missing


def test_everybody_signed_in_sees_the_banner_and_nobody_else_the_page(site: SiteUnderTest) -> None:
    site.post("users", {"username": "grace", "password": "a long enough password"})
    post(site, "Power off", text="x" * 400)
    client = site.client()
    form = {"username": "grace", "password": "a long enough password"}
    form["csrf_token"] = token_in(client.get("/sign-in").text)
    assert client.post("/sign-in", data=form).status_code == 303

    page = client.get("/").text

    assert "Power off." in page and "x" * 400 in page and 'href="/notifications/1"' not in page
    assert client.get("/notifications/1").status_code == 403
    done = client.post("/notifications/1/acknowledge", data={"csrf_token": token_in(page)})
    assert done.status_code == 303 and "Power off." not in client.get("/").text
    assert site.client().post("/notifications/1/acknowledge").status_code in (302, 403)


def test_a_bulletin_that_is_not_shown_is_not_acknowledged(site: SiteUnderTest) -> None:
    post(site, "Later", starts_at=hours(1))
    client = site.signed_in()
    form = {"csrf_token": token_in(client.get("/").text)}
    assert client.post("/notifications/1/acknowledge", data=form).status_code == 404
    assert client.post("/notifications/99/acknowledge", data=form).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"severity": "panic"}, "severity"),
        ({"starts_at": hours(2), "ends_at": hours(1)}, "ends_at"),
        ({"ends_at": hours(-1)}, "ends_at"),
        ({"asset": 1, "location": 1}, "location"),
        ({"asset": 1, "asset_type": 1}, "asset_type"),
        ({"location": 99}, "location"),
    ],
)
def test_a_wrong_bulletin_is_refused_by_field(
    site: SiteUnderTest, values: dict[str, Any], field: str
) -> None:
    refused = site.post("notifications", {"title": "Outage", **values})
    assert (refused.status_code, list(refused.json["errors"])) == (422, [field])


def test_a_bulletin_ends_now_by_its_button(site: SiteUnderTest) -> None:
    post(site, "Outage")
    ended = site.post("notifications/1/end")
    assert (ended.status_code, ended.json["state"]) == (200, "ended")
    assert site.post("notifications/1/end").status_code == 409


def test_the_start_page_tells_what_is_shown_and_what_begins_within_a_day(site: SiteUnderTest) -> None:
    post(site, "Now", ends_at=hours(3))
    post(site, "Open end")
    post(site, "Tomorrow", starts_at=hours(20), ends_at=hours(30), location=1)
    post(site, "Next week", starts_at=hours(200))
    page = site.signed_in().get("/").text
    card = page.split('aria-label="Bulletins"')[1].split("</article>")[0]
    assert [title in card for title in ("Now: ends", "Open end", "Tomorrow: begins", "Next week")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_page_costs_one_statement_more_however_many_bulletins_there_are(site: SiteUnderTest) -> None:
    client = site.signed_in()
    counts = []
    for _ in range(2):
        asked: list[str] = []

        def note(*args: Any, asked: list[str] = asked) -> None:
            asked.append(args[2])

        event.listen(site.runtime.database.engine, "before_cursor_execute", note)
        client.get("/assets/1")
        event.remove(site.runtime.database.engine, "before_cursor_execute", note)
        counts.append(len([text for text in asked if "notifications_acknowledgement" in text]))
        for number in range(20):
            post(site, f"Bulletin {number}", location=1)
    assert counts == [1, 1]


def test_a_bulletin_goes_with_the_place_or_asset_that_it_is_about(site: SiteUnderTest) -> None:
    post(site, "Of the van", asset=2)
    assert site.delete("assets/2").status_code == 204
    assert site.get("notifications").json["items"] == []


def test_what_is_shown_is_found_by_its_time_however_many_have_ended(site: SiteUnderTest) -> None:
    engine = site.runtime.database.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("SQLite tells its plan without rows to weigh")
    values = {"user": 1, "at": now(), "place": 0, "asset": 0, "asset_type": 0}
    with site.runtime.database.read() as session:
        for statement in (bulletin.EVERYWHERE, bulletin.CONCERNING):
            compiled = statement.compile(engine)
            explained = f"EXPLAIN QUERY PLAN {compiled}"
            every = compiled.params | values
            bound = tuple(str(every[name]) for name in compiled.positiontup or ())
            plan = session.connection().exec_driver_sql(explained, bound).all()
            told = " ".join(str(row[3]) for row in plan)
            assert "SCAN notifications_bulletin" not in told
            assert told.count("ix_notifications_bulletin_span") == 2, told
