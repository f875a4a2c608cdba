"""The pages of plugins: what is found, its state, what is wrong and what mends it."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from shopdb.errors import NotFoundError
from shopdb.web import here

STATES = {
    "active": ("good", "circle-check", "Works."),
    "degraded": ("warning", "alert-triangle", "Works, with something switched off."),
    "available": ("muted", "package", "Found, not installed on this site."),
    "disabled": ("muted", "player-pause", "Switched off by this site; its data is kept."),
    "needs-migration": ("warning", "database-exclamation", "Off until its tables are brought up to date."),
    "incompatible": ("danger", "puzzle-off", "Doesn't fit this site; its code is not run."),
    "quarantined": ("danger", "shield-x", "Failed, and is left out until it is mended."),
    "orphaned": ("warning", "plug-connected-x", "Its data is here, its code is gone."),
}
"""State -> tone, icon, and what it means."""


def list_plugins() -> ResponseReturnValue:
    """``GET /plugins``."""
    verdicts = sorted(here.runtime().plugins.verdicts, key=lambda v: (not v.problems, v.name))
    return render_template("plugins.html", verdicts=verdicts, states=STATES)


def show_plugin(name: str) -> ResponseReturnValue:
    """``GET /plugins/<name>``."""
    plugins = here.runtime().plugins
    verdict: Any = next((v for v in plugins.verdicts if v.name == name), None)
    if verdict is None:
        raise NotFoundError(f"There is no plugin {name[:60]!r} on this site.")
    loaded = next((p for p in plugins.plugins if p.name == name), None)
    resources = [c.declared for c in here.registry() if c.declared.plugin == name]
    return render_template("plugin.html", verdict=verdict, states=STATES, loaded=loaded, resources=resources)
