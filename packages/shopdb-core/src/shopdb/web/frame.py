"""The frame around every page: navigation, search, account menu, what needs an administrator's attention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask, current_app, request, url_for
from markupsafe import Markup

from shopdb.access import Principal, current_principal
from shopdb.plugins.values import Notice, PageLink
from shopdb.resources import Resource
from shopdb.search.term import LONGEST_TERM
from shopdb.web.here import noted_page, registry, viewer
from shopdb.web.icons import icon
from shopdb.web.static_file import static_url

GROUPS = {"assets": "Assets", "network": "Network", "places": "Places", "work": "Work", "admin": "Admin"}
"""Navigation group -> heading, in order."""

FOLDED = frozenset({"admin"})
THEMES = ("light", "dark", "system")
QUIET_STATES = frozenset({"active", "available", "disabled"})
"""States of a plugin that ask nobody to do anything."""

_MARK = Markup(
    '<svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>'
    '<g fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round">'
    '<path d="M16 6.5 24.5 11v10L16 25.5 7.5 21V11z"/><path d="m7.5 11 8.5 4.5 8.5-4.5M16 15.500v10"/></g></svg>'
)


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
    """A heading of the navigation and what stands below it."""

    title: str
    links: Sequence[Link]
    folded: bool

    @property
    def is_current(self) -> bool:
        """Whether the page shown is one of the group's."""
        return any(link.is_current for link in self.links)


class Frame:
    """What the frame shows for this request; each part is made when the template asks for it."""

    @cached_property
    def principal(self) -> Principal | None:
        """Who is signed in."""
        return current_principal()

    @property
    def runtime(self) -> Any:
        """The site that runs."""
        return current_app.extensions["shopdb"]

    @property
    def site_name(self) -> str:
        """What the site calls itself."""
        return self.runtime.settings.name or "ShopDB"

    @property
    def safe_mode(self) -> bool:
        """Whether plugins were left out on purpose."""
        return bool(self.runtime.settings.safe_mode)

    @property
    def username(self) -> str:
        """Who is signed in, for people."""
        return self.principal.username if self.principal else ""

    @property
    def is_admin(self) -> bool:
        """Whether the person is an administrator."""
        return bool(self.principal and self.principal.is_admin)

    @property
    def here(self) -> str:
        """The address shown, to come back to; a page that answered a POST has none of its own."""
        return request.full_path.rstrip("?") if request.method == "GET" else request.path

    @property
    def here_path(self) -> str:
        """The address shown, without its query."""
        return request.path

    @property
    def search_url(self) -> str:
        """Where the search box leads."""
        return url_for("pages.search")

    @property
    def found_by(self) -> str:
        """What was typed when the search opened this page at once."""
        return request.args.get("found", "")[:LONGEST_TERM]

    @property
    def sign_out_url(self) -> str:
        """Where signing out is asked for."""
        return url_for("sign_in.sign_out")

    @property
    def account_links(self) -> Sequence[Link]:
        """What the account menu offers beside the appearance and signing out."""
        return [
            Link("Your account", url_for("account.show"), "user"),
            Link("API documentation", url_for("api.docs"), "api"),
        ]

    @cached_property
    def notices(self) -> Sequence[Notice]:
        """The banners that plugins put on this page."""
        plugins = self.runtime.plugins
        if self.principal is None or not plugins.has_notices:
            return []
        resource, item = noted_page()
        with self.runtime.database.read() as session:
            found: Sequence[Notice] = plugins.add_notices(resource, item, viewer(), session)
        return found

    @cached_property
    def navigation(self) -> Sequence[Group]:
        """What the person may see, by what people look for."""
        if self.principal is None:
            return []
        groups = []
        for key, title in GROUPS.items():
            links = [_link(resource) for resource in self._visible(key)] + self._own_pages(key)
            if key == "admin" and self.principal.may("core.plugins.view"):
                links.insert(0, self._plugins_link())
            if links:
                groups.append(Group(title, links, key in FOLDED))
        return groups

    def _own_pages(self, group: str) -> list[Link]:
        """The pages of plugins' own that the person may open."""
        assert self.principal is not None
        return [
            _page_link(link, url_for(f"{plugin}.{views.blueprint.name}.{link.endpoint}"))
            for plugin, views in self.runtime.plugins.views()
            for link in views.links
            if link.group == group and self.principal.may(views.permissions[link.endpoint])
        ]

    def _visible(self, group: str) -> list[Resource]:
        principal = self.principal
        assert principal is not None
        named: Mapping[str, Any] = current_app.extensions["shopdb_pages"].navigation
        return [r for r in named.get(group, ()) if principal.may(r.permission("view"))]

    def _plugins_link(self) -> Link:
        url = url_for("pages.plugin_list")
        badge = str(self.problem_count) if self.problem_count else ""
        return Link("Plugins", url, "puzzle", request.path.startswith(url), badge)

    @cached_property
    def problem_count(self) -> int:
        """Plugins that ask an administrator to do something; 0 for everybody else."""
        if not self.is_admin:
            return 0
        return sum(verdict.state not in QUIET_STATES for verdict in self.runtime.plugins.verdicts)

    @property
    def problem_text(self) -> str:
        """One sentence for the banner."""
        names = [v.name for v in self.runtime.plugins.verdicts if v.state not in QUIET_STATES]
        if len(names) == 1:
            return f"The plugin {names[0]} needs attention."
        return f"{len(names)} plugins need attention: {', '.join(names)}."


def group_resources(resources: Sequence[Resource]) -> dict[str, tuple[Resource, ...]]:
    """Resources by navigation group, in the order of their registration."""
    return {key: tuple(r for r in resources if r.group == key) for key in GROUPS}


def theme_choice() -> str:
    """``light``, ``dark`` or ``system``, as the person chose."""
    choice = request.cookies.get("shopdb_theme", "system")
    return choice if choice in THEMES else "system"


def install(app: Flask) -> None:
    """Make the frame known to every template, plugins' own among them."""
    app.jinja_env.globals.update(
        brand_mark=lambda: _MARK,
        icon=icon,
        static_url=static_url,
        theme_choice=theme_choice,
    )
    app.context_processor(lambda: {"frame": Frame()})


def _link(resource: Resource) -> Link:
    url = url_for(f"pages.{resource.name}.list")
    return Link(resource.title, url, resource.icon, _is_inside(resource, url))


def _is_inside(resource: Resource, url: str) -> bool:
    """Whether the page shown is one of the resource's: ``/computers/applications`` is none of the computers'."""
    named = (request.endpoint or "").removeprefix("pages.").rpartition(".")[0]
    if named in registry():
        return named == resource.name
    return request.path == url or request.path.startswith(f"{url}/")


def _page_link(link: PageLink, url: str) -> Link:
    return Link(link.title, url, link.icon, request.path == url)
