"""The list page of a resource."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shopdb.errors import InvalidError
from shopdb.resources.compiled import CompiledResource
from shopdb.resources.parameters import Query
from shopdb.resources.query import Page, list_page, reader_of
from shopdb.web import here, navigation
from shopdb.web.columns import all_columns, chosen_columns, remember_columns
from shopdb.web.filters import address, canonical, chips_of, filter_fields
from shopdb.web.list_rows import Rights


def show_list(name: str) -> ResponseReturnValue:
    """``GET /<resource>``: the page, or only its table when htmx asks."""
    compiled = here.compiled(name)
    here.note_page(name)
    base = here.page_url(name)
    parameters = canonical(request.args, compiled)
    if list(parameters.items()) != list(request.args.items(multi=True)):
        return redirect(address(base, parameters))
    at = _position(parameters.pop("at", "1"))
    query, problem = _parsed(compiled, parameters)
    columns = chosen_columns(request, compiled)
    declared = compiled.declared
    rights = Rights(
        here.may_open(declared, "edit"), here.may_open(declared, "delete"), many=declared.writable
    )
    pages = current_app.extensions["shopdb_pages"]
    with here.runtime().database.read() as session:
        page = list_page(session, name, replace(query, with_total=True))
        known = pages.known.refresh(session)
        chips = chips_of(session, here.registry(), compiled, query, parameters=parameters, base=base)
    rows = pages.rows.render(compiled, columns, page.items, rights, known)
    context = {
        "resource": compiled.declared,
        "base": base,
        "rows": rows,
        "columns": columns,
        "rights": rights,
        "chips": chips,
        "problem": problem,
        "is_filtered": bool(query.filters or query.words),
        "parameters": parameters,
        "sort_links": _sort_links(query, columns, parameters, base),
        **_place(page, query, at, parameters, base),
    }
    if here.is_partial():
        return render_template("list_table.html", **context)
    return render_template(
        "list.html",
        **context,
        filters=filter_fields(compiled, parameters),
        every_column=all_columns(compiled),
        tabs=navigation.list_tabs(declared),
        may_add=here.may_open(declared, "new"),
        may_import=here.may_do(declared, "add"),
        export_url=lambda kind: _export_url(name, kind, parameters),
    )


def choose_columns(name: str) -> ResponseReturnValue:
    """``POST /<resource>/columns``: remember the choice, and back to the list."""
    compiled = here.compiled(name)
    chosen = [] if request.form.get("reset") else request.form.getlist("column")
    back = request.form.get("query", "")
    response = redirect(f"{here.page_url(name)}?{back}" if back else here.page_url(name), 303)
    remember_columns(response, compiled, chosen)
    return response


def _parsed(compiled: CompiledResource, parameters: Mapping[str, str]) -> tuple[Query, str | None]:
    """The query; an address that makes none shows everything, and says what was wrong with it."""
    table = reader_of(here.registry(), compiled.name).parameters
    try:
        return table.parse(parameters.items()), None
    except InvalidError as error:
        return table.parse(()), str(error)


def _export_url(name: str, kind: str, parameters: Mapping[str, str]) -> str:
    """The API's export of what the list shows, all pages of it."""
    kept = {k: v for k, v in parameters.items() if k not in ("cursor", "limit")}
    return address(f"/api/v1/{name}/export", {"format": kind, **kept})


def _position(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def _place(page: Page, query: Query, at: int, parameters: Mapping[str, str], base: str) -> dict[str, Any]:
    """Where in the whole this page stands, and the ways on."""
    shown = len(page.items)
    start = at if query.after is not None else 1
    following = {**parameters, "cursor": page.next, "at": str(start + shown)}
    return {
        "total": page.total or 0,
        "first": start,
        "last": start + shown - 1,
        "next_url": address(base, following) if page.next else None,
        "first_url": address(base, {**parameters, "cursor": None}) if query.after is not None else None,
        "limit": query.limit,
    }


def _sort_links(
    query: Query, columns: Any, parameters: Mapping[str, str], base: str
) -> dict[str, tuple[str, str | None]]:
    """Column -> the address that sorts by it, and how it is sorted by now."""
    first, down = query.sort[0]
    links = {}
    for column in columns:
        if not column.sortable:
            continue
        now = None if column.name != first else ("descending" if down else "ascending")
        wanted = f"-{column.name}" if now == "ascending" else column.name
        links[column.name] = (address(base, {**parameters, "cursor": None, "sort": wanted}), now)
    return links
