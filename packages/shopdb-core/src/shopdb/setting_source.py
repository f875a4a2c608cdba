"""Where settings are written: the environment, the site's ``.env``, ``shopdb.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shopdb.errors import SettingsError
from shopdb.setting_spec import PREFIX
from shopdb.site import ENV_FILE, SITE_FILE


class Sources:
    """The places where settings are written, in the order in which they count."""

    def __init__(
        self,
        site_dir: Path | None = None,
        environ: Mapping[str, str] = MappingProxyType({}),
        env_file: Mapping[str, str] = MappingProxyType({}),
        table: Mapping[str, Any] = MappingProxyType({}),
    ):
        self.site_dir = site_dir
        self.layers = ((environ, "environment"), (env_file, ENV_FILE))
        self.table = table

    def find(self, variable: str, *, secret: bool) -> tuple[str, str] | None:
        """What the environment says, and where; an empty text says nothing.

        Raises:
            SettingsError: the value and its ``_FILE`` are both set, or that file can't be read.
        """
        for layer, name in self.layers:
            value, path = layer.get(variable, ""), layer.get(f"{variable}_FILE", "") if secret else ""
            if value and path:
                raise SettingsError(
                    f"{variable} and {variable}_FILE are both set in the {name}.", "Remove one of them."
                )
            if path:
                return self._read_file(f"{variable}_FILE", path), f"{name} ({variable}_FILE={path})"
            if value:
                return value, f"{name} ({variable})"
        return None

    def _read_file(self, variable: str, path: str) -> str:
        try:
            return (self.site_dir or Path()).joinpath(path).read_text("utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{variable} names {path!r}, which can't be read: {error}.",
                "Name a text file that this user may read.",
            ) from error

    def of_plugin(self, plugin: str) -> dict[str, tuple[Any, str]]:
        """What is said for a plugin's settings, by setting."""
        table = self.table.get(plugin, {})
        if not isinstance(table, Mapping):
            table = {}
        found: dict[str, tuple[Any, str]] = {
            key: (value, f"{SITE_FILE} [{plugin}]") for key, value in table.items()
        }
        prefix = f"{PREFIX}{plugin.upper()}_"
        variables = {
            v.removesuffix("_FILE") for layer, _ in self.layers for v in layer if v.startswith(prefix)
        }
        variables |= {v for layer, _ in self.layers for v in layer if v.startswith(prefix)}
        for variable in variables:
            said = self.find(variable, secret=True)
            if said is not None:
                found[variable.removeprefix(prefix).lower()] = said
        return found


def read_sources(site_dir: Path, environ: Mapping[str, str]) -> Sources:
    """Read what is written where.

    Raises:
        SettingsError: a file can't be read.
    """
    return Sources(site_dir, environ, _read_env_file(site_dir / ENV_FILE), _read_toml(site_dir / SITE_FILE))


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    from dotenv import dotenv_values

    try:
        return {key: value or "" for key, value in dotenv_values(path, interpolate=False).items()}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} can't be read: {error}.", "Let this user read it, as UTF-8 text."
        ) from error


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.exists():  # a site that is being made
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error}.", "Let this user read it.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}.", "Mend that line.") from error
