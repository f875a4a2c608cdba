"""What all pages share: headers, static files, the frame, the start page, errors, sheets."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from page_site import Browser, Site

from shopdb.errors import DatabaseUnavailableError
from shopdb.web.icons import icon
from shopdb.web.moment import age, moment


def test_a_page_may_load_and_run_only_what_the_site_sends(admin: Browser) -> None:
    headers = admin.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/assets", "/assets/new", "/plugins", "/sign-in", "/api/docs", "/account"]
)
def test_no_page_has_anything_inline_or_from_elsewhere(page_site: Site, admin: Browser, path: str) -> None:
    text = admin.client.get(path, follow_redirects=True).text
    for wrong in (" style=", "<style", " onclick=", "javascript:", "//cdn", "https://unpkg"):
        assert wrong not in text
    assert all("src=" in part.split(">")[0] for part in text.split("<script")[1:])


def test_a_static_file_is_kept_for_good_under_its_hash_and_sent_compressed(admin: Browser) -> None:
    text = admin.get("/").text
    address = text.split('<link rel="stylesheet" href="')[1].split('"')[0].replace("&amp;", "&")
    answer = admin.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "immutable" not in admin.get("/static/vendor/tabler.css?v=other").headers["Cache-Control"]


def test_static_files_come_from_nowhere_else(admin: Browser) -> None:
    for path in (
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
        "/static/none.css",
        "/static/vendor/htmx.js.gz",
    ):
        admin.get(path, status=404)


def test_the_theme_is_remembered(admin: Browser) -> None:
    assert admin.send("/theme", {"theme": "dark", "next": "/assets"}).location == "/assets"
    assert 'data-bs-theme="dark"' in admin.get("/").text
    assert admin.send("/theme", {"theme": "light", "next": "https://elsewhere.example"}).location == "/"


def test_the_start_page_counts_and_says_what_needs_somebody(page_site: Site, admin: Browser) -> None:
    broken = page_site.make("statuses", name="Broken", kind="undeployable")
    soon = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    page_site.make("assets", name="Lathe", status=broken, warranty_end=soon)
    text = admin.get("/").text
    assert "Out of order" in text and "Broken" in text
    assert "Warranty ends soon" in text and soon in text
    assert "<strong>1</strong><span>Assets</span>" in text


def test_who_is_not_signed_in_is_asked_to_and_comes_back(page_site: Site) -> None:
    answer = Browser(page_site.app).get("/assets?q=lathe", status=302)
    assert answer.location == "/sign-in?next=%2Fassets%3Fq%3Dlathe"


def test_the_navigation_shows_what_one_may_see(page_site: Site, viewer: Browser) -> None:
    text = viewer.get("/").text
    assert 'href="/locations"' in text
    assert 'href="/users"' not in text


def test_a_page_of_an_unforeseen_error_tells_nothing_of_its_inside(
    page_site: Site, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the secret inside")

    page_site.app.view_functions["pages.vendors.list"] = fail
    page_site.app.config["PROPAGATE_EXCEPTIONS"] = False
    text = admin.get("/vendors", status=500).text
    assert "Something went wrong on our side" in text
    assert "secret inside" not in text


def test_a_database_that_is_away_has_a_page_of_its_own(page_site: Site, admin: Browser) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseUnavailableError("The database does not answer.")

    page_site.app.view_functions["pages.vendors.list"] = fail
    answer = admin.get("/vendors", status=503)
    assert answer.headers["Retry-After"] == "5"
    assert "The site is not ready" in answer.text


def test_a_sheet_is_shown_before_anything_is_saved(page_site: Site, admin: Browser) -> None:
    sheet = (io.BytesIO(b"name,website\nMazak,https://mazak.example\nBad,nowhere\n"), "vendors.csv")
    text = admin.send("/vendors/sheet", {"file": sheet}, status=200).text
    assert "<strong>1</strong>would be added" in text
    assert "is not a web address" in text
    assert "Mazak" not in admin.get("/vendors").text
    carried = text.split('name="carried" value="')[1].split('"')[0]
    admin.send("/vendors/sheet", {"carried": carried, "confirmed": "1"})
    assert "Mazak" in admin.get("/vendors").text


def test_a_sheet_that_is_none_is_refused_in_words(admin: Browser) -> None:
    assert "Choose a file first" in admin.send("/vendors/sheet", {}, status=422).text
    sheet = (io.BytesIO(b"colour\nred\n"), "vendors.csv")
    assert "vendors has no column" in admin.send("/vendors/sheet", {"file": sheet}, status=422).text
    forged = {"carried": "forged", "confirmed": "1"}
    assert "choose the file once more" in admin.send("/vendors/sheet", forged, status=422).text


def test_the_plugins_page_shows_what_is_found(admin: Browser) -> None:
    assert "Changes take effect at the next start." in admin.get("/plugins").text
    admin.get("/plugins/nothing", status=404)


def test_an_icon_is_drawn_by_name_and_an_unknown_one_is_a_square() -> None:
    assert "<path" in icon("printer")
    assert 'aria-label="Print"' in icon("printer", "Print")
    assert 'd="M4 4h16v16h-16z"' in icon("no-such-icon")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2, "just now"),
        (42, "42 s ago"),
        (250, "4 min ago"),
        (7200, "2 h ago"),
        (-90000, "in 1 d"),
        (10**8, "3 years ago"),
    ],
)
def test_an_age_is_told_in_one_unit(seconds: int, text: str) -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert age(now - timedelta(seconds=seconds), now=now) == text


def test_a_moment_tells_its_zone_and_unknown_is_said_as_unknown() -> None:
    assert "2026-11-22 12:00 UTC" in moment(datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert "Not known" in moment(None)
