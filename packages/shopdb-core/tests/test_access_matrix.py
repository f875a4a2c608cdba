"""Every route, for everyone: generated from the URL map, with the routes of the plugins that are here.

The class S5 of the advisories of peers. What a route asks for is worked out here from its address and
method, apart from the permission map that the application keeps.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.routing import Rule

from shopdb.app import create_app
from shopdb.db import Database
from shopdb.models import ApiToken, User
from shopdb.new_site import create_site
from shopdb.plugins.lifecycle import Site, install
from shopdb.resources.declare import Actor
from shopdb.resources.registry import Registry
from shopdb.runtime import start
from shopdb.services import account, role, token

ACTOR = Actor(name="matrix", source="cli")
PEOPLE = {
    "viewer": "Viewer",
    "operator": "Operator",
    "editor": "Editor",
    "manager": "Manager",
    "nobody": None,
}
STRANGERS = ("anonymous", "disabled", "revoked", "expired", "forged")
PUBLIC = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/sign-in",
    "/theme",
    "/static/<path:filename>",
    "/api/docs",
    "/api/openapi.json",
    "/api/v1/auth/login",
}
SIGNED_IN = {
    "/",
    "/sign-out",
    "/account",
    "/account/password",
    "/account/tokens",
    "/account/tokens/<int:token_id>/revoke",
    "/account/sign-out-everywhere",
    "/api/v1/auth/me",
    "/api/v1/auth/logout",
    "/api/v1/auth/password",
    "/api/v1/tokens",
    "/api/v1/tokens/<id>",
    "/search",
    "/search/suggest",
    "/api/v1/search",
}
ACCOUNTS = ("users", "roles", "changes")
"""Resources that only administrators reach, whatever a role's patterns say."""

