"""The values of a plugin's settings, from the site's file and the environment, each of its kind."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from shopdb.plugins.found import Found
from shopdb.plugins.problems import Problem, make_problem
from shopdb.plugins.values import Setting

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
_WORDS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def check_setting(plugin: str, setting: Setting) -> str | None:
    """What is wrong with a declared setting."""
    if not isinstance(setting.name, str) or not _NAME.match(setting.name):
        return f"setting {setting.name!r} needs a name like poll_interval_s"
    if setting.kind not in _KINDS:
        return f"setting {setting.name!r} has the kind {setting.kind!r}: str, int, float or bool is needed"
    if setting.default is not None and _convert(setting, setting.default) is None:
        return f"the default {setting.default!r} of setting {setting.name!r} isn't {_KINDS[setting.kind]}"
    return None


def resolve_settings(
    found: Found, declared: Sequence[Setting], sources: Mapping[str, tuple[Any, str]]
) -> tuple[dict[str, Any], list[Problem]]:
    """Each declared setting's value, and what is wrong with what was written."""
    values: dict[str, Any] = {setting.name: setting.default for setting in declared}
    problems: list[Problem] = []
    by_name = {setting.name: setting for setting in declared}
    for name, (raw, origin) in sources.items():
        setting = by_name.get(name)
        if setting is None and name.removesuffix("_file") in by_name:
            continue  # the secret's file, which `sources` has read under the setting's own name
        if setting is None:
            problems.append(_unknown(found, name, origin, list(by_name)))
            continue
        value = _convert(setting, raw)
        if value is None or _is_too_small(setting, value):
            problems.append(_invalid(found, setting, raw, origin))
        else:
            values[name] = value
    return values, problems


def _convert(setting: Setting, raw: Any) -> Any:
    """The value as the setting's kind; None where it isn't one."""
    if setting.kind is bool:
        return raw if isinstance(raw, bool) else _WORDS.get(str(raw).strip().lower())
    if isinstance(raw, bool):
        return None
    if setting.kind is str:
        return raw if isinstance(raw, str) else None
    try:
        value = setting.kind(raw) if isinstance(raw, (str, int, setting.kind)) else None
    except (ValueError, OverflowError):
        return None
    return value if value is None or math.isfinite(value) else None


def _is_too_small(setting: Setting, value: Any) -> bool:
    return setting.minimum is not None and not value >= setting.minimum


def _invalid(found: Found, setting: Setting, raw: Any, origin: str) -> Problem:
    got = "***" if setting.secret else repr(raw)
    expected = _KINDS[setting.kind]
    if setting.minimum is not None:
        expected = f"{expected} from {setting.minimum:g}"
    message = f"Setting {found.name}.{setting.name} is {got} in {origin}, but {expected} is expected."
    example = setting.default if setting.default is not None else setting.minimum or "…"
    line = f"{setting.name} = {str(example).lower() if setting.kind is bool else example!r}"
    remedy = f"Write {line} under [{found.name}] in shopdb.toml."
    return make_problem("setting-invalid", message, remedy.replace("'", '"'), origin)


def _unknown(found: Found, name: str, origin: str, known: list[str]) -> Problem:
    near = difflib.get_close_matches(name, known, 1)
    hint = f" Did you mean {near[0]!r}?" if near else f" It has: {', '.join(known) or 'none'}."
    message = f"Plugin {found.name!r} has no setting {name!r}, which {origin} gives.{hint}"
    remedy = f"Rename {name} to {near[0]} in {origin}." if near else f"Remove {name} from {origin}."
    return make_problem("setting-unknown", message, remedy, origin)
