"""Bulletins: whom they concern, and who has read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from shopdb.db import UtcDateTime
from shopdb.errors import ConflictError, InvalidError, NotFoundError
from shopdb.plugins import ActionCall, CardLine, now
from shopdb.services import table_of, update_item
from shopdb_notifications.models import Acknowledgement, Bulletin

RESOURCE = "notifications"
VIEW = "notifications.notifications.view"
SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a page is about, as bulletins look at it.

    Args:
        place: The place whose page it is, or in which the asset stands.
    """

    place: int | None = None
    asset: int | None = None
    asset_type: int | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """A bulletin that concerns a page and its reader."""

    id: int
    title: str
    text: str | None
    severity: str
    is_planned_downtime: bool
    wants_acknowledgement: bool
    starts_at: datetime
    ends_at: datetime | None
    is_read: bool


def check_bulletin(session: Session, state: Mapping[str, Any], bulletin_id: int | None) -> None:
    """It ends after it starts, and is about one asset or about a place and a type.

    Raises:
        InvalidError: it is not so.
    """
    starts, ends = state.get("starts_at"), state.get("ends_at")
    if ends is not None and starts is not None and ends <= starts:
        raise _wrong("ends_at", f"It would end before it starts, at {starts:%Y-%m-%d %H:%M} UTC.")
    if ends is not None and bulletin_id is None and ends <= now():
        raise _wrong("ends_at", f"{ends:%Y-%m-%d %H:%M} UTC is past, so nobody would see it.")
    if state.get("asset") is not None:
        for name in ("location", "asset_type"):
            if state.get(name) is not None:
                raise _wrong(name, "Leave this empty: a bulletin for one asset is shown on that asset alone.")


def _wrong(field: str, text: str) -> InvalidError:
    return InvalidError(f"{field}: {text}", errors={field: [text]})


