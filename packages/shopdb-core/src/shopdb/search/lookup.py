"""Finding entries. The body decides what is found; the parts only say where to look.

Each word of a term is counted among the parts first, up to a bound. Where one is rare, only entries that have
it are looked at; where all are common, so many entries match that looking at each costs no more. Whichever
way is taken, and on whichever engine, the same conditions on the bodies decide.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from shopdb.models import AssetType, asset_tags, search_parts
from shopdb.search.entry import ranges_of
from shopdb.search.index import ENTRIES
from shopdb.search.needle import Group, Needle, Needles, Way

FEW = 20_000
"""A word that more parts begin with narrows nothing worth it."""
EXACT, BEGINS, REST = 0, 1, 2
Place = tuple[int, str, str, int]
"""Where a hit stands in the order: rank, title, resource, item."""

_PART, _ENTRY = search_parts.c.part, search_parts.c.entry_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What the person may find.

    Args:
        resources: Resources that are no assets.
        assets: Whether all assets may be found, by core's fields.
        typed: Of the asset resources that may be seen, asset type's slug -> resource: their assets may be found,
            by the plugin's fields too.
    """

    resources: frozenset[str] = frozenset()
    assets: bool = False
    typed: tuple[tuple[str, str], ...] = ()

    def only(self, name: str) -> Sight:
        """The same for one resource; ``assets`` means every asset."""
        if name == "assets":
            return Sight(assets=self.assets, typed=self.typed)
        typed = tuple(pair for pair in self.typed if pair[1] == name)
        return Sight(resources=self.resources & {name}, typed=typed)


@dataclass(frozen=True, slots=True)
class Found:
    """One entry that was found."""

    rank: int
    title: str
    resource: str
    item_id: int
    asset_type: str | None

    @property
    def place(self) -> Place:
        """Where it stands in the order."""
        return (self.rank, self.title, self.resource, self.item_id)


def find_entries(
    connection: Connection, needles: Needles, sight: Sight, *, limit: int, after: Place | None = None
) -> list[Found]:
    """The first ``limit`` entries behind a place, the best first."""
    return _Search(connection, needles, sight).list_found(limit, after)


def count_entries(
    connection: Connection, needles: Needles, sight: Sight
) -> dict[tuple[str, str | None], int]:
    """How many are found of each resource, assets by the slug of their type."""
    return _Search(connection, needles, sight).count()


