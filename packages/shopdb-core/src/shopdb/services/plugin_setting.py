"""A plugin's settings, where only a session is at hand: in hooks, checks and readings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session


def settings_of(session: Session, plugin: str) -> Mapping[str, Any]:
    """The values of a plugin's settings, defaults among them; empty where the plugin is not loaded."""
    settings: Mapping[str, Mapping[str, Any]] = session.info.get("settings", {})
    return settings.get(plugin, {})
