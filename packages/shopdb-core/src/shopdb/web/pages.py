"""All pages: their routes, each with its permission, and what templates are given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask

from shopdb import access
from shopdb.resources import Resource
from shopdb.resources.compiled import CompiledResource
from shopdb.runtime import Runtime
from shopdb.web import (
    action,
    bulk,
    choices,
    detail,
    form,
    frame,
    headers,
    here,
    history,
    listing,
    navigation,
    plugin,
    removal,
    search,
    sheet,
    start,
    static_file,
)
from shopdb.web.cell import badge, show_reading, show_value
from shopdb.web.error_page import show_error
from shopdb.web.known import Known, status_tone
from shopdb.web.list_rows import RowTemplates
from shopdb.web.moment import age, day, moment, short_moment
from shopdb.web.template import template_loader

ITEM = "<int(max=2147483647):item_id>"


@dataclass
class Pages:
    """What pages keep for the life of the process."""

    navigation: dict[str, tuple[Resource, ...]]
    rows: RowTemplates
    known: Known


def install(app: Flask, runtime: Runtime) -> None:
    """Route the pages of every resource, and the few that belong to none."""
    app.jinja_env.loader = template_loader(runtime)
    headers.install(app)
    frame.install(app)
    _give_templates(app)
    declared = [compiled.declared for compiled in runtime.registry]
    hidden = frozenset({"relationships"})
    app.extensions["shopdb_pages"] = Pages(
        navigation.group_resources([r for r in declared if r.name not in hidden]), RowTemplates(app), Known()
    )
    app.extensions["shopdb_error_page"] = show_error
    _route_site(app)
    for compiled in runtime.registry:
        _route_resource(app, compiled)


def _give_templates(app: Flask) -> None:
    app.jinja_env.globals.update(
        actions_of=_actions_of,
        age=age,
        badge=badge,
        day=day,
        may_open=_may_open,
        may_see=here.may_see,
        moment=moment,
        number=lambda value: f"{value:,}".replace(",", "\u202f"),
        page_url=here.page_url,
        short_moment=short_moment,
        show_reading=show_reading,
        show_value=show_value,
        status_tone=status_tone,
    )
    app.jinja_env.filters.update(
        age=age, day=day, lower_first=_lower_first, moment=moment, short_moment=short_moment
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _route_site(app: Flask) -> None:
    routes: tuple[tuple[str, str, Callable[..., Any], str, list[str]], ...] = (
        ("/", "start", start.show_start, access.SIGNED_IN, ["GET"]),
        ("/search", "search", search.show_search, access.SIGNED_IN, ["GET"]),
        ("/search/suggest", "suggest", search.suggest, access.SIGNED_IN, ["GET"]),
        ("/theme", "set_theme", start.set_theme, access.PUBLIC, ["POST"]),
        ("/static/<path:filename>", "static_file", static_file.static_file, access.PUBLIC, ["GET"]),
        ("/plugins", "plugin_list", plugin.list_plugins, "core.plugins.view", ["GET"]),
        ("/plugins/<name>", "plugin", plugin.show_plugin, "core.plugins.view", ["GET"]),
    )
    for rule, name, view, permission, methods in routes:
        app.add_url_rule(rule, f"pages.{name}", view, methods=methods)
        access.allow(app, {f"pages.{name}": permission})


def _route_resource(app: Flask, compiled: CompiledResource) -> None:
    declared, name = compiled.declared, compiled.name
    both = ["GET", "POST"]
    routes: list[tuple[str, str, Callable[..., Any], str, list[str]]] = [
        ("", "list", listing.show_list, "view", ["GET"]),
        ("/columns", "columns", listing.choose_columns, "view", ["POST"]),
        ("/choices", "choices", choices.show_choices, "view", ["GET"]),
        (f"/{ITEM}", "item", detail.show_item, "view", ["GET"]),
        (f"/{ITEM}/history", "history", history.show_history, "view", ["GET"]),
    ]
    if declared.writable:
        routes += [
            ("/new", "new", form.new_item, "add", both),
            ("/sheet", "sheet", sheet.take_sheet, "add", both),
            ("/bulk", "bulk", bulk.change_many, "view", ["POST"]),
            (f"/{ITEM}/edit", "edit", form.edit_item, "change", both),
            (f"/{ITEM}/revert", "revert", history.revert, "change", ["POST"]),
        ]
        if declared.deletable:
            routes.append((f"/{ITEM}/delete", "delete", removal.remove_item, "delete", both))
    for each in declared.actions:
        view = partial(action.do_action, name, each.name)
        rule = f"/{name}/{ITEM}/do/{each.name}"
        _route(app, rule, f"pages.{name}.do_{each.name}", view, declared.permission(each.permission), both)
    for tail, page, function, verb, methods in routes:
        _route(
            app,
            f"/{name}{tail}",
            f"pages.{name}.{page}",
            partial(function, name),
            declared.permission(verb),
            methods,
        )


def _route(
    app: Flask, rule: str, endpoint: str, view: Callable[..., Any], permission: str, methods: list[str]
) -> None:
    app.add_url_rule(rule, endpoint, view, methods=methods)
    access.allow(app, {endpoint: permission})


def _actions_of(name: str, item: Mapping[str, Any]) -> list[action.Offer]:
    """What the person may do with an item of another resource, for a panel that lists such items."""
    target = here.registry().find(name)
    return [] if target is None else action.offered_actions(target, item)


def _may_open(name: str, page: str) -> bool:
    """Whether there is such a resource with the page ``new``, ``edit`` or ``delete``, and the person may open it."""
    target = here.registry().find(name)
    return target is not None and here.may_open(target.declared, page)


def _lower_first(text: str) -> str:
    """``Printer`` -> ``printer``; ``USB device`` and ``MACs`` stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
