"""The plugin's settings."""

from collections.abc import Mapping
from typing import Any

from shopdb.outbound import AddressGuard
from shopdb.plugins import Setting
from shopdb_printers.device import Patience

SETTINGS = [
    Setting(
        name="poll_interval_s",
        kind=int,
        default=300,
        minimum=30,
        doc="Seconds between two polls of a printer.",
    ),
    Setting(
        name="poll_deadline_s",
        kind=float,
        default=20.0,
        minimum=1,
        doc="After so many seconds a printer is given up until its next turn.",
    ),
    Setting(
        name="poll_timeout_s",
        kind=float,
        default=2.0,
        minimum=0.1,
        doc="Seconds until a request is sent again.",
    ),
    Setting(name="poll_tries", kind=int, default=3, minimum=1, doc="How often a request is sent."),
    Setting(
        name="poll_at_once",
        kind=int,
        default=50,
        minimum=1,
        doc="How many printers are asked at the same time.",
    ),
    Setting(
        name="levels_keep_days", kind=int, default=400, minimum=1, doc="Days that levels over time are kept."
    ),
]
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def value_of(settings: Mapping[str, Any], name: str) -> Any:
    """A setting's value, its default where the site says nothing."""
    return settings.get(name, _DEFAULTS[name])


def patience_of(settings: Mapping[str, Any]) -> Patience:
    """How long printers are waited for."""
    return Patience(
        deadline_s=float(value_of(settings, "poll_deadline_s")),
        timeout_s=float(value_of(settings, "poll_timeout_s")),
        tries=int(value_of(settings, "poll_tries")),
    )


def guard_of(settings: Mapping[str, Any]) -> AddressGuard:
    """The address guard with what the site allows besides."""
    return AddressGuard(settings.get("outbound_allow", ()))
