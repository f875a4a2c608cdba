"""Bearer tokens: what is one, and what ends one. The classes of holes S8 and S9 of the advisories of peers."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from account_site import ACTOR, PASSWORD, SECRET_KEY, Site, csrf_token, open_account_site

from shopdb import clock
from shopdb.db import Database
from shopdb.errors import ConflictError, InvalidError
from shopdb.services import account, sign_in, token


@pytest.fixture
def each_site(database: Database, tmp_path: Path) -> Site:
    return open_account_site(database, tmp_path)


@pytest.fixture
def site(make_database: Callable[..., Database], tmp_path: Path) -> Site:
    return open_account_site(make_database(), tmp_path)


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def make_token(site: Site, username: str = "viewer", **values: Any) -> tuple[int, dict[str, str]]:
    """The id of a new API token and the headers that use it."""
    with site.database.write() as session:
        item, secret = token.create_token(
            session, site.ids[username], {"name": "script", **values}, actor=ACTOR
        )
    return item["id"], bearer(secret)


def update_viewer(site: Site, **changes: Any) -> None:
    with site.database.write() as session:
        account.update_user(session, site.ids["viewer"], changes, actor=ACTOR)


def revoke(site: Site, token_id: int) -> None:
    with site.database.write() as session:
        token.revoke_token(session, token_id, actor=ACTOR)


def delete(site: Site, token_id: int) -> None:
    with site.database.write() as session:
        token.delete_token(session, token_id, actor=ACTOR)


ENDS: dict[str, Callable[[Site, int], None]] = {
    "revoked": revoke,
    "deleted": delete,
    "user disabled": lambda site, _: update_viewer(site, is_active=False),
    "password changed": lambda site, _: update_viewer(site, password="a brand new one"),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_api_token_opens_nothing_from_the_next_request_on(each_site: Site, end: str) -> None:
    token_id, headers = make_token(each_site)
    assert each_site.me(headers) == 200
    ENDS[end](each_site, token_id)
    assert each_site.me(headers) == 401


SIGN_IN_ENDS: dict[str, Callable[[Site], None]] = {
    "user disabled": lambda site: update_viewer(site, is_active=False),
    "password changed": lambda site: update_viewer(site, password="a brand new one"),
    "disabled and enabled": lambda site: [update_viewer(site, is_active=on) for on in (False, True)] and None,
    "signed out everywhere": lambda site: sign_out_viewer(site),
}


def sign_out_viewer(site: Site) -> None:
    with site.database.write() as session:
        account.sign_out_everywhere(session, site.ids["viewer"], actor=ACTOR)


@pytest.mark.parametrize("end", SIGN_IN_ENDS)
def test_a_sign_in_opens_nothing_from_the_next_request_on(each_site: Site, end: str) -> None:
    headers, browser = each_site.sign_in("viewer"), each_site.browse("viewer")
    assert each_site.me(headers) == browser.get("/api/v1/auth/me").status_code == 200
    SIGN_IN_ENDS[end](each_site)
    assert each_site.me(headers) == browser.get("/api/v1/auth/me").status_code == 401


def test_signing_out_ends_this_sign_in_and_no_other(each_site: Site) -> None:
    one, other = each_site.sign_in("viewer"), each_site.sign_in("viewer")
    assert each_site.client().post("/api/v1/auth/logout", headers=one).status_code == 204
    assert (each_site.me(one), each_site.me(other)) == (401, 200)
    assert each_site.client().post("/api/v1/auth/logout", headers=one).status_code == 401


def test_signing_out_everywhere_ends_every_sign_in_and_no_token(each_site: Site) -> None:
    one, other = each_site.sign_in("viewer"), each_site.sign_in("viewer")
    _, script = make_token(each_site)
    body = {"everywhere": True}
    assert each_site.client().post("/api/v1/auth/logout", headers=one, json=body).status_code == 204
    assert (each_site.me(one), each_site.me(other), each_site.me(script)) == (401, 401, 200)


def test_a_demoted_user_lacks_the_right_at_the_next_request(each_site: Site) -> None:
    _, script = make_token(each_site, "admin")
    headers = each_site.sign_in("admin")
    with each_site.database.write() as session:
        account.create_user(session, {"username": "second", "is_admin": True}, actor=ACTOR)
    for credentials in (headers, script):
        assert each_site.client().get("/api/v1/users", headers=credentials).status_code == 200
    with each_site.database.write() as session:
        account.update_user(session, each_site.ids["admin"], {"is_admin": False}, actor=ACTOR)
    for credentials in (headers, script):
        assert each_site.client().get("/api/v1/users", headers=credentials).status_code == 403


def test_an_api_token_is_not_signed_out(site: Site) -> None:
    _, headers = make_token(site)
    answer = site.client().post("/api/v1/auth/logout", headers=headers)
    assert (answer.status_code, "DELETE /api/v1/tokens/1" in answer.text) == (409, True)


def claims_of(site: Site) -> dict[str, Any]:
    text = site.sign_in("viewer")["Authorization"].removeprefix("Bearer ")
    claims: dict[str, Any] = jwt.decode(text, SECRET_KEY, algorithms=["HS256"], audience="shopdb-api")
    return claims


def packed(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(header: str, payload: str, key: str = SECRET_KEY) -> str:
    """A JWT of texts that no library would write."""
    body = f"{packed(header.encode())}.{packed(payload.encode())}"
    return f"{body}.{packed(hmac.new(key.encode(), body.encode(), hashlib.sha256).digest())}"


HEADER = '{"alg":"HS256","typ":"JWT"}'


def in_seconds(seconds: int) -> int:
    return int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp())


GOOD: dict[str, Callable[[dict[str, Any]], str]] = {
    "as issued": lambda claims: jwt.encode(claims, SECRET_KEY, "HS256"),
    "issued 3 s in the future": lambda c: jwt.encode(c | {"iat": in_seconds(3)}, SECRET_KEY, "HS256"),
    "written by hand": lambda claims: signed(HEADER, json.dumps(claims)),
}
BAD: dict[str, Callable[[dict[str, Any]], str]] = {
    "alg none": lambda c: signed('{"alg":"none","typ":"JWT"}', json.dumps(c)).rsplit(".", 1)[0] + ".",
    "alg None": lambda c: signed('{"alg":"None","typ":"JWT"}', json.dumps(c)),
    "alg HS512": lambda c: jwt.encode(c, SECRET_KEY + "x" * 32, "HS512"),
    "alg RS256": lambda c: signed('{"alg":"RS256","typ":"JWT"}', json.dumps(c)),
    "no alg": lambda c: signed('{"typ":"JWT"}', json.dumps(c)),
    "other key": lambda c: signed(HEADER, json.dumps(c), "another key of 32 characters or more"),
    "empty key": lambda c: signed(HEADER, json.dumps(c), ""),
    "public key as secret": lambda c: signed(HEADER, json.dumps(c), "-----BEGIN PUBLIC KEY-----\nMIIB\n"),
    "kid traversal, empty key": lambda c: signed('{"alg":"HS256","kid":"../../dev/null"}', json.dumps(c), ""),
    "kid": lambda c: signed('{"alg":"HS256","kid":"../../dev/null"}', json.dumps(c)),
    "jku": lambda c: signed('{"alg":"HS256","jku":"https://evil.example"}', json.dumps(c)),
    "crit": lambda c: signed('{"alg":"HS256","crit":["b64"],"b64":false}', json.dumps(c)),
    "no signature": lambda c: jwt.encode(c, SECRET_KEY, "HS256").rsplit(".", 1)[0] + ".",
    "two parts": lambda c: jwt.encode(c, SECRET_KEY, "HS256").rsplit(".", 1)[0],
    "other audience": lambda c: jwt.encode(c | {"aud": "other"}, SECRET_KEY, "HS256"),
    "other issuer": lambda c: jwt.encode(c | {"iss": "other"}, SECRET_KEY, "HS256"),
    "expired": lambda c: jwt.encode(c | {"exp": in_seconds(-60)}, SECRET_KEY, "HS256"),
    "issued tomorrow": lambda c: jwt.encode(c | {"iat": in_seconds(86400)}, SECRET_KEY, "HS256"),
    "not yet": lambda c: jwt.encode(c | {"nbf": in_seconds(60)}, SECRET_KEY, "HS256"),
    "10 kB": lambda c: jwt.encode(c | {"jti": "x" * 10_000}, SECRET_KEY, "HS256"),
    "another claim": lambda c: jwt.encode(c | {"admin": True}, SECRET_KEY, "HS256"),
    "a claim twice": lambda c: signed(HEADER, json.dumps(c)[:-1] + ',"sub":"1"}'),
    "header twice": lambda c: signed('{"alg":"HS256","alg":"HS256"}', json.dumps(c)),
    "number as subject": lambda c: signed(HEADER, json.dumps(c | {"sub": 1})),
    "odd subject": lambda c: jwt.encode(c | {"sub": "1 OR 1=1"}, SECRET_KEY, "HS256"),
    "huge subject": lambda c: jwt.encode(c | {"sub": "9" * 40}, SECRET_KEY, "HS256"),
    "other user": lambda c: jwt.encode(c | {"sub": "1"}, SECRET_KEY, "HS256"),
    "no user": lambda c: jwt.encode(c | {"sub": "999"}, SECRET_KEY, "HS256"),
    "other session key": lambda c: jwt.encode(c | {"sk": "0" * 32}, SECRET_KEY, "HS256"),
    "endless": lambda c: jwt.encode(c | {"exp": 10**30}, SECRET_KEY, "HS256"),
    "for millennia": lambda c: jwt.encode(c | {"exp": 253402300799}, SECRET_KEY, "HS256"),
    "infinite": lambda c: signed(HEADER, json.dumps(c | {"exp": float("inf")})),
    "no number": lambda c: signed(HEADER, json.dumps(c | {"exp": float("nan")})),
    "a list": lambda c: signed(HEADER, "[]"),
    "deep": lambda c: signed(HEADER, "[" * 500 + "]" * 500),
    "no JSON": lambda c: signed(HEADER, "{"),
    "a session cookie": lambda c: "eyJzaWduX2luIjpbMV19.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb",
    **{
        f"without {claim}": lambda c, claim=claim: without(c, claim) for claim in ("sub", "jti", "iat", "exp")
    },
    **{f"without {claim}": lambda c, claim=claim: without(c, claim) for claim in ("iss", "aud", "sk")},
}


def without(claims: dict[str, Any], claim: str) -> str:
    return jwt.encode({k: v for k, v in claims.items() if k != claim}, SECRET_KEY, "HS256")


@pytest.mark.parametrize("kind", GOOD)
def test_a_sound_jwt_is_taken(site: Site, kind: str) -> None:
    assert site.me(bearer(GOOD[kind](claims_of(site)))) == 200


def test_no_other_jwt_is_taken(site: Site) -> None:
    claims = claims_of(site)
    answered = {kind: site.me(bearer(write(claims))) for kind, write in BAD.items()}
    assert {kind: status for kind, status in answered.items() if status != 401} == {}


@pytest.mark.parametrize(
    "text", ["sdb_", "sdb_" + "x" * 43, "sdb_" + "x" * 5000, "SDB_x", "'", "\x7f", "%00", "." * 100]
)
def test_no_made_up_token_is_taken(site: Site, text: str) -> None:
    make_token(site)
    assert site.me(bearer(text)) == 401


def test_credentials_that_are_remembered_expire_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = clock.now() + timedelta(hours=1)
    _, script = make_token(site, expires_at=soon)
    headers, browser = site.sign_in("viewer"), site.browse("viewer")
    calls = [
        lambda: site.me(script),
        lambda: site.me(headers),
        lambda: browser.get("/api/v1/auth/me").status_code,
    ]
    assert [call() for call in calls] == [200, 200, 200]
    monkeypatch.setattr(clock, "now", lambda: soon + timedelta(seconds=30))
    assert [call() for call in calls] == [401, 401, 200]
    monkeypatch.setattr(clock, "now", lambda: soon + timedelta(days=8))
    assert [call() for call in calls] == [401, 401, 401]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, "has passed"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": 5}, "expires_at"),
        ({"read_only": "no"}, "read_only"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"token_hash": "x"}, "token_hash"),
        ({"hint": "x"}, "hint"),
        ({"revoked_at": None}, "revoked_at"),
    ],
)
def test_a_token_of_wrong_values_is_refused(site: Site, values: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidError, match=why):
        make_token(site, **values)


def test_a_disabled_user_gets_no_token(site: Site) -> None:
    update_viewer(site, is_active=False)
    with pytest.raises(ConflictError, match="is disabled"):
        make_token(site)


def test_nobody_heaps_up_tokens(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token, "MAX_LIVE", 3)
    ids = [make_token(site)[0] for _ in range(3)]
    with pytest.raises(ConflictError, match="3 live tokens"):
        make_token(site)
    revoke(site, ids[0])
    make_token(site)


def test_the_time_of_use_is_kept_to_the_minute_and_changes_nothing_else(each_site: Site) -> None:
    token_id, headers = make_token(each_site)
    for _ in range(3):
        with each_site.client().get("/api/v1/auth/me", headers=headers) as answer:
            assert answer.status_code == 200
    with each_site.database.read() as session:
        item = token.list_tokens(session)[0]
    assert item["last_used_at"] is not None and item["version"] == 1
    with each_site.database.write() as session:
        token.note_use(session, token_id)
    with each_site.database.read() as session:
        assert token.list_tokens(session)[0]["last_used_at"] == item["last_used_at"]


def test_a_token_shows_its_secret_once(site: Site) -> None:
    headers = site.sign_in("viewer")
    made = site.client().post("/api/v1/tokens", headers=headers, json={"name": "nightly", "read_only": True})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    secret = made.get_json()["token"]
    assert secret.startswith("sdb_") and len(secret) == 47
    for path in (made.headers["Location"], "/api/v1/tokens", "/api/v1/auth/me"):
        answer = site.client().get(path, headers=headers)
        assert answer.status_code == 200 and secret not in answer.text and "token_hash" not in answer.text
    assert site.me(bearer(secret)) == 200


def test_one_s_own_tokens_are_listed_and_changed_and_nobody_else_s(each_site: Site) -> None:
    mine, _ = make_token(each_site, "viewer")
    other, _ = make_token(each_site, "editor")
    headers, client = each_site.sign_in("viewer"), each_site.client()
    listed = client.get("/api/v1/tokens?total=true", headers=headers).get_json()
    assert ([t["id"] for t in listed["items"]], listed["total"]) == ([mine], 1)
    for query in ("user=1", "user__in=1,2,3", "user__isnull=true"):
        assert client.get(f"/api/v1/tokens?{query}", headers=headers).status_code == 422
    assert client.get(f"/api/v1/tokens?user={each_site.ids['viewer']}", headers=headers).status_code == 200
    match = {"If-Match": f'"{other}-1"'}
    for method, json_ in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        answer = client.open(f"/api/v1/tokens/{other}", method=method, headers=headers | match, json=json_)
        gone = client.open("/api/v1/tokens/999", method=method, headers=headers | match, json=json_)
        assert (answer.status_code, gone.status_code) == (404, 404)
        assert answer.text.replace(str(other), "N") == gone.text.replace("999", "N")
    own = {"If-Match": f'"{mine}-1"'}
    renamed = client.patch(f"/api/v1/tokens/{mine}", headers=headers | own, json={"name": "backup"})
    assert (renamed.status_code, renamed.get_json()["name"], renamed.headers["ETag"]) == (
        200,
        "backup",
        f'"{mine}-2"',
    )
    assert client.delete(f"/api/v1/tokens/{mine}", headers=headers).status_code == 428
    assert client.delete(f"/api/v1/tokens/{mine}", headers=headers | own).status_code == 412
    own = {"If-Match": f'"{mine}-2"'}
    assert client.delete(f"/api/v1/tokens/{mine}", headers=headers | own).status_code == 204
    assert client.get(f"/api/v1/tokens/{mine}", headers=headers).status_code == 404


def test_an_administrator_sees_and_makes_tokens_of_others(site: Site) -> None:
    make_token(site, "viewer")
    headers, client = site.sign_in("admin"), site.client()
    body = {"name": "for the robot", "user": site.ids["nobody"]}
    made = client.post("/api/v1/tokens", headers=headers, json=body)
    assert made.get_json()["user"] == {"id": site.ids["nobody"], "name": "nobody"}
    assert client.get("/api/v1/tokens?total=true", headers=headers).get_json()["total"] == 2
    assert client.post("/api/v1/tokens", headers=headers, json=body | {"user": 999}).status_code == 422
    assert client.post("/api/v1/tokens", headers=headers, json=body | {"user": True}).status_code == 422


def test_nobody_else_makes_tokens_of_others(site: Site) -> None:
    body = {"name": "mine", "user": site.ids["admin"]}
    for username in ("viewer", "editor", "nobody"):
        answer = site.client().post("/api/v1/tokens", headers=site.sign_in(username), json=body)
        assert answer.status_code == 403


def test_a_token_made_by_a_token_does_not_outlive_it(site: Site) -> None:
    soon = clock.now() + timedelta(hours=1)
    _, headers = make_token(site, expires_at=soon)
    for asked in ({}, {"expires_at": "2090-01-01T00:00:00Z"}):
        made = site.client().post("/api/v1/tokens", headers=headers, json={"name": "child"} | asked)
        assert datetime.fromisoformat(made.get_json()["expires_at"]) == soon


def test_what_has_expired_is_forgotten(each_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = each_site.sign_in("viewer")
    each_site.client().post("/api/v1/auth/logout", headers=headers)
    each_site.log_in("viewer", "wrong password")
    with each_site.database.write() as session:
        assert sign_in.prune_sign_ins(session) == 0
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with each_site.database.write() as session:
        assert sign_in.prune_sign_ins(session) == 3
    assert each_site.me(headers) == 401


def test_a_new_password_for_oneself_takes_the_old_one(site: Site) -> None:
    headers, client = site.sign_in("viewer"), site.client()
    path, new = "/api/v1/auth/password", "a brand new one"
    wrong = client.post(path, headers=headers, json={"current_password": "nope", "new_password": new})
    assert (wrong.status_code, list(wrong.get_json()["errors"])) == (422, ["current_password"])
    poor = client.post(path, headers=headers, json={"current_password": PASSWORD, "new_password": "viewer"})
    assert (poor.status_code, list(poor.get_json()["errors"])) == (422, ["new_password"])
    _, script = make_token(site)
    body = {"current_password": PASSWORD, "new_password": new}
    assert client.post(path, headers=script, json=body).status_code == 403
    assert client.post(path, headers=headers, json=body).status_code == 204
    assert (site.me(headers), site.me(script)) == (401, 401)
    assert site.me(site.sign_in("viewer", new)) == 200


def test_a_browser_signs_out_over_the_api_with_its_csrf_token(site: Site) -> None:
    browser = site.browse("viewer")
    headers = {"X-CSRFToken": csrf_token(browser, "/account")}
    assert browser.post("/api/v1/auth/logout").status_code == 403
    assert browser.post("/api/v1/auth/logout", headers=headers).status_code == 204
    assert browser.get("/api/v1/auth/me").status_code == 401
