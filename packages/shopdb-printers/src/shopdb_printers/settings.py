"""The plugin's settings."""

from collections.abc import Mapping
from typing import Any

from shopdb.plugins import Setting, poll_settings

SETTINGS = [
    *poll_settings("printer", "printers"),
    Setting(
        name="levels_keep_days", kind=int, default=400, minimum=1, doc="Days that levels over time are kept."
    ),
]
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def value_of(settings: Mapping[str, Any], name: str) -> Any:
    """A setting's value, its default where the site says nothing."""
    return settings.get(name, _DEFAULTS[name])
