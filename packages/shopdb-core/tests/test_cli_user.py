"""``shopdb user`` and ``shopdb token``, as commands of a site."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from shopdb.cli.root import run
from shopdb.db import Database
from shopdb.services.sign_in import check_password
from shopdb.settings import load_settings


@pytest.fixture
def site(site_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOPDB_SITE", str(site_dir))
    monkeypatch.delenv("SHOPDB_USER_PASSWORD", raising=False)
    return site_dir


@pytest.fixture
def shopdb(site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run one command: ``shopdb("user", "list", stdin="…")`` answers its exit code, output and errors."""

    def call(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def sign_in(site: Path, username: str, password: str) -> int:
    database = Database(load_settings(site, {}).database_url)
    try:
        return check_password(database, username, password, address=None).user_id
    finally:
        database.dispose()


def test_a_user_is_made_with_the_password_from_standard_input(shopdb: Any, site: Path) -> None:
    code, out, _ = shopdb("user", "create", "ada", "--role", "viewer", stdin="counting engine\n")
    assert (code, "counting engine" in out) == (0, False)
    assert sign_in(site, "Ada", "counting engine")


def test_a_user_is_made_with_the_password_from_the_environment(
    shopdb: Any, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPDB_USER_PASSWORD", "counting engine")
    assert shopdb("user", "create", "ada", stdin="not this one\n")[0] == 0
    assert sign_in(site, "ada", "counting engine")


def test_without_a_password_one_is_made_and_shown_once(shopdb: Any, site: Path) -> None:
    code, out, _ = shopdb("user", "create", "ada", "--json")
    made = json.loads(out)
    assert (code, made["username"], made["is_admin"]) == (0, "ada", False)
    assert sign_in(site, "ada", made["password"])
    assert made["password"] not in shopdb("user", "list", "--json")[1]


def test_a_script_s_user_needs_no_password(shopdb: Any) -> None:
    code, out, _ = shopdb("user", "create", "nightly", "--no-password")
    assert (code, "Password" in out) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "stdin", "why"),
    [
        (("create", "admin"), "a good password\n", "already"),
        (("create", "two words"), "a good password\n", "no spaces"),
        (("create", "ada"), "short\n", "at least 8"),
        (("create", "ada", "--role", "nosuch"), "a good password\n", "There are: Editor, Manager"),
        (("disable", "nosuch"), "", "no user 'nosuch'"),
        (("disable", "admin"), "", "last active administrator"),
        (("password", "nosuch"), "a good password\n", "no user 'nosuch'"),
        (("role", "admin", "--no-admin"), "", "last active administrator"),
    ],
)
def test_what_can_t_be_done_is_said_in_one_line(
    shopdb: Any, arguments: tuple[str, ...], stdin: str, why: str
) -> None:
    code, out, err = shopdb("user", *arguments, stdin=stdin)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("Error: ") and why in err


def test_a_password_is_never_an_argument(shopdb: Any) -> None:
    assert shopdb("user", "create", "ada", "--password", "counting engine")[0] == 2


def test_users_are_listed_with_their_roles(shopdb: Any) -> None:
    shopdb("user", "create", "ada", "--role", "Viewer", "--role", "editor", stdin="counting engine\n")
    users = json.loads(shopdb("user", "list", "--json")[1])
    assert [u["username"] for u in users] == ["ada", "admin"]
    assert [r["name"] for r in users[0]["roles"]] == ["Editor", "Viewer"]
    assert "Editor, Viewer" in shopdb("user", "list")[1]


def test_a_user_is_disabled_enabled_and_given_another_password_and_role(shopdb: Any, site: Path) -> None:
    shopdb("user", "create", "ada", "--role", "viewer", stdin="counting engine\n")
    assert shopdb("user", "disable", "ADA")[0] == 0
    with pytest.raises(Exception, match="disabled"):
        sign_in(site, "ada", "counting engine")
    assert shopdb("user", "enable", "ada")[0] == 0
    assert shopdb("user", "password", "ada", stdin="difference engine\n")[0] == 0
    assert sign_in(site, "ada", "difference engine")
    code, out, _ = shopdb("user", "role", "ada", "--add", "Editor", "--remove", "viewer", "--admin")
    assert (code, out) == (0, "Roles of ada: Editor; administrator\n")


def test_a_token_is_written_alone_listed_and_revoked(shopdb: Any) -> None:
    code, out, err = shopdb("token", "create", "--user", "admin", "--name", "nightly", "--days", "30")
    secret = out.strip()
    assert (code, err, secret[:4], len(secret), out.count("\n")) == (0, "", "sdb_", 47, 1)
    listed = shopdb("token", "list", "--json")[1]
    token = json.loads(listed)[0]
    assert (token["name"], token["user"]["name"], token["revoked_at"]) == ("nightly", "admin", None)
    assert secret not in listed and token["expires_at"].endswith("Z")
    assert shopdb("token", "revoke", str(token["id"]))[0] == 0
    assert json.loads(shopdb("token", "list", "--user", "admin", "--json")[1])[0]["revoked_at"]
    assert shopdb("token", "revoke", "999")[0] == 1
    assert shopdb("token", "create")[0] == 2
    assert json.loads(shopdb("token", "create", "--user", "admin", "--read-only", "--json")[1])["read_only"]