class _Search:
    def __init__(self, connection: Connection, needles: Needles, sight: Sight):
        self.connection = connection
        self.needles = needles
        self.sight = sight
        self.tags = _TagNames(connection)
        self.slugs: dict[int, str] = {
            row.id: row.slug for row in connection.execute(select(AssetType.id, AssetType.slug))
        }
        self.has = has_part(connection.dialect.name)

    def list_found(self, limit: int, after: Place | None) -> list[Found]:
        rank = self._rank().label("place")
        place = (rank, ENTRIES.c.title, ENTRIES.c.resource, ENTRIES.c.item_id)
        statement = self._select(*place, ENTRIES.c.asset_type_id)
        if after is not None:
            statement = statement.where(_behind((rank.element, *place[1:]), after))
        rows = self.connection.execute(statement.order_by(*place).limit(limit))
        return [Found(row[0], row[1], row[2], row[3], self.slugs.get(row[4])) for row in rows]

    def count(self) -> dict[tuple[str, str | None], int]:
        columns = (ENTRIES.c.resource, ENTRIES.c.asset_type_id)
        rows = self.connection.execute(self._select(*columns, func.count()).group_by(*columns))
        return {(row[0], self.slugs.get(row[1])): row[2] for row in rows}

    def _select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        found = or_(*(self._is_way(way) for way in self.needles.ways))
        statement = select(*columns).where(self._is_seen(), found)
        rare = self._find_rare()
        if rare is not None:
            any_of_them = tuple(needle for group in rare for needle in group)
            statement = statement.where(ENTRIES.c.id.in_(self._entries_of(any_of_them)))
        return statement

    # -- conditions -----------------------------------------------------------------------------

    def _is_seen(self) -> ColumnElement[bool]:
        names = sorted(self.sight.resources | ({"assets"} if self.sight.assets else set()))
        seen = ENTRIES.c.resource.in_(names)
        if self.sight.assets or not self.sight.typed:
            return seen
        typed = {slug for slug, _ in self.sight.typed}
        ids = [id_ for id_, slug in self.slugs.items() if slug in typed]
        return or_(seen, (ENTRIES.c.resource == "assets") & ENTRIES.c.asset_type_id.in_(ids))

    def _holds(self, needle: Needle) -> ColumnElement[bool]:
        """Whether what may be seen of an entry holds the needle."""
        names = [name for _, name in self.sight.typed]
        own = ENTRIES.c.own_resource.in_(names) & self.has(ENTRIES.c.own_body, needle)
        return or_(self.has(ENTRIES.c.body, needle), own)

    def _is_way(self, way: Way) -> ColumnElement[bool]:
        return and_(true(), *(self._is_group(group) for group in way))

    def _is_group(self, group: Group) -> ColumnElement[bool]:
        conditions = [self._holds(needle) for needle in group]
        tagged = self.tags.find(group)
        if tagged:
            here = asset_tags.c.asset_id == ENTRIES.c.asset_id
            conditions.append(exists().where(here, asset_tags.c.tag_id.in_(tagged)))
        return or_(*conditions)

    def _rank(self) -> ColumnElement[int]:
        exact = or_(false(), *(self._holds(needle) for needle in self.needles.exact))
        begins = ENTRIES.c.title.startswith(self.needles.begins, autoescape=True)
        return case((exact, EXACT), (begins, BEGINS), else_=REST)

    # -- narrowing ------------------------------------------------------------------------------

    def _find_rare(self) -> list[Group] | None:
        """Of each way the group that fewest parts begin with; None where one has only common ones."""
        counts = self._count_parts({group for way in self.needles.ways for group in way})
        rarest = [min(way, key=lambda group: counts.get(group, FEW + 1)) for way in self.needles.ways]
        return rarest if all(counts.get(group, FEW + 1) <= FEW for group in rarest) else None

    def _count_parts(self, groups: Collection[Group]) -> dict[Group, int]:
        """How many parts begin so, up to a bound, of the groups of which every needle says where to look."""
        told = sorted(group for group in groups if all(ranges_of(needle) for needle in group))
        some = [self._entries_of(group).limit(FEW + 1).subquery() for group in told]
        if not some:
            return {}
        counted = select(*(select(func.count()).select_from(each).scalar_subquery() for each in some))
        return dict(zip(told, self.connection.execute(counted).one(), strict=True))

    def _entries_of(self, group: Group) -> Select[Any]:
        begin = sorted({beginning for needle in group for beginning in ranges_of(needle)})
        parts = select(_ENTRY.label("entry_id")).where(or_(*map(_begins_with, begin)))
        tagged = self.tags.find(group)
        if not tagged:
            return parts
        here = asset_tags.c.asset_id == ENTRIES.c.asset_id
        with_tags = select(ENTRIES.c.id).join(asset_tags, here).where(asset_tags.c.tag_id.in_(tagged))
        both = union_all(parts, with_tags).subquery()
        return select(both.c.entry_id)


class _TagNames:
    """The tags, whose names find the assets that have them; they are few, and so are looked at here."""

    def __init__(self, connection: Connection):
        named = select(ENTRIES.c.item_id, ENTRIES.c.body).where(ENTRIES.c.resource == "tags")
        self._bodies = connection.execute(named).all()

    def find(self, group: Group) -> list[int]:
        """Ids of the tags whose names hold one of the needles."""
        return sorted(row.item_id for row in self._bodies if any(needle in row.body for needle in group))


def has_part(engine: str) -> Any:
    """How an engine is asked whether a text holds another, letter by letter."""
    function = func.strpos if engine == "postgresql" else func.instr
    return lambda column, needle: function(column, literal(needle, column.type)) > 0


def _begins_with(beginning: str) -> ColumnElement[bool]:
    bound = literal(beginning, _PART.type)
    return and_(bound <= _PART, literal(_next_text(beginning), _PART.type) > _PART)


def _next_text(beginning: str) -> str:
    """The smallest text behind all those that begin with ``beginning``, in the order of code points."""
    following = ord(beginning[-1]) + 1
    if 0xD800 <= following <= 0xDFFF:
        following = 0xE000
    return beginning[:-1] + chr(min(following, 0x10FFFF))


def _behind(columns: Sequence[Any], after: Sequence[Any]) -> ColumnElement[bool]:
    alternatives = []
    for at, (column, value) in enumerate(zip(columns, after, strict=True)):
        same = [each == known for each, known in zip(columns[:at], after[:at], strict=True)]
        alternatives.append(and_(*same, column > value))
    return or_(*alternatives)