def fill_beginning(state: Mapping[str, Any], before: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A bulletin that names no beginning begins now."""
    return {} if state.get("starts_at") is not None else {"starts_at": now()}


def end_now(call: ActionCall) -> None:
    """Show it no longer.

    Raises:
        ConflictError: it is not shown.
    """
    if not is_shown(call.item):
        raise ConflictError("It is not shown now, so there is nothing to end.")
    with call.context.database.write() as session:
        update_item(session, RESOURCE, call.item["id"], {"ends_at": now()}, actor=call.actor)


def is_shown(item: Mapping[str, Any]) -> bool:
    """Whether a bulletin is shown now."""
    return bool(item.get("state") == "shown")


# -- the banners of a page -----------------------------------------------------------------------


def find_whereabouts(resource: str | None, item: Mapping[str, Any] | None) -> Whereabouts:
    """What a page is about: a place, a type of assets, an asset in its place, or nothing of these."""
    if item is None:
        return Whereabouts()
    if resource == "locations":
        return Whereabouts(place=item["id"])
    if resource == "asset-types":
        return Whereabouts(asset_type=item["id"])
    if "asset_tag" not in item:
        return Whereabouts()
    return Whereabouts(_id_of(item, "location"), item["id"], _id_of(item, "asset_type"))


def _id_of(item: Mapping[str, Any], name: str) -> int | None:
    value = item.get(name)
    return value["id"] if isinstance(value, Mapping) else None


def list_concerns(session: Session, whereabouts: Whereabouts, user_id: int) -> list[Concern]:
    """The bulletins that a reader is to see on a page, oldest first; one statement, prepared once.

    A bulletin that was acknowledged is left out, unless it has changed since or tells of a danger.
    """
    values = {
        "user": user_id,
        "at": now(),
        "place": whereabouts.place or 0,
        "asset": whereabouts.asset or 0,
        "asset_type": whereabouts.asset_type or 0,
    }
    statement = EVERYWHERE if whereabouts == _NOWHERE else CONCERNING
    found = (Concern(*row) for row in session.connection().execute(statement, values))
    return [each for each in found if not each.is_read or each.severity == "danger"]


def shown_at(at: ColumnElement[Any] | datetime) -> ColumnElement[bool]:
    """Whether a bulletin is shown at a time."""
    return and_(Bulletin.starts_at <= at, or_(Bulletin.ends_at.is_(None), Bulletin.ends_at > at))


def _concerning(*audience: ColumnElement[bool]) -> Select[Any]:
    is_read = and_(
        Acknowledgement.bulletin_id == Bulletin.id,
        Acknowledgement.user_id == bindparam("user"),
        Acknowledgement.bulletin_version == Bulletin.version,
    )
    return (
        select(
            Bulletin.id,
            Bulletin.title,
            Bulletin.text,
            Bulletin.severity,
            Bulletin.is_planned_downtime,
            Bulletin.wants_acknowledgement,
            Bulletin.starts_at,
            Bulletin.ends_at,
            Acknowledgement.user_id.is_not(None).label("is_read"),
        )
        .outerjoin_from(Bulletin, Acknowledgement, is_read)
        .where(shown_at(bindparam("at", type_=UtcDateTime())), *audience)
        .order_by(Bulletin.starts_at, Bulletin.id)
    )


def _places_above() -> Select[Any]:
    """A place and all that contain it."""
    places = table_of("locations")
    above = select(places.c.id, places.c.parent_id).where(places.c.id == bindparam("place"))
    around = above.cte("place_and_around", recursive=True)
    parents = select(places.c.id, places.c.parent_id).join(around, places.c.id == around.c.parent_id)
    return select(around.union(parents).c.id)


def _is_about(column: Any, *whom: Any) -> ColumnElement[bool]:
    """Whether it is about nobody in particular or about these.

    Written so that no engine looks in the column's index: most bulletins are about nobody in particular,
    while few are shown at a time.
    """
    return or_(func.coalesce(column, 0) == 0, *(func.coalesce(column, 0).in_(each) for each in whom))


_NOWHERE = Whereabouts()
EVERYWHERE = _concerning(
    *(_is_about(each) for each in (Bulletin.location_id, Bulletin.asset_id, Bulletin.asset_type_id))
)
CONCERNING = _concerning(
    _is_about(Bulletin.location_id, _places_above()),
    _is_about(Bulletin.asset_id, [bindparam("asset")]),
    _is_about(Bulletin.asset_type_id, [bindparam("asset_type")]),
)


# -- acknowledgement -----------------------------------------------------------------------------


def acknowledge(session: Session, bulletin_id: int, *, user_id: int, name: str) -> None:
    """Note that a person has read a bulletin as it is now; once more changes nothing.

    Raises:
        NotFoundError: there is none of that id that is shown now.
    """
    connection = session.connection()
    at = now()
    shown = select(Bulletin.version).where(Bulletin.id == bulletin_id, shown_at(at))
    version = connection.execute(shown).scalar()
    if version is None:
        raise NotFoundError("This bulletin is no longer shown.")
    known = session.get(Acknowledgement, (bulletin_id, user_id))
    if known is None:
        session.add(
            Acknowledgement(
                bulletin_id=bulletin_id, user_id=user_id, name=name, bulletin_version=version, at=at
            )
        )
    elif known.bulletin_version != version:
        known.bulletin_version, known.name, known.at = version, name, at


def list_readers(session: Session, bulletin_id: int) -> list[tuple[int, str, datetime, bool]]:
    """Who has acknowledged a bulletin, last first: user, name, when, and whether as it is now."""
    statement = (
        select(
            Acknowledgement.user_id,
            Acknowledgement.name,
            Acknowledgement.at,
            Acknowledgement.bulletin_version == Bulletin.version,
        )
        .join(Bulletin, Bulletin.id == Acknowledgement.bulletin_id)
        .where(Bulletin.id == bulletin_id)
        .order_by(Acknowledgement.at.desc(), Acknowledgement.user_id)
    )
    return [(user, name, at, bool(is_current)) for user, name, at, is_current in session.execute(statement)]


# -- lists and the start page --------------------------------------------------------------------


def load_states(session: Session, bulletin_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """Where each bulletin is in its life, and how many have acknowledged it as it is now."""
    at = now()
    statement = (
        select(Bulletin.id, Bulletin.starts_at, Bulletin.ends_at, func.count(Acknowledgement.user_id))
        .outerjoin_from(
            Bulletin,
            Acknowledgement,
            and_(
                Acknowledgement.bulletin_id == Bulletin.id,
                Acknowledgement.bulletin_version == Bulletin.version,
            ),
        )
        .where(Bulletin.id.in_(bulletin_ids))
        .group_by(Bulletin.id, Bulletin.starts_at, Bulletin.ends_at)
    )
    return {
        id_: {"state": _state(starts, ends, at), "acknowledged": count}
        for id_, starts, ends, count in session.connection().execute(statement)
    }


def _state(starts: datetime, ends: datetime | None, at: datetime) -> str:
    if ends is not None and ends <= at:
        return "ended"
    return "coming" if starts > at else "shown"


def is_in_state(session: Session, state: str) -> ColumnElement[bool]:
    """What lists are filtered by: the bulletins that are coming, shown or ended now."""
    at = now()
    has_ended = and_(Bulletin.ends_at.is_not(None), Bulletin.ends_at <= at)
    if state == "ended":
        return has_ended
    return shown_at(at) if state == "shown" else and_(Bulletin.starts_at > at, ~has_ended)


def list_current(session: Session, *, limit: int = 10) -> list[CardLine]:
    """What is shown now and what begins within a day, for the start page: what ends first stands first."""
    at = now()
    statement = (
        select(Bulletin.id, Bulletin.title, Bulletin.severity, Bulletin.starts_at, Bulletin.ends_at)
        .where(Bulletin.starts_at <= at + SOON, or_(Bulletin.ends_at.is_(None), Bulletin.ends_at > at))
        .order_by(Bulletin.ends_at.is_(None), Bulletin.ends_at, Bulletin.starts_at, Bulletin.id)
        .limit(limit)
    )
    return [_line(*row, at=at) for row in session.connection().execute(statement)]


def _line(
    id_: int, title: str, severity: str, starts: datetime, ends: datetime | None, *, at: datetime
) -> CardLine:
    tone = TONES[severity]
    url = f"/{RESOURCE}/{id_}"
    if starts > at:
        return CardLine(text=f"{title}: begins", url=url, tone=tone, at=starts)
    if ends is None:
        return CardLine(text=title, url=url, tone=tone, note="until someone ends it")
    return CardLine(text=f"{title}: ends", url=url, tone=tone, at=ends)


TONES: Mapping[str, Any] = {"info": "notice", "warning": "warning", "danger": "danger"}
