"""Settings: where they come from, what they refuse, what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopdb.errors import SettingsError, SiteNotFoundError
from shopdb.settings import Settings, load_settings, read_values
from shopdb.site import find_site

SECRET = "0123456789abcdef0123456789abcdef"
ENVIRON = {"SHOPDB_SECRET_KEY": SECRET}


def make_site(folder: Path, toml: str = "", env: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "shopdb.toml").write_text(toml, "utf-8")
    if env:
        (folder / ".env").write_text(env, "utf-8")
    return folder


def load(tmp_path: Path, toml: str = "", env: str = "", **environ: str) -> Settings:
    return load_settings(make_site(tmp_path, toml, env), {**ENVIRON, **environ})


def test_without_any_the_database_is_sqlite_in_the_site(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/var/shopdb.sqlite3"
    assert settings.plugin_errors == "degrade"
    assert settings.outbound_allow == ()


def test_the_environment_goes_over_the_env_file_and_that_over_the_toml(tmp_path: Path) -> None:
    toml, env = 'name = "toml"\nthreads = 2\nlog_level = "error"', "SHOPDB_NAME=env file\nSHOPDB_THREADS=3"
    settings = load(tmp_path, toml, env, SHOPDB_NAME="environment")
    assert (settings.name, settings.threads, settings.log_level) == ("environment", 3, "error")
    origins = {row["name"]: row["origin"] for row in settings.describe()}
    assert origins["name"] == "environment (SHOPDB_NAME)"
    assert origins["threads"] == ".env (SHOPDB_THREADS)"
    assert origins["log_level"] == "shopdb.toml"
    assert origins["debug"] == "default"


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n", "utf-8")
    settings = load_settings(make_site(tmp_path), {"SHOPDB_SECRET_KEY_FILE": "key"})
    assert settings.secret_key == SECRET


def test_a_secret_and_its_file_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SHOPDB_SECRET_KEY and SHOPDB_SECRET_KEY_FILE are both set"):
        load(tmp_path, SHOPDB_SECRET_KEY_FILE="key")


def test_secrets_are_masked_and_the_rest_of_an_address_is_not(tmp_path: Path) -> None:
    settings = load(tmp_path, SHOPDB_DATABASE_URL="postgresql://ann:hunter2@db.example/shop")
    rows = {row["name"]: row["value"] for row in settings.describe()}
    assert rows["secret_key"] == "***"
    assert rows["database_url"] == "postgresql://ann:***@db.example/shop"
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('token_lifetime_s = "soon"', r"'token_lifetime_s' is 'soon' in shopdb.toml, but a whole number"),
        ("token_lifetime_s = true", r"'token_lifetime_s' is True .* a whole number from 60"),
        ("token_lifetime_s = 5", r"'token_lifetime_s' is 5 .* from 60"),
        ('debug = "yes"', r"'debug' is 'yes' .* true or false is expected"),
        ('plugin_errors = "lax"', r"'degrade' or 'strict' is expected"),
        ('outbound_allow = ["10.0.0.1/8"]', r"list of networks .* has host bits set"),
        ('database_url = "oracle://x"', r"'database_url' is \*\*\* .*core brings drivers for"),
        ('base_url = "shop"', r"'base_url' is 'shop' .*https://shopdb.example.com is expected"),
        ("name = 'a\n", r"shopdb.toml is not TOML"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_right(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(tmp_path, toml)


def test_every_wrong_value_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, 'debug = 3\nthreads = "many"')
    assert "'debug'" in str(caught.value)
    assert "'threads'" in str(caught.value)


def test_a_short_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"it has 5 characters, 32 are needed") as caught:
        load(tmp_path, SHOPDB_SECRET_KEY="tulip")
    assert "tulip" not in str(caught.value)


def test_a_missing_secret_says_where_to_write_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"SHOPDB_SECRET_KEY is not set\. Write it into .*\.env"):
        load_settings(make_site(tmp_path), {})


def test_unknown_keys_warn_and_tables_are_left_to_plugins(tmp_path: Path) -> None:
    settings = load(tmp_path, 'nmae = "x"\n[printers]\npoll_interval_s = 60', SHOPDB_SECRET_KEYS="x")
    assert settings.warnings == (
        "shopdb.toml: 'nmae' is no setting. Did you mean name?",
        "environment: SHOPDB_SECRET_KEYS is no setting. Did you mean SHOPDB_SECRET_KEY?",
    )


def test_a_plugins_settings_are_told_with_their_origin(tmp_path: Path) -> None:
    toml = '[printers]\npoll_interval_s = 60\ncolor = "red"'
    settings = load(tmp_path, toml, SHOPDB_PRINTERS_POLL_INTERVAL_S="90")
    assert settings.plugin_value_sources("printers") == {
        "poll_interval_s": ("90", "environment (SHOPDB_PRINTERS_POLL_INTERVAL_S)"),
        "color": ("red", "shopdb.toml [printers]"),
    }


def test_a_relative_sqlite_path_lies_in_the_site(tmp_path: Path) -> None:
    assert (
        load(tmp_path, 'database_url = "sqlite:///data.db"').database_url == f"sqlite:///{tmp_path}/data.db"
    )


def test_secure_cookies_follow_the_base_url(tmp_path: Path) -> None:
    assert load(tmp_path, 'base_url = "https://shop.example/"').session_cookie_secure
    assert not load(tmp_path, 'base_url = "http://shop.example"').session_cookie_secure


def test_values_are_listed_even_where_one_is_wrong(tmp_path: Path) -> None:
    values, problems, _ = read_values(make_site(tmp_path, "threads = 0"), ENVIRON)
    assert {value.spec.name: value.origin for value in values}["threads"] == "invalid"
    assert len(problems) == 1


def test_the_site_is_the_one_named_then_the_nearest_upward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer, named = make_site(tmp_path / "outer"), make_site(tmp_path / "named")
    (outer / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(outer / "deep" / "er")
    assert find_site(environ={}) == outer
    assert find_site(environ={"SHOPDB_SITE": str(named)}) == named
    assert find_site(outer, environ={"SHOPDB_SITE": str(named)}) == outer


def test_no_site_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SiteNotFoundError, match="shopdb init DIR"):
        find_site(environ={})
    with pytest.raises(SiteNotFoundError, match=r"--site names .*, but there is no shopdb.toml in it"):
        find_site(tmp_path, environ={})
