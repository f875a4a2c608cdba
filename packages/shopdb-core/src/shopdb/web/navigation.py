"""The navigation: what people look for in groups that fold, and beside a list what belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for

from shopdb.access import Principal
from shopdb.plugins.values import PageLink
from shopdb.resources import Resource
from shopdb.web.here import may, registry, runtime

GROUPS = {"assets": "Assets", "network": "Network", "places": "Places", "work": "Work", "admin": "Admin"}
"""Navigation group -> heading, in order."""

FOLDED = frozenset({"admin"})
"""Groups that are folded until somebody opens them."""

COOKIE = "shopdb_nav"
"""Names the groups that this browser keeps folded, with dots between; written by ``app.js``."""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    title: str
    url: str
    icon: str
    is_current: bool = False
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the navigation and what stands below it.

    Args:
        is_folded: Whether it was left folded; the group of the page shown is open all the same.
    """

    key: str
    title: str
    links: Sequence[Link]
    is_folded: bool

    @property
    def is_open(self) -> bool:
        """Whether its entries show."""
        return not self.is_folded or any(link.is_current for link in self.links)


def group_resources(resources: Sequence[Resource]) -> dict[str, tuple[Resource, ...]]:
    """Resources by navigation group, in the order of their registration."""
    return {key: tuple(r for r in resources if r.group == key) for key in GROUPS}


def list_groups(principal: Principal, problem_count: int) -> list[Group]:
    """What the person may see, by what people look for."""
    folded = _folded_groups()
    groups = []
    for key, title in GROUPS.items():
        links = [_link(resource) for resource in _first_level(key)] + _own_pages(principal, key)
        if key == "admin" and principal.may("core.plugins.view"):
            links.insert(0, _plugins_link(problem_count))
        if links:
            groups.append(Group(key, title, links, key in folded))
    return groups


def main_of(resource: Resource) -> Resource | None:
    """The resource by whose list this one is reached; None where it stands in the navigation itself.

    So does one whose main resource isn't there, may not be seen, or is reached by another's in turn.
    """
    found = registry().find(resource.under) if resource.under else None
    if found is None or found.declared.under or not may(found.declared, "view"):
        return None
    return found.declared


def list_tabs(resource: Resource) -> list[Link]:
    """What is reached from one list to the next: the main resource and all below it; empty for one alone."""
    main = main_of(resource) or resource
    family = [main, *_below(main)]
    if len(family) == 1:
        return []
    return [Link(r.title, _list_url(r), r.icon, r.name == resource.name) for r in family]


def _below(main: Resource) -> list[Resource]:
    """What of a resource's the person may see."""
    declared = [compiled.declared for compiled in registry() if compiled.declared.under == main.name]
    return [r for r in declared if may(r, "view") and main_of(r) is not None]


def _first_level(group: str) -> list[Resource]:
    grouped: Mapping[str, Any] = current_app.extensions["shopdb_pages"].navigation
    return [r for r in grouped.get(group, ()) if may(r, "view") and main_of(r) is None]


def _folded_groups() -> frozenset[str]:
    kept = request.cookies.get(COOKIE)
    return FOLDED if kept is None else frozenset(kept.split("."))


def _own_pages(principal: Principal, group: str) -> list[Link]:
    """The pages of plugins' own that the person may open."""
    return [
        _page_link(link, url_for(f"{plugin}.{views.blueprint.name}.{link.endpoint}"))
        for plugin, views in runtime().plugins.views()
        for link in views.links
        if link.group == group and principal.may(views.permissions[link.endpoint])
    ]


def _plugins_link(problem_count: int) -> Link:
    url = url_for("pages.plugin_list")
    badge = str(problem_count) if problem_count else ""
    return Link("Plugins", url, "puzzle", request.path.startswith(url), badge)


def _link(resource: Resource) -> Link:
    is_current = any(_is_inside(each) for each in (resource, *_below(resource)))
    return Link(resource.title, _list_url(resource), resource.icon, is_current)


def _list_url(resource: Resource) -> str:
    return url_for(f"pages.{resource.name}.list")


def _is_inside(resource: Resource) -> bool:
    """Whether the page shown is one of the resource's: ``/computers/applications`` is none of the computers'."""
    named = (request.endpoint or "").removeprefix("pages.").rpartition(".")[0]
    if named in registry():
        return named == resource.name
    url = _list_url(resource)
    return request.path == url or request.path.startswith(f"{url}/")


def _page_link(link: PageLink, url: str) -> Link:
    return Link(link.title, url, link.icon, request.path == url)
