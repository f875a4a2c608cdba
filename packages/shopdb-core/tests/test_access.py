"""The one check before each request."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from account_site import ACTOR, Site, csrf_token, open_account_site
from flask import Flask
from sqlalchemy import event

from shopdb import access
from shopdb.db import Database
from shopdb.services.account import update_user
from shopdb.services.principal import Principal, PrincipalCache
from shopdb.services.token import create_token


@pytest.fixture
def site(make_database: Callable[..., Database], tmp_path: Path) -> Site:
    made = open_account_site(make_database(), tmp_path)
    add_routes(made.app)
    return made


def add_routes(app: Flask) -> None:
    """Routes of every kind of right."""
    rules = {
        "/forgotten": None,
        "/api/v1/forgotten": None,
        "/open": access.PUBLIC,
        "/mine": access.SIGNED_IN,
        "/assets-page": "core.assets.view",
        "/api/v1/open": access.PUBLIC,
    }
    for rule, permission in rules.items():
        app.add_url_rule(rule, rule, lambda: "done", methods=["GET", "POST"])
        if permission is not None:
            access.allow(app, {rule: permission})


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that SQLAlchemy sends meanwhile, and the values read past it."""
    told: list[str] = []
    read_value = database.read_value

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        told.append(statement)

    def note_read(sql: str) -> object:
        told.append(sql)
        return read_value(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    database.read_value = note_read  # type: ignore[method-assign]  # counts what goes to the driver
    yield told
    event.remove(database.engine, "before_cursor_execute", note)
    database.read_value = read_value  # type: ignore[method-assign]  # as it was


@pytest.mark.parametrize("path", ["/forgotten", "/api/v1/forgotten"])
@pytest.mark.parametrize("username", ["admin", "viewer", None])
def test_an_endpoint_that_nobody_gave_a_permission_is_closed(
    site: Site, path: str, username: str | None
) -> None:
    headers = site.sign_in(username) if username else {}
    assert site.client().get(path, headers=headers).status_code == 403


def test_an_endpoint_has_one_permission(site: Site) -> None:
    access.allow(site.app, {"/mine": access.SIGNED_IN})
    with pytest.raises(ValueError, match="'/mine' needs 'signed-in' already"):
        access.allow(site.app, {"/mine": access.PUBLIC})


def test_the_api_answers_a_stranger_with_a_problem(site: Site) -> None:
    answer = site.client().get("/api/v1/assets")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_page_sends_a_stranger_to_sign_in_and_back(site: Site) -> None:
    answer = site.client().get("/mine?tab=2&q=a%20b")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=%2Fmine%3Ftab%3D2%26q%3Da%2520b"


def test_a_form_that_outlived_its_session_leads_back_to_its_page(site: Site) -> None:
    answer = site.client().post("/mine", headers={"Referer": "http://localhost/mine?edit=1"})
    assert answer.headers["Location"] == "/sign-in?next=%2Fmine%3Fedit%3D1"
    answer = site.client().post("/mine", headers={"Referer": "http://evil.example/mine"})
    assert answer.headers["Location"] == "/sign-in?next=%2F"


def test_htmx_is_told_to_load_the_sign_in_page_whole(site: Site) -> None:
    answer = site.client().get("/mine", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=%2Fmine")


@pytest.mark.parametrize(
    ("username", "status"), [("admin", 200), ("editor", 200), ("viewer", 200), ("nobody", 403)]
)
def test_a_permission_opens_what_asks_for_it(site: Site, username: str, status: int) -> None:
    headers = site.sign_in(username)
    assert site.client().get("/assets-page", headers=headers).status_code == status
    assert site.client().get("/mine", headers=headers).status_code == 200


def test_a_page_of_no_address_is_not_there_rather_than_closed(site: Site) -> None:
    assert site.client().get("/api/v1/nowhere").status_code == 404
    assert site.client().put("/api/v1/open").status_code == 405


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "bearer sdb_x", "Bearer a.b.c", "Bearer \u00ff"])
def test_a_bad_bearer_is_refused_also_where_the_cookie_would_do(site: Site, header: str) -> None:
    browser = site.browse("admin")
    assert browser.get("/api/v1/auth/me").status_code == 200
    assert browser.get("/api/v1/auth/me", headers={"Authorization": header}).status_code == 401


def test_a_proxy_s_own_basic_credentials_do_not_stand_in_the_way(site: Site) -> None:
    browser = site.browse("admin")
    headers = {"Authorization": "Basic eDp5"}
    assert browser.get("/api/v1/auth/me", headers=headers).status_code == 200
    assert site.client().get("/api/v1/auth/me", headers=headers).status_code == 401


def test_a_read_only_token_changes_nothing(site: Site) -> None:
    with site.database.write() as session:
        values = {"name": "reader", "read_only": True}
        _, secret = create_token(session, site.ids["admin"], values, actor=ACTOR)
    headers = {"Authorization": f"Bearer {secret}"}
    assert site.client().get("/api/v1/vendors", headers=headers).status_code == 200
    for method in ("POST", "PATCH", "DELETE"):
        path = "/api/v1/vendors" if method == "POST" else "/api/v1/users/1"
        answer = site.client().open(path, method=method, headers=headers, json={"name": "Acme"})
        assert (answer.status_code, "only reads" in answer.text) == (403, True)


