"""The pages of users and roles, in the whole application."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shopdb.app import create_app
from shopdb.db import Database
from shopdb.new_site import create_site
from shopdb.resources.declare import Actor
from shopdb.runtime import start
from shopdb.services import account, role

ACTOR = Actor(name="tester", source="cli")
PASSWORD = "correct horse"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    create_site(tmp_path / "site", name="Plant", admin="admin", password=PASSWORD, environ={})
    runtime = start(tmp_path / "site", safe_mode=True, environ={})
    yield create_app(runtime)
    runtime.database.dispose()


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in(app, "admin")


def signed_in(app: Flask, username: str) -> FlaskClient:
    browser = app.test_client()
    values = {"username": username, "password": PASSWORD}
    assert send(browser, "/sign-in", values, form="/sign-in").status_code == 303
    return browser


def send(
    browser: FlaskClient, path: str, values: dict[str, str | list[str]], *, form: str | None = None
) -> TestResponse:
    """Post a form as its page would, with its token and the version that it showed."""
    page = browser.get(form or path).text
    shown = dict(re.findall(r'name="(csrf_token|version)" value="([^"]*)"', page))
    return browser.post(path, data=shown | values)


def database_of(app: Flask) -> Database:
    database: Database = app.extensions["shopdb"].database
    return database


def role_id(app: Flask, name: str) -> str:
    with database_of(app).read() as session:
        return str(role.get_role_id(session, name))


def test_an_administrator_adds_a_user_who_can_sign_in(app: Flask, admin: FlaskClient) -> None:
    values = {
        "username": "ada",
        "display_name": "Ada Lovelace",
        "password": PASSWORD,
        "roles": [role_id(app, "Viewer")],
    }
    answer = send(admin, "/users/new", values)
    assert answer.status_code == 303
    page = admin.get(answer.headers["Location"]).text
    assert "Ada Lovelace" in page and "Viewer" in page
    assert signed_in(app, "ada").get("/assets").status_code == 200
    assert "Ada Lovelace" in admin.get("/users").text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(admin: FlaskClient) -> None:
    values = {"username": "two words", "display_name": "Ada <b>", "password": PASSWORD}
    answer = send(admin, "/users/new", values)  # type: ignore[arg-type]  # texts only
    assert answer.status_code == 422
    assert "no spaces" in answer.text and 'value="two words"' in answer.text
    assert "Ada &lt;b&gt;" in answer.text and PASSWORD not in answer.text
    assert send(admin, "/users/new", {"username": "ADMIN"}).status_code == 409


def test_an_account_is_disabled_by_taking_its_tick_away(app: Flask, admin: FlaskClient) -> None:
    made = send(admin, "/users/new", {"username": "ada", "password": PASSWORD}).headers["Location"]
    ada = signed_in(app, "ada")
    assert ada.get("/").status_code == 200
    assert send(admin, f"{made}/edit", {"username": "ada"}).status_code == 303
    assert ada.get("/").status_code == 302


def test_a_page_that_was_open_too_long_overwrites_nothing(admin: FlaskClient) -> None:
    made = send(admin, "/users/new", {"username": "ada"}).headers["Location"]
    stale = {"username": "ada", "display_name": "Second", "version": "1"}
    assert send(admin, f"{made}/edit", {"username": "ada", "display_name": "First"}).status_code == 303
    answer = send(admin, f"{made}/edit", stale)  # type: ignore[arg-type]  # texts only
    assert answer.status_code == 412 and "open it again" in answer.text
    assert "First" in admin.get(made).text


def test_the_last_administrator_stays_on_pages_too(admin: FlaskClient) -> None:
    answer = send(admin, "/users/1/edit", {"username": "admin", "is_active": "true"})
    assert answer.status_code == 409 and "last active administrator" in answer.text
    assert send(admin, "/users/1/delete", {}).status_code == 409


def test_a_user_is_signed_out_and_deleted(app: Flask, admin: FlaskClient) -> None:
    made = send(admin, "/users/new", {"username": "ada", "password": PASSWORD}).headers["Location"]
    ada = signed_in(app, "ada")
    assert send(admin, f"{made}/sign-out", {}, form=f"{made}/edit").status_code == 303
    assert ada.get("/").status_code == 302
    assert send(admin, f"{made}/delete", {}).headers["Location"] == "/users"
    assert admin.get(made).status_code == 404
    assert "deleted" in admin.get(f"{made}/history").text


def test_a_role_is_made_changed_and_deleted(admin: FlaskClient) -> None:
    values = {"name": "Auditor", "permissions": "core.changes.view\n*.view"}
    made = send(admin, "/roles/new", values).headers["Location"]  # type: ignore[arg-type]  # texts only
    assert "core.changes.view" in admin.get(made).text
    wrong = send(admin, f"{made}/edit", {"name": "Auditor", "permissions": "core.assets.fly"})
    assert wrong.status_code == 422 and "core.assets.fly" in wrong.text
    assert send(admin, f"{made}/edit", {"name": "Reviser", "permissions": "*.view"}).status_code == 303
    assert send(admin, f"{made}/delete", {}).headers["Location"] == "/roles"
    assert send(admin, "/roles/1/delete", {}).status_code == 303


def test_a_helper_s_form_offers_no_rights_and_takes_none(app: Flask) -> None:
    with database_of(app).write() as session:
        helpdesk = role.create_role(
            session, {"name": "Helpdesk", "permissions": ["core.users.*"]}, actor=ACTOR
        )
        values = {"username": "helper", "password": PASSWORD, "roles": [helpdesk["id"]]}
        helper_id = account.create_user(session, values, actor=ACTOR)["id"]
    helper = signed_in(app, "helper")
    assert "Administrator:" not in helper.get("/users/new").text
    made = send(helper, "/users/new", {"username": "ada", "is_admin": "true", "roles": ["4"]})
    assert made.status_code == 303
    with database_of(app).read() as session:
        ada = account.get_user(session, account.get_user_id(session, "ada"))
    assert (ada["is_admin"], ada["roles"]) == (False, [])
    for path in ("/users/1/edit", "/users/1/delete"):
        assert send(helper, path, {"username": "admin", "password": "a brand new one"}).status_code == 403
    assert send(helper, "/users/1/sign-out", {}, form="/users/1/edit").status_code == 403
    assert (
        send(helper, f"/users/{helper_id}/edit", {"username": "helper", "is_active": "true"}).status_code
        == 303
    )


@pytest.mark.parametrize(
    "path", ["/users", "/users/new", "/users/1", "/users/1/edit", "/roles", "/roles/new", "/changes"]
)
def test_pages_of_accounts_are_closed_to_everyone_else(app: Flask, path: str) -> None:
    with database_of(app).write() as session:
        manager = role.get_role_id(session, "Manager")
        values = {"username": "manager", "password": PASSWORD, "roles": [manager]}
        account.create_user(session, values, actor=ACTOR)
    browser = signed_in(app, "manager")
    assert browser.get("/assets").status_code == 200
    assert browser.get(path).status_code == 403
    assert 'href="/users"' not in browser.get("/assets").text
