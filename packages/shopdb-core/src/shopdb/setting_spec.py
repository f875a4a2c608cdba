"""The settings of core, each with its type, default and documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopdb.setting_kind import (
    ChoiceKind,
    FlagKind,
    Kind,
    NetworksKind,
    NumberKind,
    TextKind,
    WordsKind,
    check_base_url,
    check_database_url,
    check_redis_url,
    check_secret_key,
)
from shopdb.site import VAR_DIR

PREFIX = "SHOPDB_"
NOT_SETTINGS = frozenset({"SHOPDB_SITE", "SHOPDB_ADMIN_PASSWORD", "SHOPDB_TEST_DATA"})
"""Environment variables that are read elsewhere and are no settings of a site."""


@dataclass(frozen=True, kw_only=True)
class SettingSpec:
    """One setting of core.

    Args:
        name: In ``shopdb.toml``; in the environment ``SHOPDB_<NAME>``.
        default: A value, or a function of the settings read before it.
        attribute: Its name on `Settings`, where that differs.
    """

    name: str
    kind: Kind
    default: Any
    doc: str
    secret: bool = False
    attribute: str = ""

    @property
    def variable(self) -> str:
        """The name in the environment."""
        return PREFIX + self.name.upper()


@dataclass(frozen=True, kw_only=True)
class SettingValue:
    """What a setting is, and who said so."""

    spec: SettingSpec
    value: Any
    origin: str


def _default_database_url(values: Mapping[str, Any]) -> str:
    return f"sqlite:///{values['site_dir'] / VAR_DIR / 'shopdb.sqlite3'}"


def _is_https(values: Mapping[str, Any]) -> bool:
    return str(values["base_url"] or "").startswith("https://")


SPECS: tuple[SettingSpec, ...] = (
    SettingSpec(name="name", kind=TextKind(), default="ShopDB", doc="What the pages call the site."),
    SettingSpec(
        name="database_url",
        kind=TextKind(
            check=check_database_url, expected="an address such as postgresql://user:password@host/name"
        ),
        default=_default_database_url,
        secret=True,
        doc="The database, such as postgresql://user:password@host/name; SQLite in the site's var/ if unset.",
    ),
    SettingSpec(
        name="secret_key",
        kind=TextKind(check=check_secret_key, expected="a long random text"),
        default=None,
        secret=True,
        doc="Signs sessions, tokens and jobs: at least 32 characters that nobody else knows.",
    ),
    SettingSpec(
        name="redis_url",
        kind=TextKind(check=check_redis_url, expected="an address such as redis://localhost:6379/0"),
        default=None,
        secret=True,
        doc="A Redis for jobs and sign-in limits that several hosts share; each then runs shopdb worker itself.",
    ),
    SettingSpec(
        name="base_url",
        kind=TextKind(check=check_base_url, expected="an address such as https://shopdb.example.com"),
        default=None,
        doc="How people reach the site, such as https://shopdb.example.com.",
    ),
    SettingSpec(
        name="outbound_allow",
        kind=NetworksKind(),
        default=(),
        doc="Networks that devices may lie in though the address guard would refuse them, such as 127.0.0.0/8.",
    ),
    SettingSpec(
        name="plugin_errors",
        kind=ChoiceKind(("degrade", "strict")),
        default="degrade",
        doc="A plugin that fails: degrade starts without it, strict does not start.",
    ),
    SettingSpec(
        name="required",
        kind=WordsKind(),
        default=(),
        attribute="required_plugins",
        doc="Plugins without which the site does not start.",
    ),
    SettingSpec(
        name="token_lifetime_s",
        kind=NumberKind(minimum=60, maximum=30 * 86400),
        default=3600,
        doc="Seconds that an access token from the login lasts.",
    ),
    SettingSpec(
        name="session_lifetime_s",
        kind=NumberKind(minimum=300, maximum=90 * 86400),
        default=12 * 3600,
        doc="Seconds without a request after which a browser is signed out.",
    ),
    SettingSpec(
        name="session_cookie_secure",
        kind=FlagKind(),
        default=_is_https,
        doc="Send the session cookie over HTTPS only; on by itself when base_url begins with https.",
    ),
    SettingSpec(
        name="trusted_proxies",
        kind=NumberKind(minimum=0, maximum=10),
        default=0,
        doc="Reverse proxies in front of the site whose X-Forwarded-… headers are believed.",
    ),
    SettingSpec(
        name="max_body_bytes",
        kind=NumberKind(minimum=65_536, maximum=2**31),
        default=64 * 2**20,
        doc="The largest request body that is read, in bytes.",
    ),
    SettingSpec(
        name="request_timeout_s",
        kind=NumberKind(minimum=5, maximum=3600),
        default=60,
        doc="Seconds after which a web process that stands still is replaced.",
    ),
    SettingSpec(
        name="threads",
        kind=NumberKind(minimum=1, maximum=256),
        default=8,
        doc="Requests that one web process works on at a time.",
    ),
    SettingSpec(
        name="log_level",
        kind=ChoiceKind(("debug", "info", "warning", "error")),
        default="info",
        doc="The least serious messages that are logged.",
    ),
    SettingSpec(
        name="log_format",
        kind=ChoiceKind(("auto", "json", "text")),
        default="auto",
        doc="Lines of the log: json, text, or by itself text on a terminal and json elsewhere.",
    ),
    SettingSpec(
        name="debug", kind=FlagKind(), default=False, doc="Show tracebacks in the browser. Never in use."
    ),
    SettingSpec(name="safe_mode", kind=FlagKind(), default=False, doc="Load no plugin."),
)
