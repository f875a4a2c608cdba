"""What a plugin's own view asks of the request under way, without knowing the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopdb.plugins.values import JobContext, Viewer

if TYPE_CHECKING:
    from shopdb.resources.declare import Actor
    from shopdb.runtime import Runtime


def current_context(plugin: str) -> JobContext:
    """The database, the plugin's settings and the site's folder, in a view."""
    from flask import current_app

    runtime: Runtime = current_app.extensions["shopdb"]
    return runtime.context_of(plugin)


def current_viewer() -> Viewer:
    """Who is signed in, in a view that asks for a permission or for ``signed-in``.

    Raises:
        NotSignedInError: nobody is, which only a public view meets.
    """
    from shopdb.access import get_principal

    return get_principal().as_viewer()


def current_actor() -> Actor:
    """Who changes something, in a view that a browser's form is sent to.

    Raises:
        NotSignedInError: nobody is signed in, which only a public view meets.
    """
    from shopdb.access import current_actor as actor

    return actor("ui")


def way_back() -> str:
    """Where a form wants to lead its sender: the path of this site in its field ``next``, else the start page."""
    from flask import request

    from shopdb.access import safe_next

    return safe_next(request.form.get("next"))