VERBS = {"GET": "view", "POST": "add", "PATCH": "change", "DELETE": "delete"}
TAILS = {
    "history": "view",
    "export": "view",
    "choices": "view",
    "columns": "view",
    "permissions": "view",
    "revert": "change",
    "sign-out": "change",
    "edit": "change",
    "delete": "delete",
    "new": "add",
    "sheet": "add",
    "import": "add",
}
RIGHTS = {
    "viewer": {"view"},
    "operator": {"view", "check_out", "poll"},
    "editor": {"view", "check_out", "poll", "add", "change"},
    "manager": {"view", "check_out", "poll", "add", "change", "delete"},
    "nobody": set[str](),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("matrix") / "site"
    settings = create_site(
        folder, name="Matrix", admin="admin", password="correct horse", environ={}
    ).settings
    database = Database(settings.database_url)
    install(Site(site_dir=folder, settings=settings, database=database), [], everything=True)
    database.dispose()
    runtime = start(folder, environ={})
    yield create_app(runtime)
    runtime.database.dispose()


@pytest.fixture(scope="module")
def headers(app: Flask) -> dict[str, dict[str, str]]:
    """Who -> the headers that they send; tokens, because a matrix also calls what signs out."""
    database: Database = app.extensions["shopdb"].database
    found: dict[str, dict[str, str]] = {
        "anonymous": {},
        "forged": {"Authorization": "Bearer sdb_" + "x" * 43},
    }
    with database.write() as session:
        admin = account.get_user_id(session, "admin")
        for name, of in {"admin": admin, "revoked": admin, "expired": admin}.items():
            found[name] = _token_of(session, of)
        found["reader"] = _token_of(session, admin, read_only=True)
        for name in (*PEOPLE, "disabled"):
            given = PEOPLE.get(name)
            roles = [role.get_role_id(session, given)] if given else []
            values = {"username": name, "roles": roles, "is_admin": name == "disabled"}
            item = account.create_user(session, values, actor=ACTOR)
            found[name] = _token_of(session, item["id"])
        session.connection().execute(update(User).where(User.username == "disabled").values(is_active=False))
        ids = (
            session.connection().execute(select(ApiToken.id).where(ApiToken.user_id == admin)).scalars().all()
        )
        token.revoke_token(session, ids[1], actor=ACTOR)
        past = update(ApiToken).where(ApiToken.id == ids[2])
        session.connection().execute(past.values(expires_at=ApiToken.created_at))
    return found


def _token_of(session: Any, user_id: int, **values: Any) -> dict[str, str]:
    _, secret = token.create_token(session, user_id, {"name": "matrix", **values}, actor=ACTOR)
    return {"Authorization": f"Bearer {secret}"}


def routes(app: Flask) -> list[tuple[str, Rule]]:
    """Each method of each rule."""
    return [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method != "OPTIONS"
    ]


def verb_of(app: Flask, method: str, rule: Rule) -> str | None:
    """What a resource's route is for; None where it is no resource's."""
    registry: Registry = app.extensions["shopdb"].registry
    path = rule.rule.removeprefix("/api/v1")
    names = [c.name for c in registry if f"{path}/".startswith(f"/{c.name}/")]
    if not names:
        return None
    name = max(names, key=len)
    tail = path.removeprefix(f"/{name}").rsplit("/", 1)[-1]
    for action in registry.get(name).declared.actions:
        if tail == action.name:
            return action.permission
    if tail == "bulk":
        return "bulk"
    return TAILS.get(tail) or VERBS["GET" if method == "HEAD" else method]


def address_of(rule: Rule) -> str:
    """An address that the rule takes, of an item that isn't there."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        values[name] = 987654 if "Integer" in type(converter).__name__ else "987654"
    built = rule.build(values)
    assert built is not None
    return built[1]


def is_accounts(rule: Rule) -> bool:
    return rule.rule.removeprefix("/api/v1").split("/")[1] in ACCOUNTS


def test_every_route_is_public_or_for_the_signed_in_or_asks_for_a_permission(app: Flask) -> None:
    known: dict[str, str] = app.extensions["shopdb_permissions"]
    assert {rule.rule for _, rule in routes(app) if known.get(rule.endpoint) == "public"} == PUBLIC
    assert {rule.rule for _, rule in routes(app) if known.get(rule.endpoint) == "signed-in"} == SIGNED_IN
    assert [rule for _, rule in routes(app) if rule.endpoint not in known] == []
    of_resources = [rule for method, rule in routes(app) if verb_of(app, method, rule) is not None]
    assert len(of_resources) > 200, "the matrix is empty"


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_reaches_only_what_is_public(
    app: Flask, headers: dict[str, dict[str, str]], who: str
) -> None:
    wrong = []
    for method, rule in routes(app):
        if rule.rule in PUBLIC:
            continue
        with app.test_client().open(address_of(rule), method=method, headers=headers[who]) as answer:
            if rule.rule.startswith("/api/"):
                is_right = answer.status_code == 401
            else:
                is_right = answer.headers.get("Location", "").startswith("/sign-in?next=")
            if not is_right:
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("who", PEOPLE)
def test_a_person_reaches_what_the_role_grants_and_nothing_else(
    app: Flask, headers: dict[str, dict[str, str]], who: str
) -> None:
    wrong = []
    for method, rule in routes(app):
        verb = verb_of(app, method, rule)
        if verb is None or rule.rule in SIGNED_IN:
            continue
        may = verb in RIGHTS[who] and not is_accounts(rule)
        if verb == "bulk":  # what it needs is in the body; nobody but a viewer is refused at the door
            may = bool(RIGHTS[who]) and "/api/" in rule.rule
            body: Any = {"json": {"create": [], "update": [], "delete": []}}
        else:
            body = {"json": {}} if rule.rule.startswith("/api/") else {}
        with app.test_client().open(address_of(rule), method=method, headers=headers[who], **body) as answer:
            refused = answer.status_code in (401, 403)
            if (verb != "bulk" or "/api/" in rule.rule) and (refused is may or answer.status_code >= 500):
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


def test_an_administrator_is_refused_nothing(app: Flask, headers: dict[str, dict[str, str]]) -> None:
    wrong = []
    for method, rule in routes(app):
        if rule.rule in PUBLIC or rule.rule.startswith("/account"):
            continue
        body: Any = {"json": {}} if rule.rule.startswith("/api/") else {}
        with app.test_client().open(
            address_of(rule), method=method, headers=headers["admin"], **body
        ) as answer:
            is_own_password = rule.rule == "/api/v1/auth/password"  # not by an API token
            if (answer.status_code in (401, 403)) is not is_own_password or answer.status_code >= 500:
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


def test_a_token_that_reads_changes_nothing_anywhere(app: Flask, headers: dict[str, dict[str, str]]) -> None:
    wrong = []
    for method, rule in routes(app):
        if method in ("GET", "HEAD") or rule.rule in PUBLIC:
            continue
        with app.test_client().open(address_of(rule), method=method, headers=headers["reader"]) as answer:
            if answer.status_code != 403:
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("who", ["viewer", "operator", "editor"])
@pytest.mark.parametrize("part", ["create", "update", "delete"])
def test_a_bulk_request_asks_for_the_right_to_each_part(
    app: Flask, headers: dict[str, dict[str, str]], who: str, part: str
) -> None:
    needed = {"create": "add", "update": "change", "delete": "delete"}[part]
    wrong = []
    for method, rule in routes(app):
        if verb_of(app, method, rule) != "bulk":
            continue
        if rule.rule.startswith("/api/"):
            body: Any = {"json": {part: [{"id": 987654, "version": 1}]}}
        else:
            words = {"update": "edit", "delete": "delete"}
            if part not in words:
                continue
            body = {"data": {"do": words[part], "item": "987654:1", "confirmed": "1"}}
        with app.test_client().post(address_of(rule), headers=headers[who], **body) as answer:
            if (answer.status_code == 403) is (needed in RIGHTS[who]):
                wrong.append((rule.rule, answer.status_code))
    assert wrong == []


def test_every_form_asks_a_browser_for_its_csrf_token(app: Flask) -> None:
    browser = app.test_client()
    form = browser.get("/sign-in").text
    csrf = form.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = browser.post(
        "/sign-in", data={"username": "admin", "password": "correct horse", "csrf_token": csrf}
    )
    assert answer.status_code == 303
    wrong = []
    for method, rule in routes(app):
        if method in ("GET", "HEAD") or rule.rule == "/api/v1/auth/login":
            continue
        with browser.open(address_of(rule), method=method) as answer:
            if answer.status_code != 403:
                wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []
    assert browser.get("/api/v1/auth/me").status_code == 200


def test_every_route_of_accounts_is_described(app: Flask) -> None:
    described = app.test_client().get("/api/openapi.json").get_json()["paths"]
    names = ("users", "roles", "tokens", "auth")
    missing = [
        (method, rule.rule)
        for method, rule in routes(app)
        if rule.rule.startswith(tuple(f"/api/v1/{name}" for name in names)) and method != "HEAD"
        if method.lower() not in described.get(rule.rule.replace("<id>", "{id}"), {})
    ]
    assert missing == []
