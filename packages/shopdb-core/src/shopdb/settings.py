"""Every setting of a site: typed, documented, checked once.

The environment (``SHOPDB_…``, then the site's ``.env``; for secrets also ``SHOPDB_…_FILE``) goes over
``shopdb.toml``, and that over the default.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from shopdb.errors import SettingsError
from shopdb.setting_kind import Network
from shopdb.setting_source import Sources, read_sources
from shopdb.setting_spec import NOT_SETTINGS, PREFIX, SPECS, SettingSpec, SettingValue
from shopdb.site import ENV_FILE, SITE_FILE, find_site

DEFAULT_ORIGIN = "default"
MASK = "***"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one site, read and checked once at its start.

    ``warnings`` are sentences about what was read and means nothing, such as a misspelt key.
    """

    site_dir: Path
    name: str
    database_url: str
    secret_key: str
    redis_url: str | None
    base_url: str | None
    outbound_allow: tuple[Network, ...]
    plugin_errors: str
    required_plugins: tuple[str, ...]
    token_lifetime_s: int
    session_lifetime_s: int
    session_cookie_secure: bool
    trusted_proxies: int
    max_body_bytes: int
    request_timeout_s: int
    threads: int
    log_level: str
    log_format: str
    debug: bool
    safe_mode: bool
    warnings: tuple[str, ...] = ()
    values: tuple[SettingValue, ...] = field(default=(), repr=False)
    sources: Sources = field(default_factory=Sources, repr=False)

    def __repr__(self) -> str:
        return f"Settings(site_dir={str(self.site_dir)!r}, name={self.name!r})"  # no secrets in tracebacks

    def plugin_value_sources(self, plugin: str) -> Mapping[str, tuple[Any, str]]:
        """What the environment and ``[<plugin>]`` of ``shopdb.toml`` say.

        Returns:
            Setting -> (value as written, who said so). Values from the environment are texts.
        """
        return self.sources.of_plugin(plugin)

    def describe(self) -> list[dict[str, Any]]:
        """Each setting as a row: name, value, origin, documentation; secrets masked."""
        return [describe_value(value) for value in self.values]


def describe_value(value: SettingValue) -> dict[str, Any]:
    """One row of ``shopdb settings``."""
    return {
        "name": value.spec.name,
        "variable": value.spec.variable,
        "value": _masked(value) if value.spec.secret else value.spec.kind.plain(value.value),
        "origin": value.origin,
        "secret": value.spec.secret,
        "documentation": value.spec.doc,
    }


def _masked(value: SettingValue) -> str | None:
    if value.value is None:
        return None
    if "://" in str(value.value):  # an address: only the password in it is secret
        return re.sub(r"(://[^/@]*?):[^@]*@", r"\1:***@", str(value.value))
    return MASK


def load_settings(site_dir: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of a site.

    Args:
        site_dir: Without it, the site that `shopdb.site.find_site` finds.

    Raises:
        SettingsError: a value is wrong or missing; the message names each.
    """
    environ = os.environ if environ is None else environ
    site_dir = (site_dir or find_site(environ=environ)).resolve()
    settings, problems = read_settings(site_dir, environ)
    if settings is None:
        raise SettingsError("\n".join(str(problem) for problem in problems))
    return settings


def read_settings(site_dir: Path, environ: Mapping[str, str]) -> tuple[Settings | None, list[SettingsError]]:
    """The settings, or every problem that they have."""
    values, problems, sources = read_values(site_dir, environ)
    if problems:
        return None, problems
    return (
        Settings(
            site_dir=site_dir,
            warnings=tuple(_find_unknown(sources)),
            values=tuple(values),
            sources=sources,
            **{value.spec.attribute or value.spec.name: value.value for value in values},
        ),
        [],
    )


def read_values(
    site_dir: Path, environ: Mapping[str, str]
) -> tuple[list[SettingValue], list[SettingsError], Sources]:
    """Each setting with its origin, sound or not, and the problems."""
    problems: list[SettingsError] = []
    try:
        sources = read_sources(site_dir, environ)
    except SettingsError as error:
        return [], [error], Sources(site_dir)
    known: dict[str, Any] = {"site_dir": site_dir}
    values = []
    for spec in SPECS:
        try:
            value, origin = _read_one(spec, sources, known)
        except SettingsError as error:
            problems.append(error)
            value, origin = None, "invalid"
        known[spec.name] = value
        values.append(SettingValue(spec=spec, value=value, origin=origin))
    return values, problems, sources


def _read_one(spec: SettingSpec, sources: Sources, known: Mapping[str, Any]) -> tuple[Any, str]:
    said = sources.find(spec.variable, secret=spec.secret)
    if said is not None:
        text, origin = said
        return _checked(spec, spec.kind.from_text, text, origin, known), origin
    if spec.name in sources.table:
        return _checked(spec, spec.kind.from_toml, sources.table[spec.name], SITE_FILE, known), SITE_FILE
    if spec.name == "secret_key":
        raise SettingsError(
            f"{spec.variable} is not set.",
            f"Write it into {known['site_dir'] / ENV_FILE}: {spec.variable}=… with at least 32 characters, "
            "such as those of: openssl rand -hex 32",
        )
    default = spec.default(known) if callable(spec.default) else spec.default
    return default, DEFAULT_ORIGIN


def _checked(
    spec: SettingSpec, read: Callable[[Any], Any], raw: Any, origin: str, known: Mapping[str, Any]
) -> Any:
    try:
        value = read(raw)
    except ValueError as error:
        shown = MASK if spec.secret else repr(raw)
        raise SettingsError(
            f"Setting {spec.name!r} is {shown} in {origin}, but {spec.kind.expected} is expected{_because(error)}.",
            f"Write it as in {spec.kind.example(spec.name)}, or remove it.",
        ) from error
    if spec.name == "database_url":
        return _beside_site(value, known["site_dir"])
    return value


def _beside_site(database_url: str, site_dir: Path) -> str:
    """A relative SQLite path means the site's folder, wherever the command runs."""
    scheme, _, path = database_url.partition(":///")
    if not scheme.startswith("sqlite") or not path or path.startswith(("/", ":memory:", "file:")):
        return database_url
    return f"{scheme}:///{site_dir / path}"


def _because(error: ValueError) -> str:
    return f" ({error})" if str(error) else ""


def _find_unknown(sources: Sources) -> list[str]:
    """Keys and variables that are probably misspelt. Tables may be a plugin's, and are not judged here."""
    known = [spec.name for spec in SPECS]
    found = []
    for key, value in sources.table.items():
        if key not in known and not isinstance(value, dict):
            found.append(f"{SITE_FILE}: {key!r} is no setting.{_did_you_mean(key, known, cutoff=0.7)}")
    variables = [spec.variable for spec in SPECS]
    meant = {*variables, *(f"{spec.variable}_FILE" for spec in SPECS if spec.secret), *NOT_SETTINGS}
    for layer, name in sources.layers:
        for variable in sorted(v for v in layer if v.startswith(PREFIX) and v not in meant):
            near = _did_you_mean(variable, variables, cutoff=0.85)
            if near:  # without one it may be a plugin's
                found.append(f"{name}: {variable} is no setting.{near}")
    return found


def _did_you_mean(word: str, known: list[str], *, cutoff: float) -> str:
    near = get_close_matches(word, known, n=1, cutoff=cutoff)
    return f" Did you mean {near[0]}?" if near else ""
