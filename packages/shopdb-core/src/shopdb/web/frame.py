"""The frame around every page: navigation, search, account menu, what needs an administrator's attention."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from flask import Flask, current_app, request, url_for
from markupsafe import Markup

from shopdb.access import Principal, current_principal
from shopdb.plugins.values import Notice
from shopdb.search.term import LONGEST_TERM
from shopdb.web import navigation
from shopdb.web.here import noted_page, viewer
from shopdb.web.icons import icon
from shopdb.web.navigation import Group, Link
from shopdb.web.static_file import static_url

THEMES = ("light", "dark", "system")
QUIET_STATES = frozenset({"active", "available", "disabled"})
"""States of a plugin that ask nobody to do anything."""

_MARK = Markup(
    '<svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>'
    '<g fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round">'
    '<path d="M16 6.5 24.5 11v10L16 25.5 7.5 21V11z"/><path d="m7.5 11 8.5 4.5 8.5-4.5M16 15.500v10"/></g></svg>'
)


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
        return [] if self.principal is None else navigation.list_groups(self.principal, self.problem_count)

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


def theme_choice() -> str:
    """``light``, ``dark`` or ``system``, as the person chose."""
    choice = request.cookies.get("shopdb_theme", "system")
    return choice if choice in THEMES else "system"


def install(app: Flask) -> None:
    """Make the frame known to every template, plugins' own among them."""
    app.jinja_env.globals.update(
        brand_mark=lambda: _MARK,
        icon=icon,
        main_of=navigation.main_of,
        static_url=static_url,
        theme_choice=theme_choice,
    )
    app.context_processor(lambda: {"frame": Frame()})
