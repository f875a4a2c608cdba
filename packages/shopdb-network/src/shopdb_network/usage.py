"""How full prefixes are, read from what is written: their addresses, gateways, and the prefixes within them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError
from shopdb.plugins import Badge, CardLine
from shopdb_network.models import Address, Prefix
from shopdb_network.notation import IpPrefix, read_address, read_prefix
from shopdb_network.plan import COUNTABLE, NEARLY_FULL_PERCENT, SMALL, Plan

FULLNESS = {
    "room": Badge("Has room", "good"),
    "nearly_full": Badge("Nearly full", "warning"),
    "full": Badge("Full", "danger"),
    "taken": Badge("All taken", "muted"),
    "divided": Badge("Divided up", "muted"),
}
"""How full a prefix is; one that was made for two ends of a link is no worse for being all taken."""
SCHEMA: Mapping[str, Any] = {
    "size": {"type": ["integer", "null"], "title": "Addresses to hand out; null where too many to count"},
    "used": {"type": "integer", "title": "Used"},
    "free": {"type": ["integer", "null"], "title": "Free; null where too many to count"},
    "percent_used": {"type": ["integer", "null"], "minimum": 0, "maximum": 100},
    "next_free": {"type": ["string", "null"], "title": "The lowest free address"},
    "fullness": {"enum": list(FULLNESS), "title": "How full it is"},
}
EMPTY: Mapping[str, Any] = {
    "size": 0,
    "used": 0,
    "free": 0,
    "percent_used": None,
    "next_free": None,
    "fullness": "divided",
}
LISTED = {"fullness": "Room", "used": "Used", "free": "Free", "next_free": "Next free"}


def load_usage(session: Session, prefix_ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """What prefixes show beside their columns, by id."""
    return {id_: tell_plan(plan) for id_, plan in load_plans(session, prefix_ids).items()}


def tell_plan(plan: Plan) -> dict[str, Any]:
    """A plan as the API tells it."""
    following = plan.find_free(1)
    return {
        "size": _countable(plan.size),
        "used": plan.used,
        "free": _countable(plan.free),
        "percent_used": plan.percent_used,
        "next_free": str(following[0]) if following else None,
        "fullness": fullness_of(plan),
    }


def fullness_of(plan: Plan) -> str:
    """One of `FULLNESS`."""
    percent = plan.percent_used
    if percent is None:
        return "divided"
    if plan.free == 0:
        return "full" if plan.size >= SMALL else "taken"
    return "nearly_full" if percent >= NEARLY_FULL_PERCENT and plan.size >= SMALL else "room"


def get_plan(session: Session, prefix_id: int) -> Plan:
    """The plan of one prefix.

    Raises:
        NotFoundError: there is none of that id.
    """
    found = load_plans(session, [prefix_id])
    if prefix_id not in found:
        raise NotFoundError(f"There is no prefix with id {prefix_id}.")
    return found[prefix_id]


def load_plans(session: Session, prefix_ids: Iterable[int]) -> dict[int, Plan]:
    """The plans of prefixes by id, in two statements. One that only holds others has nothing to hand out."""
    ids = set(prefix_ids)
    connection = session.connection()
    columns = (Prefix.id, Prefix.prefix, Prefix.parent_id, Prefix.gateway, Prefix.status)
    rows = connection.execute(
        select(*columns).where(or_(Prefix.id.in_(ids), Prefix.parent_id.in_(ids)))
    ).all()
    networks = {row.id: read_prefix(row.prefix) for row in rows}
    inside: dict[int, list[IpPrefix]] = defaultdict(list)
    taken: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        inside[row.parent_id].append(networks[row.id])
        if row.gateway is not None:
            taken[row.id].add(int(read_address(row.gateway)))
    kept = select(Address.prefix_id, Address.address_key).where(Address.prefix_id.in_(ids))
    for prefix_id, key in connection.execute(kept):
        taken[prefix_id].add(int(key[1:], 16))
    divided = {row.id: [networks[row.id]] for row in rows if row.status == "container"}
    return {
        id_: Plan(network, tuple(divided.get(id_, inside[id_])), frozenset(taken[id_]))
        for id_, network in networks.items()
        if id_ in ids
    }


def has_fullness(session: Session, fullness: str) -> ColumnElement[bool]:
    """The condition on prefixes that are so full."""
    everything = load_plans(session, session.connection().execute(select(Prefix.id)).scalars())
    return Prefix.id.in_([id_ for id_, plan in everything.items() if fullness_of(plan) == fullness])


def list_full(session: Session) -> list[CardLine]:
    """The prefixes in use that have little or no room, fullest first; small ones are meant to be full."""
    crowded = (
        select(Address.prefix_id)
        .group_by(Address.prefix_id)
        .having(func.count() >= SMALL - 1)
        .scalar_subquery()
    )
    wanted = select(Prefix.id, Prefix.description).where(Prefix.id.in_(crowded), Prefix.status == "active")
    names = {row.id: row.description for row in session.connection().execute(wanted)}
    plans = [each for each in load_plans(session, names).items() if each[1].size >= SMALL]
    short = [each for each in plans if fullness_of(each[1]) in ("full", "nearly_full")]
    return [
        CardLine(
            text=f"{plan.network}{f': {names[id_]}' if names[id_] else ''}",
            url=f"/network/prefixes/{id_}",
            tone="danger" if plan.free == 0 else "warning",
            note=f"{plan.free} of {plan.size} free",
        )
        for id_, plan in sorted(short, key=lambda each: (each[1].free, each[0]))
    ]


def _countable(number: int) -> int | None:
    return number if number <= COUNTABLE else None
