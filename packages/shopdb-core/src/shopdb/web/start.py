"""The start page: what is here, and what needs somebody."""

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shopdb.access import safe_next
from shopdb.errors import InvalidError
from shopdb.models import AssetType
from shopdb.resources.compiled import ASSETS, CompiledResource
from shopdb.resources.parameters import Filter, Query
from shopdb.resources.query import list_page
from shopdb.web import here
from shopdb.web.frame import THEMES
from shopdb.web.history import ACTIONS, SOURCES

CARD_LINES = 5
RECENT = 8
COUNTED = ("assets", "locations", "people")
"""What is counted on the start page beside the things that plugins bring to life."""
_LATEST = Query(
    filters=(Filter("source", "in", tuple(sorted(SOURCES.keys() - {"job", "agent"}))),),
    sort=(("id", True),),
    limit=RECENT,
)
"""What people did; what polls and agents write would crowd it out."""
_YEAR_S = 31_536_000


@dataclass(frozen=True, slots=True)
class Tile:
    """A kind of thing and how many there are."""

    title: str
    icon: str
    count: int
    url: str


def show_start() -> ResponseReturnValue:
    """``GET /``."""
    shown = [c for c in here.registry() if here.may(c.declared, "view")]
    counted = [c for c in shown if c.declared.is_asset or c.name in COUNTED]
    sees_assets = any(c.name == "assets" for c in shown)
    sees_changes = "changes" in here.registry() and here.may(here.compiled("changes").declared, "view")
    with here.runtime().database.read() as session:
        tiles = _tiles(session, counted)
        cards = here.runtime().plugins.add_cards(here.viewer(), session)
        recent: list[dict[str, Any]] = []
        if sees_changes:
            recent = list_page(session, "changes", _LATEST).items
    return render_template(
        "start.html",
        sees_something=bool(shown),
        tiles=tiles,
        cards=cards,
        shown_lines=CARD_LINES,
        recent=[(change, _title_of(change), _url_of(change)) for change in recent],
        sees_changes=sees_changes,
        actions=ACTIONS,
        sources=SOURCES,
        may_add=sees_assets and here.may_do(here.compiled("assets").declared, "add"),
    )


def set_theme() -> ResponseReturnValue:
    """``POST /theme``: remember the appearance, and back."""
    theme = request.form.get("theme", "")
    if theme not in THEMES:
        raise InvalidError(f"{theme[:40]!r} is not one of {', '.join(THEMES)}.")
    if request.headers.get("X-Requested-With") == "fetch":
        response = Response(status=204)
    else:
        response = make_response(redirect(safe_next(request.form.get("next")), 303))
    response.set_cookie("shopdb_theme", theme, max_age=_YEAR_S, samesite="Lax", httponly=True)
    return response


def _tiles(session: Session, shown: list[CompiledResource]) -> list[Tile]:
    """Counts of all, in one statement."""
    if not shown:
        return []
    row = session.connection().execute(select(*(_count(c) for c in shown))).one()
    return [
        Tile(c.declared.title, c.declared.icon, count, here.page_url(c.name))
        for c, count in zip(shown, row, strict=True)
    ]


def _count(compiled: CompiledResource) -> Any:
    statement = select(func.count()).select_from(compiled.table)
    slug = compiled.declared.asset_type
    if slug is not None:
        type_id = select(AssetType.id).where(AssetType.slug == slug).scalar_subquery()
        statement = statement.where(ASSETS.c.asset_type_id == type_id)
    return statement.scalar_subquery()


def _url_of(change: dict[str, Any]) -> str | None:
    name = change["resource"]
    if name not in here.registry():
        return None
    page = "history" if change["action"] == "delete" else "item"
    return here.page_url(name, page, item_id=change["item_id"])


def _title_of(change: dict[str, Any]) -> str:
    """What kind of thing was changed, where the label alone doesn't tell."""
    found = here.registry().find(change["resource"])
    if found is None or found.table is ASSETS:
        return ""
    return found.declared.title_one
