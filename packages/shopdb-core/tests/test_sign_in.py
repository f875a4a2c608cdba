"""Signing in to the pages: sessions, cookies, one's own account. The class S10 of the advisories of peers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from account_site import PASSWORD, Site, csrf_token, open_account_site
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shopdb.db import Database


@pytest.fixture
def each_site(database: Database, tmp_path: Path) -> Site:
    return open_account_site(database, tmp_path)


@pytest.fixture
def site(make_database: Callable[..., Database], tmp_path: Path) -> Site:
    return open_account_site(make_database(), tmp_path)


def cookie_of(browser: FlaskClient) -> str:
    jar = {c.key: c.value for c in browser._cookies.values()}
    return next(value for name, value in jar.items() if name.startswith("shopdb_"))


def submit(browser: FlaskClient, **fields: str) -> TestResponse:
    values = {"username": "viewer", "password": PASSWORD, "csrf_token": csrf_token(browser)} | fields
    return browser.post("/sign-in", data=values)


def send(browser: FlaskClient, path: str, **fields: str) -> TestResponse:
    return browser.post(path, data={"csrf_token": csrf_token(browser, "/account")} | fields)


def test_signing_in_leads_back_to_where_one_was(each_site: Site) -> None:
    browser = each_site.client()
    answer = submit(browser, next="/assets?q=lathe")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/assets?q=lathe")
    assert browser.get("/account").text.startswith("viewer|")
    assert browser.get("/sign-in?next=/assets").headers["Location"] == "/assets"


def test_signing_in_leads_to_no_other_site(site: Site) -> None:
    assert submit(site.client(), next="//evil.example").headers["Location"] == "/"
    assert "evil" not in site.client().get("/sign-in?next=https://evil.example/").text


def test_a_wrong_password_keeps_what_was_typed_but_the_password(site: Site) -> None:
    answer = submit(site.client(), password="wrong horse", next="/assets")
    assert answer.status_code == 401
    assert (
        "is wrong" in answer.text and "|/assets|viewer|" in answer.text and "wrong horse" not in answer.text
    )


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"username": ""}, 422),
        ({"password": ""}, 422),
        ({"username": "x" * 300}, 422),
        ({"password": "x" * 1001}, 422),
        ({"username": "a\0b"}, 422),
        ({"username": " viewer "}, 303),
        ({"username": "<script>"}, 401),
    ],
)
def test_what_no_account_has_is_refused_in_words(site: Site, fields: dict[str, str], status: int) -> None:
    answer = submit(site.client(), **fields)
    assert answer.status_code == status
    assert "<script>" not in answer.text


def test_too_many_failures_are_told_with_the_time_to_wait(site: Site) -> None:
    for _ in range(19):
        site.log_in("viewer", "wrong")
    answer = submit(site.client())
    assert (answer.status_code, "try again in" in answer.text) == (429, True)
    assert int(answer.headers["Retry-After"]) > 0


def test_the_form_of_another_site_signs_nobody_in(site: Site) -> None:
    browser = site.client()
    for token in ("", "x", csrf_token(site.client())):
        values = {"username": "viewer", "password": PASSWORD, "csrf_token": token}
        assert browser.post("/sign-in", data=values).status_code == 403


def test_the_session_from_before_the_sign_in_is_worth_nothing_after(site: Site) -> None:
    browser = site.client()
    token = csrf_token(browser)
    before = cookie_of(browser)
    assert submit(browser, csrf_token=token).status_code == 303
    after = cookie_of(browser)
    assert after != before
    planted = site.client()
    name = site.app.config["SESSION_COOKIE_NAME"]
    planted.set_cookie(name, before)
    assert planted.get("/account").status_code == 302
    assert browser.post("/account/sign-out-everywhere", data={"csrf_token": token}).status_code == 403


def test_a_copied_cookie_is_worth_nothing_after_signing_out(each_site: Site) -> None:
    browser, thief = each_site.browse("viewer"), each_site.client()
    thief.set_cookie(each_site.app.config["SESSION_COOKIE_NAME"], cookie_of(browser))
    assert thief.get("/account").status_code == 200
    assert send(browser, "/sign-out").headers["Location"] == "/sign-in"
    assert thief.get("/account").status_code == 302
    assert browser.get("/account").status_code == 302


@pytest.mark.parametrize(
    "cookie", ["", "x", "e30.x.y", "eyJzaWduX2luIjpbMSwieCIsIngiLDk5OTk5OTk5OTldfQ.aaaaaa.b"]
)
def test_a_forged_cookie_opens_nothing(site: Site, cookie: str) -> None:
    browser = site.client()
    browser.set_cookie(site.app.config["SESSION_COOKIE_NAME"], cookie)
    assert browser.get("/account").status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/sign-out",
        "/account/password",
        "/account/tokens",
        "/account/tokens/1/revoke",
        "/account/sign-out-everywhere",
    ],
)
def test_every_form_needs_its_csrf_token(site: Site, path: str) -> None:
    assert site.browse("viewer").post(path).status_code == 403


def test_two_sites_on_one_host_keep_their_cookies_apart(
    make_database: Callable[..., Database], tmp_path: Path
) -> None:
    names = set()
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        secret = {"SHOPDB_SECRET_KEY": f"{number}" * 40}
        made = open_account_site(make_database(), folder, secret)
        names.add(made.app.config["SESSION_COOKIE_NAME"])
    assert len(names) == 2


def test_a_new_password_ends_every_sign_in_but_this(each_site: Site) -> None:
    browser, other = each_site.browse("viewer"), each_site.browse("viewer")
    new = {"new_password": "a brand new one", "repeated_password": "a brand new one"}
    for wrong in ({"current_password": "nope"}, {"repeated_password": "another"}, {"new_password": "x"}):
        answer = send(browser, "/account/password", **{"current_password": PASSWORD} | new | wrong)
        assert answer.status_code == 422
    before = cookie_of(browser)
    answer = send(browser, "/account/password", current_password=PASSWORD, **new)
    assert answer.status_code == 303 and cookie_of(browser) != before
    assert (browser.get("/account").status_code, other.get("/account").status_code) == (200, 302)
    assert each_site.log_in("viewer", "a brand new one").status_code == 200


def test_a_token_is_made_shown_once_and_revoked_on_one_s_page(each_site: Site) -> None:
    browser = each_site.browse("viewer")
    made = send(browser, "/account/tokens", name="nightly", days="30", read_only="on")
    secret = made.text.split("|")[2]
    headers = {"Authorization": f"Bearer {secret}"}
    assert (made.status_code, made.headers["Cache-Control"], each_site.me(headers)) == (201, "no-store", 200)
    assert secret not in browser.get("/account").text
    for wrong in ({"name": ""}, {"name": "x" * 121}, {"days": "31"}):
        answer = send(browser, "/account/tokens", **{"name": "x", "days": ""} | wrong)
        assert answer.status_code == 422
    assert send(each_site.browse("editor"), "/account/tokens/1/revoke").status_code == 404
    assert send(browser, "/account/tokens/1/revoke").status_code == 303
    assert each_site.me(headers) == 401


def test_signing_out_everywhere_ends_this_sign_in_too(site: Site) -> None:
    browser, other = site.browse("viewer"), site.browse("viewer")
    assert send(browser, "/account/sign-out-everywhere").headers["Location"] == "/sign-in"
    assert (browser.get("/account").status_code, other.get("/account").status_code) == (302, 302)
