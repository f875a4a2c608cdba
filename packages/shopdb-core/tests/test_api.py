"""The API as a script meets it: statuses, headers and bodies, on each engine."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from shopdb.runtime import Runtime
from shopdb.testing import ENGINES
from shopdb.testing.site import ADMIN, PASSWORD, SiteTemplate, SiteUnderTest


class Api:
    """A signed-in client."""

    def __init__(self, client: FlaskClient, runtime: Runtime, token: str):
        self.client = client
        self.runtime = runtime
        self.token = token

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        address = path if path.startswith("/api") else f"/api/v1/{path}"
        return self.client.open(address, method=method, headers=headers, **options)

    def make(self, **values: Any) -> Any:
        """A new asset."""
        values.setdefault("asset_type", 1)
        answer = self("POST", "assets", json=values)
        assert answer.status_code == 201, answer.text
        return answer.json


@pytest.fixture(scope="module", params=ENGINES)
def api(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    shopdb_template: Callable[..., SiteTemplate],
) -> Iterator[Api]:
    """One site for this module on each engine; each test makes items of its own."""
    site = SiteUnderTest(shopdb_template(engine=request.param), tmp_path_factory.mktemp("site"))
    signed_in = site.client().post("/api/v1/auth/login", json={"username": ADMIN, "password": PASSWORD})
    yield Api(site.client(), site.runtime, signed_in.json["access_token"])
    site.close()


def tag() -> str:
    """A tag that nobody has."""
    return f"T-{uuid.uuid4().hex[:10]}"


def test_a_new_item_is_answered_with_its_place_and_version(api: Api) -> None:
    answer = api("POST", "assets", json={"asset_type": 1, "name": "Caliper"})
    assert answer.status_code == 201
    id_ = answer.json["id"]
    assert answer.headers["Location"] == f"/api/v1/assets/{id_}"
    assert answer.headers["ETag"] == f'"{id_}-1"'
    assert api("GET", answer.headers["Location"]).json == answer.json
    assert answer.json["created_at"].endswith("Z")


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "assets", {"data": "{"}, 400),
        ("POST", "assets", {"data": b"\xff"}, 400),
        ("POST", "assets", {"data": ""}, 400),
        ("POST", "assets", {"data": '{"name": NaN}'}, 400),
        ("POST", "assets", {"data": "[" * 100_000}, 400),
        ("POST", "assets", {"data": '{"name": "\\ud800"}'}, 400),
        ("POST", "assets", {"json": []}, 422),
        ("POST", "assets", {"json": "text"}, 422),
        ("POST", "assets", {"json": {"asset_type": 1, "name": "a\x00"}}, 422),
        ("POST", "assets", {"json": {"asset_type": 1, "name": "x" * 10_000}}, 422),
        ("POST", "assets", {"json": {"asset_type": 10**30}}, 422),
        ("POST", "assets", {"json": {"asset_type": 1, "is_admin": True}}, 422),
        ("POST", "assets", {"data": '{"asset_type": 1, "purchase_date": 1e400}'}, (400, 422)),
        ("GET", "assets?colour=red", {}, 422),
        ("GET", "assets?limit=0", {}, 422),
        ("GET", "assets?limit=1001", {}, 422),
        ("GET", "assets?cursor=x", {}, 422),
        ("GET", "assets?name=%00", {}, 422),
        ("GET", "assets?name=%ff", {}, (200, 422)),
        ("GET", "assets?sort=-nothing", {}, 422),
        ("GET", "assets?limit=1&limit=2", {}, 422),
        ("GET", "assets/0", {}, 404),
        ("GET", "assets/-1", {}, 404),
        ("GET", "assets/abc", {}, 404),
        ("GET", "assets/1.5", {}, 404),
        ("GET", "assets/2147483648", {}, 404),
        ("GET", "assets/99999999999999999999999", {}, 404),
        ("GET", "assets/%00", {}, 404),
        ("GET", "assets/²", {}, 404),
        ("PATCH", "assets/2147483647", {"json": {}}, 404),
        ("DELETE", "assets/2147483647", {}, 404),
        ("DELETE", "assets/2147483647", {"headers": {"If-Match": '"2147483647-1"'}}, 404),
        ("GET", "assets/2147483647/history", {}, 404),
        ("POST", "assets/2147483647/revert", {"json": {"version": 1}}, (404, 422)),
        ("POST", "assets/2147483647/revert", {"json": {"version": 2**63}}, (404, 422)),
        ("GET", "nothing", {}, 404),
        ("PUT", "assets", {"json": {}}, 405),
        ("POST", "changes", {"json": {}}, 405),
        ("POST", "assets/bulk", {"json": {"remove": []}}, 422),
        ("POST", "assets/bulk", {"json": {"create": {}}}, 422),
        ("POST", "assets/bulk", {"json": {"delete": ["x"]}}, 422),
        ("POST", "assets/bulk", {"json": {"delete": [2147483647]}}, 404),
        ("POST", "assets/bulk", {"json": {"update": [{"id": 1}]}}, 422),
        ("POST", "assets/import", {"data": b""}, 422),
        ("POST", "assets/import", {"data": b"name\nM\xfcller\n"}, 400),
        ("POST", "assets/import?colour=1", {"data": b"name\n"}, 422),
        ("GET", "assets/export?format=xlsx", {}, 422),
    ],
)
def test_bad_input_is_answered_with_a_problem_document(
    api: Api, method: str, path: str, options: dict[str, Any], status: int | tuple[int, ...]
) -> None:
    answer = api(method, path, **options)
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), answer.text
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == answer.status_code
        assert {"type", "title", "detail"} <= set(answer.json)


def test_errors_of_fields_stand_by_their_names(api: Api) -> None:
    answer = api("POST", "assets", json={"name": 5, "colour": "red"})
    assert set(answer.json["errors"]) == {"name", "colour", "asset_type"}


def test_a_taken_tag_and_serial_are_409_alone_and_in_bulk(api: Api) -> None:
    first = api.make(asset_tag=tag(), serial_number=tag())
    for field in ("asset_tag", "serial_number"):
        values = {"asset_type": 1, field: first[field].lower()}
        assert api("POST", "assets", json=values).status_code == 409
        assert api("POST", "assets/bulk", json={"create": [values]}).status_code == 409
        other = api.make()
        etag = {"If-Match": f'"{other["id"]}-1"'}
        assert (
            api("PATCH", f"assets/{other['id']}", json={field: first[field]}, headers=etag).status_code == 409
        )


def test_a_change_needs_the_version_and_an_old_one_is_refused(api: Api) -> None:
    item = api.make(name="a")
    path = f"assets/{item['id']}"
    assert api("PATCH", path, json={"name": "b"}).status_code == 428
    assert api("DELETE", path).status_code == 428
    changed = api("PATCH", path, json={"name": "b"}, headers={"If-Match": f'"{item["id"]}-1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, f'"{item["id"]}-2"')
    for stale in (f'"{item["id"]}-1"', '"x"', 'W/"1-1"', f'"{item["id"] + 1}-2"', "junk"):
        assert api("PATCH", path, json={"name": "c"}, headers={"If-Match": stale}).status_code == 412
        assert api("DELETE", path, headers={"If-Match": stale}).status_code == 412
    gone = api("DELETE", path, headers={"If-Match": f'"{item["id"]}-2"'})
    assert (gone.status_code, gone.data) == (204, b"")
    assert api("GET", path).status_code == 404


def test_an_unchanged_item_is_not_sent_again(api: Api) -> None:
    item = api.make()
    answer = api("GET", f"assets/{item['id']}", headers={"If-None-Match": f'"{item["id"]}-1"'})
    assert (answer.status_code, answer.data) == (304, b"")


def test_405_tells_what_is_allowed(api: Api) -> None:
    assert "POST" in api("PUT", "assets", json={}).headers["Allow"]


def test_without_credentials_everything_is_401(api: Api) -> None:
    for path in ("assets", "assets/1", "changes", "plugins", "users"):
        answer = api.client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_list_is_at_most_4_statements_an_item_3_and_a_create_8(api: Api) -> None:
    seen: list[str] = []
    api.make()
    event.listen(api.runtime.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    api("GET", "assets?total=true&q=a&sort=-name")
    assert len(seen) <= 4
    seen.clear()
    api("GET", "assets/1")
    assert len(seen) <= 3
    seen.clear()
    api.make(name="x", serial_number=tag())
    assert len(seen) <= 8


def test_history_tells_who_changed_what_by_which_way(api: Api) -> None:
    item = api.make(name="a")
    etag = {"If-Match": f'"{item["id"]}-1"'}
    api("PATCH", f"assets/{item['id']}", json={"name": "b"}, headers=etag)
    entries = api("GET", f"assets/{item['id']}/history").json["items"]
    assert [(e["action"], e["version"], e["actor"], e["source"]) for e in entries] == [
        ("update", 2, "admin", "api"),
        ("create", 1, "admin", "api"),
    ]
    assert (entries[0]["before"]["name"], entries[0]["after"]["name"]) == ("a", "b")
    back = api("POST", f"assets/{item['id']}/revert", json={"version": 1})
    assert (back.json["name"], back.json["version"]) == ("a", 3)


def test_export_reads_back_through_import(api: Api) -> None:
    api.make(name="=formula", asset_tag=tag())
    sheet = api("GET", "assets/export?format=csv")
    assert sheet.mimetype == "text/csv"
    report = api("POST", "assets/import?update=true", data=sheet.data, content_type="text/csv").json
    assert (report["unchanged"], report["rejected"]) == (report["rows"], 0)


def test_a_sheet_that_curl_calls_a_form_is_read_as_a_sheet(api: Api) -> None:
    form = "application/x-www-form-urlencoded"
    sheet = f"name\n{tag()}\n"
    report = api("POST", "vendors/import?dry_run=true", data=sheet, content_type=form).json
    assert (report["rows"], report["created"]) == (1, 1), report


def test_the_description_is_valid_openapi_and_names_every_route(api: Api) -> None:
    document = api.client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    described = set(document["paths"])
    for rule in api.runtime.registry:
        assert f"/api/v1/{rule.name}" in described
    operations = [
        op for path in document["paths"].values() for key, op in path.items() if key != "parameters"
    ]
    assert all("responses" in operation for operation in operations)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "nope=1", "cursor=x", "cursor=%00", "total=2", "limit=1&limit=2"]
)
def test_the_plugins_take_no_wrong_parameter_either(api: Api, query: str) -> None:
    answer = api("GET", f"plugins?{query}")
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [query.partition("=")[0]]


def test_the_plugins_come_in_pages(api: Api) -> None:
    everything = api("GET", "plugins?total=true").json
    assert everything["total"] == len(everything["items"]) and everything["next"] is None
    names, cursor = [], ""
    while cursor is not None:
        page = api("GET", "plugins?limit=1" + (f"&cursor={cursor}" if cursor else "")).json
        names += [item["name"] for item in page["items"]]
        cursor = page["next"]
    assert names == sorted(item["name"] for item in everything["items"])


@pytest.mark.parametrize("user", [2**31, 2**63, 0, -1, True, "1"])
def test_a_token_is_for_a_user_that_there_can_be(api: Api, user: object) -> None:
    assert api("POST", "tokens", json={"name": "x", "user": user}).status_code == 422


@pytest.mark.parametrize("field", ["parent", "location", "purchase_date", "tags", "custom_fields"])
def test_blank_text_is_no_reference_date_list_or_object(api: Api, field: str) -> None:
    answer = api("POST", "assets", json={"asset_type": 1, field: " "})
    assert answer.status_code == 422 and list(answer.json["errors"]) == [field]


@pytest.mark.parametrize("body", [[], 1, "x"])
def test_a_body_of_another_shape_has_a_problem_without_fields(api: Api, body: object) -> None:
    for path in ("assets", "assets/bulk", "auth/login"):
        answer = api("POST", path, json=body)
        assert answer.status_code == 422 and answer.json["errors"] == {}