def test_a_request_with_known_credentials_asks_the_database_once(site: Site) -> None:
    headers, browser = site.sign_in("viewer"), site.browse("viewer")
    with site.database.write() as session:
        _, secret = create_token(session, site.ids["viewer"], {"name": "x"}, actor=ACTOR)
    callers = [
        lambda: site.client().get("/mine", headers=headers),
        lambda: site.client().get("/mine", headers={"Authorization": f"Bearer {secret}"}),
        lambda: browser.get("/mine"),
    ]
    for call in callers:
        with call() as first:
            assert first.status_code == 200
        with counted(site.database) as statements, call() as again:
            assert again.status_code == 200
        assert statements == ["SELECT value FROM auth_epoch WHERE id = 1"]


def test_a_public_page_asks_the_database_nothing(site: Site) -> None:
    with counted(site.database) as statements:
        assert site.client().get("/open").status_code == 200
    assert statements == []


def test_rights_that_change_hold_from_the_next_request_in_every_process(site: Site) -> None:
    headers = site.sign_in("viewer")
    assert site.client().get("/assets-page", headers=headers).status_code == 200
    elsewhere = Database(site.database.url)  # as another process would
    with elsewhere.write() as session:
        update_user(session, site.ids["viewer"], {"roles": []}, actor=ACTOR)
    elsewhere.dispose()
    assert site.client().get("/assets-page", headers=headers).status_code == 403


def test_only_so_many_principals_are_remembered(site: Site) -> None:
    cache = PrincipalCache(site.database, size=3)
    asked: list[int] = []

    def find(number: int) -> Principal:
        asked.append(number)
        return Principal(user_id=number, username=str(number))

    for number in (1, 2, 3, 1, 4, 1, 2):
        assert cache.get(number, lambda session, n=number: find(n)).user_id == number
    assert asked == [1, 2, 3, 4, 2]


def test_a_browser_needs_the_csrf_token_for_every_change(site: Site) -> None:
    browser = site.browse("admin")
    token = csrf_token(browser, "/account")
    for path, body in (("/mine", {}), ("/api/v1/vendors", {"json": {"name": "Acme"}})):
        assert browser.get(path).status_code == 200
        assert browser.post(path, **body).status_code == 403  # type: ignore[arg-type]  # test client options
        wrong = {"X-CSRFToken": csrf_token(site.browse("viewer"), "/account")}
        assert browser.post(path, headers=wrong, **body).status_code == 403  # type: ignore[arg-type]  # as above
        right = {"X-CSRFToken": token}
        assert browser.post(path, headers=right, **body).status_code in (200, 201)  # type: ignore[arg-type]  # as above


def test_a_bearer_needs_no_csrf_token(site: Site) -> None:
    assert site.client().post("/mine", headers=site.sign_in("admin")).status_code == 200


def test_a_public_form_needs_the_csrf_token_and_a_public_api_does_not(site: Site) -> None:
    assert site.client().post("/open").status_code == 403
    assert site.client().post("/api/v1/open").status_code == 200


@pytest.mark.parametrize(("path", "kept"), [("/mine", "no-store"), ("/api/v1/auth/me", "private, no-cache")])
def test_an_answer_for_one_person_is_kept_for_nobody_else(site: Site, path: str, kept: str) -> None:
    answer = site.browse("viewer").get(path)
    assert answer.headers["Cache-Control"] == kept
    assert {"cookie", "authorization"} <= {each.lower() for each in answer.vary}


@pytest.mark.parametrize("secure", ["true", "false"])
def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    make_database: Callable[..., Database], tmp_path: Path, secure: str
) -> None:
    environ = {"SHOPDB_SESSION_COOKIE_SECURE": secure}
    site = open_account_site(make_database(), tmp_path, environ)
    cookie = site.client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert ("Secure" in cookie) is (secure == "true")


SAFE = ["/", "/assets", "/assets?q=a%20b&sort=-name", "/assets/7#history", "/a:b", "/%2f%2fevil.example"]
UNSAFE = [
    None,
    "",
    "assets",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "http://evil.example",
    "https://evil.example/",
    "HTTPS:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\r\nSet-Cookie: a=b",
    "/\0/evil.example",
    "/\u2028/evil.example",
    ".//evil.example",
    "../evil",
    "@evil.example",
    "http:///evil.example",
    "//evil.example@localhost/",
    "//localhost.evil.example/",
    "http://[::1",
    "/" + "a" * 3000,
    "/sign-out",
    "/sign-in",
    "/sign-in?next=/sign-in",
]


@pytest.mark.parametrize("text", SAFE)
def test_signing_in_leads_back_to_a_path_of_this_site(text: str) -> None:
    assert access.safe_next(text) == text


@pytest.mark.parametrize("text", UNSAFE)
def test_signing_in_leads_nowhere_else(text: str | None) -> None:
    assert access.safe_next(text) == "/"
