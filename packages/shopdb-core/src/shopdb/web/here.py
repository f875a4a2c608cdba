"""What every page asks of the running site: its runtime, its resources, who is signed in."""

from collections.abc import Mapping
from typing import Any, cast

from flask import current_app, g, request, url_for

from shopdb.access import current_principal
from shopdb.plugins.values import Viewer
from shopdb.resources import Actor, Resource
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.registry import Registry
from shopdb.runtime import Runtime


def runtime() -> Runtime:
    """The site that runs."""
    return cast(Runtime, current_app.extensions["shopdb"])


def registry() -> Registry:
    """The resources of core and the loaded plugins."""
    return runtime().registry


def compiled(name: str) -> CompiledResource:
    """A resource by its name."""
    return registry().get(name)


def actor() -> Actor:
    """Who changes something through a page."""
    principal = current_principal()
    if (
        principal is None
    ):  # the permission map let the request through: pages that change things are never public
        raise RuntimeError(f"{request.endpoint} changes something and is reached without signing in")
    return Actor(name=principal.username, user_id=principal.user_id, source="ui")


def viewer() -> Viewer:
    """Who looks at the page, as plugins see them.

    Raises:
        RuntimeError: nobody is signed in.
    """
    principal = current_principal()
    if principal is None:
        raise RuntimeError(
            f"{request.endpoint} asks plugins about its viewer and is reached without signing in"
        )
    return principal.as_viewer()


def note_page(name: str, item: Mapping[str, Any] | None = None) -> None:
    """Say whose page this is, for what plugins add at its head."""
    g.shopdb_page = (name, None if item is None else dict(item))


def noted_page() -> tuple[str | None, dict[str, Any] | None]:
    """The resource and the item whose page this is, each None where there is none."""
    return cast(tuple[str | None, dict[str, Any] | None], g.get("shopdb_page", (None, None)))


def may(resource: Resource, verb: str) -> bool:
    """Whether the person signed in has the permission."""
    principal = current_principal()
    return principal is not None and principal.may(resource.permission(verb))


def may_do(resource: Resource, verb: str) -> bool:
    """Whether the resource allows it at all, and the person has the permission."""
    if not resource.writable or (verb == "delete" and not resource.deletable):
        return False
    return may(resource, verb)


def has_page(resource: Resource, page: str) -> bool:
    """Whether there is such a page, of the generic ones or of the resource's own."""
    return f"pages.{resource.name}.{page}" in current_app.view_functions


def may_open(resource: Resource, page: str) -> bool:
    """Whether there is a page to change things with (``new``, ``edit``, ``delete``), and the person may."""
    verb = {"new": "add", "edit": "change", "delete": "delete"}[page]
    return has_page(resource, page) and may(resource, verb)


def page_url(name: str, page: str = "list", **values: Any) -> str:
    """The address of a resource's page: ``list``, ``new``, ``item``, ``edit``, ``delete``, ``history`` …"""
    return url_for(f"pages.{name}.{page}", **values)


def item_url(name: str | None, item_id: int) -> str | None:
    """The address of an item's page; None where no loaded package has such a resource, or the person may not see it."""
    return url_for(f"pages.{name}.item", item_id=item_id) if may_see(name) else None


def may_see(name: str | None) -> bool:
    """Whether there is such a resource, and the person has the right to it."""
    found = registry().find(name) if name else None
    return found is not None and may(found.declared, "view")


def is_partial() -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"
