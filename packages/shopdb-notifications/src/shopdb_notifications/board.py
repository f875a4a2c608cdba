"""Boards for the wall: what they show, and the addresses by which they are seen."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError
from shopdb.plugins import ActionCall, Actor, Card, CardLine, now
from shopdb.services import find_editor, list_cards, table_of, update_item
from shopdb_notifications.bulletin import VIEW
from shopdb_notifications.models import Board, Bulletin

RESOURCE = "notifications/boards"
TOKEN_BYTES = 24
ROWS_AT_ONCE = 8.0
SHORT_LINE = 26
"""Characters of a card's line that stand in one row of a board; more take two."""
BULLETINS_AT_ONCE = 2
MOST_BULLETINS = 30
_RANK = {"danger": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Post:
    """A bulletin on a board."""

    title: str
    text: str | None
    severity: str
    is_planned_downtime: bool
    starts_at: datetime
    ends_at: datetime | None
    where: str
    is_coming: bool


@dataclass(frozen=True, slots=True)
class Slide:
    """As much of a card as is read at once; a long card has several."""

    card: Card
    lines: Sequence[CardLine]
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What a board shows at a time: pages of bulletins, and slides of what needs attention."""

    posts: Sequence[Sequence[Post]]
    slides: Sequence[Slide]
    shows_cards: bool


# -- the address ---------------------------------------------------------------------------------


def hash_token(token: str) -> str:
    """The form in which a token is stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make_address(call: ActionCall) -> Mapping[str, Any]:
    """Give a board a new address; the one before leads nowhere from now on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with call.context.database.write() as session:
        set_token(session, call.item["id"], token, made_by=call.actor.name)
    return {"address": f"{site_root(call.context.settings)}/notifications/board/{token}"}


def set_token(session: Session, board_id: int, token: str, *, made_by: str) -> None:
    """Keep a token as a board's one address."""
    values = {"token_hash": hash_token(token), "address_made_at": now(), "address_made_by": made_by}
    session.connection().execute(update(Board).where(Board.id == board_id).values(values))


def site_root(settings: Mapping[str, Any]) -> str:
    """How the site is reached: as its settings say, else as the one who asks has reached it."""
    if settings.get("base_url"):
        return str(settings["base_url"]).rstrip("/")
    from flask import has_request_context, request  # an action may also run outside the server

    return request.host_url.rstrip("/") if has_request_context() else ""


def get_by_token(session: Session, token: str) -> Board:
    """The board that a token belongs to.

    Raises:
        NotFoundError: none, or one that is switched off.
    """
    wanted = select(Board).where(Board.token_hash == hash_token(token), Board.is_active)
    found = session.scalars(wanted).first()
    if found is None:
        raise NotFoundError(
            "There is no board at this address. Whoever made the board can make a new address."
        )
    return found


# -- what it shows -------------------------------------------------------------------------------


def draw(session: Session, board: Board) -> Picture:
    """What a board shows now."""
    posts = list_posts(session, place=board.location_id, ahead=timedelta(hours=board.ahead_hours))
    cards = list_offered(session, board.id) if board.shows_cards else []
    wanted = chosen(board.cards)
    shown = [card for card in cards if card.lines and (not wanted or card.title in wanted)]
    return Picture(_pages(posts), [slide for card in shown for slide in _slides(card)], board.shows_cards)


def _pages(posts: Sequence[Post]) -> list[Sequence[Post]]:
    """As many bulletins as are read at once; a danger stands on each page, for nobody waits for it to come round."""
    first = [post for post in posts if post.severity == "danger" and not post.is_coming][:1]
    rest = [post for post in posts if post not in first]
    room = BULLETINS_AT_ONCE - len(first)
    return [[*first, *rest[at : at + room]] for at in range(0, len(rest), room)] or ([first] if first else [])


def chosen(cards: str | None) -> frozenset[str]:
    """The titles of the cards that someone has chosen; none means all."""
    return frozenset(line.strip() for line in (cards or "").splitlines() if line.strip())


def choose_cards(session: Session, board_id: int, titles: Sequence[str], *, actor: Actor) -> None:
    """Keep which cards a board shows; all of them is the same as none named."""
    offered = [card.title for card in list_offered(session, board_id)]
    kept = [title for title in offered if title in titles]
    cards = None if len(kept) == len(offered) else "\n".join(kept)
    changes = {"cards": cards, "shows_cards": bool(kept)}
    update_item(session, RESOURCE, board_id, changes, actor=actor)


def list_offered(session: Session, board_id: int) -> list[Card]:
    """The cards that a board can show: those that its last editor may see, but for bulletins, which it shows anyway."""
    editor = find_editor(session, RESOURCE, board_id)
    if editor is None:
        return []
    return [card for card in list_cards(session, editor) if card.permission != VIEW]


def _slides(card: Card) -> list[Slide]:
    parts: list[list[CardLine]] = [[]]
    room = ROWS_AT_ONCE
    for line in card.lines:
        needed = 1.25 if len(line.text) <= SHORT_LINE else 2.0  # with the gap above
        if needed > room:
            parts.append([])
            room = ROWS_AT_ONCE
        parts[-1].append(line)
        room -= needed
    return [Slide(card, part, number, len(parts)) for number, part in enumerate(parts, start=1)]


def list_posts(session: Session, *, place: int | None, ahead: timedelta) -> list[Post]:
    """The bulletins of a board: shown now, the most serious first, then the coming ones in their order."""
    at = now()
    places, assets, types = table_of("locations"), table_of("assets"), table_of("asset-types")
    statement = (
        select(
            Bulletin.title,
            Bulletin.text,
            Bulletin.severity,
            Bulletin.is_planned_downtime,
            Bulletin.starts_at,
            Bulletin.ends_at,
            func.coalesce(assets.c.name, assets.c.asset_tag).label("asset"),
            types.c.name.label("type"),
            places.c.path.label("place"),
        )
        .outerjoin_from(Bulletin, assets, assets.c.id == Bulletin.asset_id)
        .outerjoin(types, types.c.id == Bulletin.asset_type_id)
        .outerjoin(places, places.c.id == Bulletin.location_id)
        .where(Bulletin.starts_at <= at + ahead, or_(Bulletin.ends_at.is_(None), Bulletin.ends_at > at))
        .order_by(Bulletin.starts_at, Bulletin.id)
        .limit(MOST_BULLETINS)
    )
    if place is not None:
        statement = statement.where(_concerns(place, assets.c.location_id))
    posts = [
        Post(
            *row[:6],
            ", ".join(each for each in (row.asset, row.type, row.place) if each) or "Everywhere",
            row.starts_at > at,
        )
        for row in session.connection().execute(statement)
    ]
    return sorted(posts, key=lambda post: (post.is_coming, 0 if post.is_coming else _RANK[post.severity]))


def _concerns(place: int, stands_in: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a bulletin is about a place, what contains it, or anything inside it."""
    around, inside = _tree(place, upwards=True), _tree(place, upwards=False)
    of_place = or_(
        Bulletin.location_id.is_(None), Bulletin.location_id.in_(around), Bulletin.location_id.in_(inside)
    )
    of_asset = or_(Bulletin.asset_id.is_(None), stands_in.in_(inside))
    return and_(of_place, of_asset)


def _tree(place: int, *, upwards: bool) -> Select[Any]:
    places = table_of("locations")
    start = select(places.c.id, places.c.parent_id).where(places.c.id == place)
    tree = start.cte("around" if upwards else "inside", recursive=True)
    step = places.c.id == tree.c.parent_id if upwards else places.c.parent_id == tree.c.id
    return select(tree.union(select(places.c.id, places.c.parent_id).join(tree, step)).c.id)
