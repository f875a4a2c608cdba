"""The page behind the search box: what was found, by kind; an exact tag or serial number opens at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shopdb.access import get_principal
from shopdb.errors import InvalidError
from shopdb.resources.compiled import ASSETS
from shopdb.search.inquiry import SHORT_DEADLINE_S
from shopdb.search.term import SearchTerm
from shopdb.services.search import Hit, Search, SearchPage
from shopdb.web import here

FIRST = 60
SHOWN = 5
SUGGESTED = 8
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind.

    Args:
        count: How many there are; None where nobody has counted, as of sources.
        url: The page that shows all of them.
    """

    name: str
    title: str
    icon: str
    hits: Sequence[Hit]
    count: int | None
    url: str


def show_search() -> ResponseReturnValue:
    """``GET /search?q=``; with ``type`` and ``cursor``, one kind page by page."""
    service: Search = current_app.extensions["shopdb_search"]
    may = get_principal().may
    text, only = request.args.get("q", ""), request.args.get("type") or None
    looked = _looked_through(service)
    try:
        term = SearchTerm.read(text)
    except InvalidError as error:
        problem = str(error).removeprefix("q ") if text.strip() else None
        return render_template("search.html", q=text[:200], looked=looked, problem=problem, groups=None)
    limit = FIRST if only is None else PER_PAGE
    page = service.list_page(term, may=may, limit=limit, cursor=request.args.get("cursor"), only=only)
    target = _find_target(page, term) if only is None and "all" not in request.args else None
    if target is not None:
        return redirect(f"{target.url}?found={_quoted(term.text)}")
    counts = service.count(term, service.sight_of(may))
    following = None
    if page.next is not None and only is not None:
        following = url_for("pages.search", q=term.text, type=only, cursor=page.next)
    return render_template(
        "search.html",
        q=term.text,
        looked=looked,
        problem=None,
        only=only,
        groups=_groups(service, term, page, counts, only),
        following=following,
        left_out=page.left_out,
    )


def suggest() -> ResponseReturnValue:
    """``GET /search/suggest?q=``: the first hits as options of the search box; none for what can't be looked for."""
    service: Search = current_app.extensions["shopdb_search"]
    try:
        term = SearchTerm.read(request.args.get("q", ""))
    except InvalidError:
        return ""
    may = get_principal().may
    page = service.list_page(term, may=may, limit=SUGGESTED, deadline_s=SHORT_DEADLINE_S)
    return render_template("suggestions.html", hits=page.hits)


def _looked_through(service: Search) -> list[str]:
    """Titles of everything that the person's searches go through."""
    may = get_principal().may
    sight = service.sight_of(may)
    names = {*sight.resources, *(name for _, name in sight.typed), *(["assets"] if sight.assets else [])}
    titles = [c.declared.title for c in here.registry() if c.name in names]
    return [*titles, *(source.title for source in service.sources_of(may))]


def _find_target(page: SearchPage, term: SearchTerm) -> Hit | None:
    """The one asset whose tag or serial number is exactly what was typed."""
    exact = [hit for hit in page.hits if hit.is_exact]
    if len(exact) != 1 or exact[0].item is None or exact[0].resource is None:
        return None
    item = exact[0].item
    is_asset = here.compiled(exact[0].resource).table is ASSETS
    return exact[0] if is_asset and term.is_exact(item["asset_tag"], item["serial_number"]) else None


def _groups(
    service: Search, term: SearchTerm, page: SearchPage, counts: dict[str, int], only: str | None
) -> list[Group]:
    """By kind, in the order of the best hit of each; kinds whose hits come later stand with their count alone."""
    hits: dict[str, list[Hit]] = {}
    for hit in page.hits:
        hits.setdefault(hit.source or hit.resource or "", []).append(hit)
    names = [*hits, *(name for name in counts if name not in hits and only is None)]
    titles = {c.name: (c.declared.title, c.declared.icon) for c in here.registry()}
    titles |= {s.name: (s.title, s.icon) for s in service.sources_of(get_principal().may)}
    return [
        Group(
            name=name,
            title=titles[name][0],
            icon=titles[name][1],
            hits=hits.get(name, []) if only else hits.get(name, [])[:SHOWN],
            count=counts.get(name),
            url=url_for("pages.search", q=term.text, type=name),
        )
        for name in names
    ]


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")
