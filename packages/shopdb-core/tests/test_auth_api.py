"""Signing in over the API; users and roles as resources. The classes S7, S18, S19, S20 and S25 among them."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from account_site import ACTOR, PASSWORD, Site, open_account_site

from shopdb import clock
from shopdb.db import Database
from shopdb.errors import NotSignedInError
from shopdb.services import account, role, sign_in

LOGIN = "/api/v1/auth/login"


@pytest.fixture
def each_site(database: Database, tmp_path: Path) -> Site:
    return open_account_site(database, tmp_path)


@pytest.fixture
def site(make_database: Callable[..., Database], tmp_path: Path) -> Site:
    return open_account_site(make_database(), tmp_path)


def test_a_sign_in_answers_a_bearer_token(each_site: Site) -> None:
    answer = each_site.log_in("viewer")
    body = answer.get_json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (body["token_type"], body["expires_in"], sorted(body)) == (
        "Bearer",
        3600,
        ["access_token", "expires_in", "token_type"],
    )
    assert "Set-Cookie" not in answer.headers
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    me = each_site.client().get("/api/v1/auth/me", headers=headers).get_json()
    assert (me["username"], me["is_admin"], me["permissions"]) == ("viewer", False, ["*.view"])
    assert [each["name"] for each in me["roles"]] == ["Viewer"] and me["last_sign_in_at"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"username=viewer&password=x", 400),
        (b"\xff\xfe", 400),
        (b"[]", 422),
        (b'"text"', 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"username": "viewer"}', 422),
        (b'{"username": "viewer", "password": ""}', 422),
        (b'{"username": "viewer", "password": 5}', 422),
        (b'{"username": ["viewer"], "password": "x"}', 422),
        (b'{"username": null, "password": "x"}', 422),
        (b'{"username": {"$ne": null}, "password": "x"}', 422),
        (b'{"username": "viewer", "password": "x", "remember": true}', 422),
        (b'{"username": "view\\u0000er", "password": "x"}', 422),
        (b'{"username": "viewer", "password": "\\u0000"}', 422),
        (b'{"username": "%s", "password": "x"}' % (b"x" * 256), 422),
        (b'{"username": "viewer", "password": "%s"}' % (b"x" * 1001), 422),
    ],
)
def test_a_body_that_says_no_sign_in_is_refused(site: Site, data: bytes, status: int) -> None:
    answer = site.client().post(LOGIN, data=data, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("username", ["viewer", "nosuch", "disabled", "vіewer", "a b", "x" * 255, "🤖"])
def test_every_failure_is_told_in_the_same_words(each_site: Site, username: str) -> None:
    with each_site.database.write() as session:
        values = {"username": "disabled", "password": PASSWORD, "is_active": False}
        account.create_user(session, values, actor=ACTOR)
    known = each_site.log_in("admin", "wrong password")
    answer = each_site.log_in(username, PASSWORD if username == "disabled" else "wrong password")
    assert answer.status_code == known.status_code == 401
    assert answer.data == known.data
    assert sorted(answer.headers) == sorted(known.headers)


def test_an_unknown_user_costs_as_much_time_as_a_known_one(site: Site) -> None:
    times: dict[str, list[float]] = {"viewer": [], "nosuch": []}
    for number in range(24):
        for username, spent in times.items():
            name = username if username == "viewer" else f"nosuch{number}"
            start = time.perf_counter()
            with pytest.raises(NotSignedInError, match="wrong"):
                sign_in.check_password(site.database, name, f"wrong {number}", address=f"10.0.{number}.1")
            spent.append(time.perf_counter() - start)
            with site.database.write() as session:
                session.connection().exec_driver_sql("DELETE FROM failed_sign_ins")
    ratio = statistics.median(times["viewer"]) / statistics.median(times["nosuch"])
    assert 0.6 < ratio < 1.6


def test_twenty_failures_in_ten_seconds_shut_an_account_for_a_while(
    each_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start)
    answers = [
        each_site.log_in("viewer", "wrong", environ_base={"REMOTE_ADDR": f"10.0.0.{n}"}) for n in range(20)
    ]
    assert [a.status_code for a in answers] == [401] * 19 + [429]
    assert int(answers[-1].headers["Retry-After"]) == 11
    assert each_site.log_in("viewer").status_code == 429
    assert each_site.log_in("editor").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=11))
    assert each_site.log_in("viewer").status_code == 200


def test_twenty_failures_from_one_address_shut_it_for_every_account(each_site: Site) -> None:
    answers = [each_site.log_in(f"guess{number}", "wrong").status_code for number in range(20)]
    assert answers == [401] * 19 + [429]
    assert each_site.log_in("viewer").status_code == 429
    other = {"REMOTE_ADDR": "192.0.2.9"}
    assert each_site.log_in("viewer", environ_base=other).status_code == 200


def test_addresses_of_one_network_of_ipv6_count_as_one(site: Site) -> None:
    for number in range(19):
        site.log_in(f"guess{number}", "wrong", environ_base={"REMOTE_ADDR": f"2001:db8::{number + 1:x}"})
    same, other = {"REMOTE_ADDR": "2001:db8::ffff"}, {"REMOTE_ADDR": "2001:db8:0:1::1"}
    assert site.log_in("viewer", environ_base=same).status_code == 429
    assert site.log_in("viewer", environ_base=other).status_code == 200


def test_a_slow_guesser_is_shut_out_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    start = clock.now()
    monkeypatch.setattr(sign_in, "ACCOUNT_LIMITS", (sign_in.Limit(5, timedelta(hours=1)),))
    statuses = []
    for number in range(6):
        monkeypatch.setattr(clock, "now", lambda n=number: start + timedelta(minutes=n))
        statuses.append(site.log_in("viewer", "wrong").status_code)
    assert statuses == [401] * 5 + [429]


def test_sign_ins_that_succeed_are_not_counted(site: Site) -> None:
    assert {site.log_in("viewer").status_code for _ in range(25)} == {200}


def test_a_success_forgets_the_failures_of_its_account(site: Site) -> None:
    for number in range(15):
        site.log_in("viewer", "wrong", environ_base={"REMOTE_ADDR": f"10.0.0.{number}"})
    assert site.log_in("viewer").status_code == 200
    again = [
        site.log_in("viewer", "wrong", environ_base={"REMOTE_ADDR": f"10.0.1.{n}"}).status_code
        for n in range(15)
    ]
    assert again == [401] * 15


def test_an_address_that_anyone_can_claim_is_not_believed(site: Site) -> None:
    answers = [
        site.log_in(f"guess{n}", "wrong", headers={"X-Forwarded-For": f"10.1.1.{n}"}).status_code
        for n in range(20)
    ]
    assert answers == [401] * 19 + [429]


def test_the_address_that_a_trusted_proxy_tells_is_believed(
    make_database: Callable[..., Database], tmp_path: Path
) -> None:
    site = open_account_site(make_database(), tmp_path, {"SHOPDB_TRUSTED_PROXIES": "1"})
    told = [{"X-Forwarded-For": f"6.6.6.6, 10.1.1.{n}"} for n in range(20)]
    answers = [
        site.log_in(f"guess{n}", "wrong", headers=headers).status_code for n, headers in enumerate(told)
    ]
    assert answers == [401] * 20


def test_failures_are_counted_across_processes(site: Site) -> None:
    elsewhere = Database(site.database.url)  # as another worker would
    for number in range(19):
        with pytest.raises(NotSignedInError, match="wrong"):
            sign_in.check_password(elsewhere, "viewer", "wrong", address=f"10.0.0.{number}")
    elsewhere.dispose()
    assert site.log_in("viewer").status_code == 429


def test_an_administrator_keeps_the_users(each_site: Site) -> None:
    headers, client = each_site.sign_in("admin"), each_site.client()
    with each_site.database.read() as session:
        viewer = role.get_role_id(session, "Viewer")
    body = {"username": "Ada", "password": "counting engine", "email": "ada@example.com", "roles": [viewer]}
    made = client.post("/api/v1/users", headers=headers, json=body)
    path, item = made.headers["Location"], made.get_json()
    assert (made.status_code, path, made.headers["ETag"]) == (
        201,
        f"/api/v1/users/{item['id']}",
        f'"{item["id"]}-1"',
    )
    assert client.get(path, headers=headers).get_json() == item
    assert item["roles"] == [{"id": viewer, "name": "Viewer"}]
    assert client.post("/api/v1/users", headers=headers, json=body | {"username": "ADA"}).status_code == 409
    assert client.patch(path, headers=headers, json={"roles": []}).status_code == 428
    stale = headers | {"If-Match": f'"{item["id"]}-7"'}
    assert client.patch(path, headers=stale, json={"roles": []}).status_code == 412
    match = headers | {"If-Match": made.headers["ETag"]}
    changed = client.patch(path, headers=match, json={"roles": [], "display_name": "Ada L."})
    assert (changed.status_code, changed.get_json()["roles"]) == (200, [])
    assert each_site.me(each_site.sign_in("ada", "counting engine")) == 200
    match = headers | {"If-Match": changed.headers["ETag"]}
    assert client.delete(path, headers=match).status_code == 204
    assert client.get(path, headers=headers).status_code == 404
    assert each_site.log_in("ada", "counting engine").status_code == 401
    history = client.get(f"{path}/history", headers=headers).get_json()["items"]
    assert [each["action"] for each in history] == ["delete", "update", "create"]
    assert history[1]["fields"] == ["display_name", "roles"]


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/roles", "/api/v1/tokens"])
def test_lists_filter_sort_and_page_as_every_collection(each_site: Site, path: str) -> None:
    headers, client = each_site.sign_in("admin"), each_site.client()
    for number in range(3):
        client.post("/api/v1/tokens", headers=headers, json={"name": f"t{number}"})
    first = client.get(f"{path}?limit=2&total=true&sort=-id", headers=headers).get_json()
    rest = client.get(f"{path}?limit=50&sort=-id&cursor={first['next']}", headers=headers).get_json()
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == first["total"] > 2
    assert client.get(f"{path}?id={ids[0]}", headers=headers).get_json()["items"][0]["id"] == ids[0]
    for query in (
        "nope=1",
        "sort=password_hash",
        "sort=token_hash",
        "limit=0",
        "limit=5000",
        "cursor=x",
        "id=x",
    ):
        assert client.get(f"{path}?{query}", headers=headers).status_code == 422


@pytest.mark.parametrize("name", ["password_hash", "session_key", "token_hash", "username_key", "password"])
@pytest.mark.parametrize("query", ["{}=x", "{}__startswith=a", "sort={}", "sort=-{}", "user.{}=x"])
def test_no_secret_is_filtered_or_sorted_by(site: Site, name: str, query: str) -> None:
    headers = site.sign_in("admin")
    for resource in ("users", "tokens"):
        path = f"/api/v1/{resource}?{query.format(name)}"
        assert site.client().get(path, headers=headers).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"id": 7},
        {"version": 7},
        {"password_hash": "x"},
        {"session_key": "x"},
        {"created_at": "2020-01-01T00:00:00Z"},
        {"owner": 1},
        {"username": "a b"},
        {"username": "a\0b"},
        {"username": 5},
        {"email": "x"},
        {"password": "short"},
        {"password": None},
        {"is_active": "yes"},
        {"roles": [0]},
        {"roles": {"id": 1}},
    ],
)
def test_a_user_of_wrong_values_is_refused_and_stays_as_it_was(site: Site, body: dict[str, Any]) -> None:
    headers, user_id = site.sign_in("admin"), site.ids["viewer"]
    before = site.client().get(f"/api/v1/users/{user_id}", headers=headers).get_json()
    match = headers | {"If-Match": f'"{user_id}-1"'}
    answer = site.client().patch(f"/api/v1/users/{user_id}", headers=match, json=body)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, list(body))
    assert site.client().get(f"/api/v1/users/{user_id}", headers=headers).get_json() == before


@pytest.mark.parametrize("path", ["/api/v1/users/999", "/api/v1/users/0", "/api/v1/users/9999999999999999"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_user_that_is_not_there_is_not_found(site: Site, path: str, method: str) -> None:
    headers = site.sign_in("admin") | {"If-Match": '"999-1"'}
    assert site.client().open(path, method=method, headers=headers, json={}).status_code == 404


def test_the_last_administrator_stays_over_the_api_too(site: Site) -> None:
    admin = site.ids["admin"]
    headers = site.sign_in("admin") | {"If-Match": f'"{admin}-1"'}
    for method, body in (("PATCH", {"is_admin": False}), ("PATCH", {"is_active": False}), ("DELETE", None)):
        answer = site.client().open(f"/api/v1/users/{admin}", method=method, headers=headers, json=body)
        assert answer.status_code == 409


def test_a_helper_with_rights_over_users_gains_nothing_by_them(site: Site) -> None:
    with site.database.write() as session:
        values = {"name": "Helpdesk", "permissions": ["core.users.*"]}
        helpdesk = role.create_role(session, values, actor=ACTOR)
        manager = role.get_role_id(session, "Manager")
        changes = {"roles": [helpdesk["id"]]}
        account.update_user(session, site.ids["nobody"], changes, actor=ACTOR)
    headers, client = site.sign_in("nobody"), site.client()
    for path, body in (
        (f"/api/v1/users/{site.ids['nobody']}", {"is_admin": True}),
        (f"/api/v1/users/{site.ids['nobody']}", {"roles": [manager]}),
        (f"/api/v1/users/{site.ids['admin']}", {"password": "a brand new one"}),
        (f"/api/v1/users/{site.ids['viewer']}", {"password": "a brand new one"}),
    ):
        answer = client.patch(path, headers=headers | {"If-Match": "*"}, json=body)
        assert answer.status_code == 403, answer.text
    assert (
        client.post("/api/v1/users", headers=headers, json={"username": "x", "is_admin": True}).status_code
        == 403
    )
    plain = {"username": "newcomer", "password": "a brand new one"}
    assert client.post("/api/v1/users", headers=headers, json=plain).status_code == 201
    path = f"/api/v1/users/{site.ids['viewer']}/sign-out"
    assert client.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize("username", ["editor", "viewer", "nobody"])
def test_accounts_are_closed_to_everyone_whom_no_role_names_them(site: Site, username: str) -> None:
    headers, client = site.sign_in(username), site.client()
    for path in (
        "users",
        "users/1",
        "users/export",
        "users/1/history",
        "roles",
        "roles/permissions",
        "changes",
    ):
        assert client.get(f"/api/v1/{path}", headers=headers).status_code == 403
    for path in ("users", "roles", "users/1/sign-out"):
        assert client.post(f"/api/v1/{path}", headers=headers, json={}).status_code == 403


def test_an_administrator_signs_a_user_out_everywhere(site: Site) -> None:
    theirs, headers = site.sign_in("viewer"), site.sign_in("admin")
    path = f"/api/v1/users/{site.ids['viewer']}/sign-out"
    assert site.client().post(path, headers=headers).status_code == 204
    assert (site.me(theirs), site.me(headers)) == (401, 200)


def test_roles_are_kept_with_permissions_that_something_asks_for(each_site: Site) -> None:
    headers, client = each_site.sign_in("admin"), each_site.client()
    known = client.get("/api/v1/roles/permissions", headers=headers).get_json()["items"]
    assert {"core.assets.view", "core.users.change", "core.roles.add"} <= set(known)
    body = {"name": "Auditor", "permissions": ["core.changes.view", "*.view"]}
    made = client.post("/api/v1/roles", headers=headers, json=body)
    path, role_id = made.headers["Location"], made.get_json()["id"]
    assert (made.status_code, made.get_json()["permissions"]) == (201, ["*.view", "core.changes.view"])
    each = client.post("/api/v1/roles", headers=headers, json=body | {"name": "auditor"})
    assert each.status_code == 409
    for wrong in (
        {"permissions": ["core.assets.fly"]},
        {"permissions": "*"},
        {"name": ""},
        {"is_admin": True},
    ):
        answer = client.post("/api/v1/roles", headers=headers, json=body | {"name": "Other"} | wrong)
        assert (answer.status_code, list(answer.get_json()["errors"])) == (422, list(wrong))
    user = f"/api/v1/users/{each_site.ids['nobody']}"
    client.patch(user, headers=headers | {"If-Match": "*"}, json={"roles": [role_id]})
    theirs = each_site.sign_in("nobody")
    assert client.get("/api/v1/changes", headers=theirs).status_code == 200
    match = headers | {"If-Match": made.headers["ETag"]}
    changed = client.patch(path, headers=match, json={"permissions": ["*.view"]})
    assert changed.status_code == 200
    assert client.get("/api/v1/changes", headers=theirs).status_code == 403
    match = headers | {"If-Match": changed.headers["ETag"]}
    assert client.delete(path, headers=match).status_code == 409
    client.patch(user, headers=headers | {"If-Match": "*"}, json={"roles": []})
    assert client.delete(path, headers=match).status_code == 204


def test_no_answer_holds_a_secret(site: Site) -> None:
    headers, client = site.sign_in("admin"), site.client()
    client.post("/api/v1/tokens", headers=headers, json={"name": "x"})
    with site.database.read() as session:
        secrets = (
            session.connection()
            .exec_driver_sql(
                "SELECT password_hash FROM users UNION SELECT session_key FROM users "
                "UNION SELECT token_hash FROM tokens"
            )
            .scalars()
        )
        kept = [secret for secret in secrets if secret]
    paths = [f"/api/v1/{each}" for each in ("users", "users/1", "users/export", "users/1/history", "tokens")]
    for path in [*paths, "/api/v1/users/export?format=json", "/api/v1/changes", "/api/v1/auth/me"]:
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        assert not [secret for secret in kept if secret in answer.text]
