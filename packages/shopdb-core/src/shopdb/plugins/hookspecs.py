"""The hooks: three kinds, no more.

``shopdb_register_<plural>`` runs once at start and returns a list. ``shopdb_add_<plural>`` runs while a
page renders and returns a list. ``shopdb_on_<noun>_<participle>`` runs after a commit and returns None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pluggy

if TYPE_CHECKING:
    import click
    from sqlalchemy.orm import Session

    from shopdb.plugins.values import Card, Change, Demo, Job, Notice, Panel, Setting, Viewer, Views
    from shopdb.resources import Resource
    from shopdb.search.source import SearchSource

PROJECT = "shopdb"
HOOK_API = 1

_spec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

F = TypeVar("F", bound=Callable[..., Any])
Kind = Literal["register", "add", "on"]


def since(level: int) -> Callable[[F], F]:
    """Mark a hook with the hook-API level that added it."""

    def mark(function: F) -> F:
        function.shopdb_since = level  # type: ignore[attr-defined]  # read by plugin hooks
        return _spec(function)

    return mark


@since(1)
def shopdb_register_resources() -> list[Resource]:
    """The plugin's resources: each one REST, pages, sheets, search, permissions and history.

    Runs once at each start, without a transaction. An empty list adds nothing. An exception, or a
    resource outside the plugin's space, refuses the plugin.
    """
    return []


@since(1)
def shopdb_register_views() -> list[Views]:
    """Ordinary blueprints for what a resource can't say, each with the permission of every endpoint.

    Runs once at each start, without a transaction. An empty list adds nothing. An exception refuses the
    plugin; an endpoint without a permission answers 403.
    """
    return []


@since(1)
def shopdb_register_commands() -> list[click.Command]:
    """Commands, mounted below ``shopdb <plugin>``.

    Runs once at each start, without a transaction. A command's callback gets its `JobContext` from
    ``click.get_current_context().obj``. An empty list adds nothing. An exception refuses the plugin.
    """
    return []


@since(1)
def shopdb_register_jobs() -> list[Job]:
    """Work on a schedule, done by the worker process.

    Runs once at each start, without a transaction. An empty list adds nothing. An exception refuses the
    plugin.
    """
    return []


@since(1)
def shopdb_register_search_sources() -> list[SearchSource]:
    """Where else the search box looks, beside the fields of the plugin's resources.

    Runs once at each start, without a transaction. An empty list adds nothing. An exception, or a source
    outside the plugin's space, refuses the plugin. The source's ``find`` is called at each search: one that
    raises or isn't back in time is left out, and the answer stands.
    """
    return []


@since(1)
def shopdb_register_settings() -> list[Setting]:
    """The plugin's settings.

    Runs once at each start, before the other hooks, without a transaction. An empty list adds nothing.
    An exception, or a value of the wrong type, refuses the plugin.
    """
    return []


@since(1)
def shopdb_register_demos() -> list[Demo]:
    """Sample data and simulators for ``shopdb demo``.

    Runs once when a demo is made, without a transaction. An empty list adds nothing. An exception leaves
    the plugin's sample data out.
    """
    return []


@since(1)
def shopdb_add_panels(resource: str, item: dict[str, Any], session: Session) -> list[Panel]:
    """Panels on the page of one item.

    Runs each time that an item's page renders, with a read-only session of its own. An empty list adds
    nothing. An exception leaves the panel out, and the page stands.

    Args:
        resource: The name of the resource whose page it is, such as ``"printers"``.
        item: The item as the API shows it.
        session: For reading; closed afterwards.
    """
    return []


@since(1)
def shopdb_add_cards(viewer: Viewer, session: Session) -> list[Card]:
    """Cards on the start page: what needs somebody now.

    Runs each time that the start page renders, with a read-only session of its own. An empty list adds
    nothing, and a card without lines is not shown. An exception leaves the plugin's cards out, and the page
    stands.

    Args:
        viewer: Who looks; a card whose permission they lack is left out anyway.
        session: For reading; closed afterwards.
    """
    return []


@since(1)
def shopdb_add_notices(
    resource: str | None, item: dict[str, Any] | None, viewer: Viewer, session: Session
) -> list[Notice]:
    """Banners at the top of a page.

    Runs each time that a page renders for someone signed in, with a read-only session of its own. An empty
    list adds nothing. An exception leaves the plugin's banners out, and the page stands.

    Args:
        resource: The name of the resource whose page it is, or None on a page that belongs to none.
        item: The item as the API shows it, or None on a page that is not one item's.
        viewer: Who looks.
        session: For reading; closed afterwards.
    """
    return []


@since(1)
def shopdb_on_item_changed(change: Change, session: Session) -> None:
    """An item was created, changed or deleted.

    Runs in the worker after the commit, at least once for each change, in order, with a session of its
    own that is committed afterwards. An exception is logged, and the change counts as delivered.

    Args:
        change: What happened; ``change.id`` is the same when a delivery is repeated.
        session: In a transaction of its own.
    """
