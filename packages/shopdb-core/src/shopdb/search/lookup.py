"""Finding entries. The body decides what is found; the parts and the titles only say where to look.

Each word of a term is counted among the parts first, up to a bound. Where one is rare, or two are rare together,
the entries that have it are looked at and put in order. Where all are common, entries are looked at in the order of the answer until a page
is full, stretch by stretch: what was asked for, what begins with it, the rest. Whichever way is taken, and on
whichever engine, the same conditions on the bodies decide, and the order is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    not_,
    or_,
    select,
    true,
    union_all,
)

from shopdb.models import AssetType, asset_tags, search_parts
from shopdb.models.search import TITLE_INDEX
from shopdb.search.entry import ranges_of
from shopdb.search.index import ENTRIES
from shopdb.search.needle import Group, Needle, Needles, Way

FEW = 2_000
"""More entries than these are read in order until a page is full; fewer are all put in order."""
MANY = 20_000
"""Two words that no more parts begin with are brought together first: few entries may have both."""
EXACT, BEGINS, REST = 0, 1, 2
Place = tuple[int, str, str, int]
"""Where a hit stands in the order: rank, title, resource, item."""

_PART, _ENTRY = search_parts.c.part, search_parts.c.entry_id
_ORDER = (ENTRIES.c.title, ENTRIES.c.resource, ENTRIES.c.item_id)


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


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A piece of the answer: entries of one rank, in the order of their titles.

    Args:
        is_walk: It is read along the titles; otherwise so few entries are in it that they are put in order.
    """

    rank: int
    where: ColumnElement[bool]
    is_walk: bool = True


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
        few = self._find_few()
        if few is not None:
            return self._sort_few(few, limit, after) if few else []
        found: list[Found] = []
        for stretch in self._list_stretches():
            if len(found) < limit and (after is None or stretch.rank >= after[0]):
                found += self._read_stretch(stretch, limit - len(found), after)
        return found

    def count(self) -> dict[tuple[str, str | None], int]:
        columns = (ENTRIES.c.resource, ENTRIES.c.asset_type_id)
        statement = select(*columns, func.count()).where(self._is_seen(), self._is_found())
        few = self._find_few()
        if few is not None:
            statement = statement.where(ENTRIES.c.id.in_(few))
        rows = self.connection.execute(statement.group_by(*columns))
        return {(row[0], self.slugs.get(row[1])): row[2] for row in rows}

    # -- rare words: all that may match, put in order -------------------------------------------

    def _sort_few(self, few: Sequence[int], limit: int, after: Place | None) -> list[Found]:
        rank = case((self._is_exact(), EXACT), (self._begins(), BEGINS), else_=REST).label("place")
        statement = select(rank, *_ORDER, ENTRIES.c.asset_type_id)
        statement = statement.where(self._is_seen(), self._is_found(), ENTRIES.c.id.in_(few))
        if after is not None:
            statement = statement.where(_behind((rank.element, *_ORDER), after))
        rows = self.connection.execute(statement.order_by(rank, *_ORDER).limit(limit))
        return [self._found(*row) for row in rows]

    def _found(self, rank: int, title: str, resource: str, item_id: int, type_id: int | None) -> Found:
        return Found(rank, title, resource, item_id, None if type_id is None else self.slugs.get(type_id))

    # -- common words: in order, until a page is full -------------------------------------------

    def _list_stretches(self) -> list[_Stretch]:
        """The order of the answer, in pieces of which each is one walk along the titles."""
        begin, end, title = self.needles.begins, _next_text(self.needles.begins), ENTRIES.c.title
        stretches = [
            _Stretch(BEGINS, self._begins()),
            _Stretch(REST, _is_below(title, begin)),
            _Stretch(REST, _is_from(title, end)),
        ]
        marked = self._list_marked()
        if marked == []:
            return stretches
        exact = self._is_exact()
        others = [_Stretch(each.rank, and_(each.where, not_(exact))) for each in stretches]
        if marked is None:
            return [_Stretch(EXACT, exact), *others]
        return [_Stretch(EXACT, and_(exact, ENTRIES.c.id.in_(marked)), is_walk=False), *others]

    def _list_marked(self) -> list[int] | None:
        """The entries among which all exact ones are; None where they are many."""
        if not self.needles.exact:
            return []
        bounded = self._entries_of(self.needles.exact, with_tags=False).limit(FEW + 1)
        ids = list(self.connection.execute(bounded).scalars())
        return ids if len(ids) <= FEW else None

    def _read_stretch(self, stretch: _Stretch, limit: int, after: Place | None) -> list[Found]:
        statement = select(*_ORDER, ENTRIES.c.asset_type_id)
        statement = statement.where(self._is_seen(), self._is_found(), stretch.where)
        if after is not None and after[0] == stretch.rank:
            statement = statement.where(_is_from(ENTRIES.c.title, after[1]), _behind(_ORDER, after[1:]))
        if stretch.is_walk:
            statement = statement.with_hint(ENTRIES, f"FORCE INDEX ({TITLE_INDEX})", "mariadb")
        rows = self.connection.execute(statement.order_by(*_ORDER).limit(limit))
        return [self._found(stretch.rank, *row) for row in rows]

    # -- conditions -----------------------------------------------------------------------------

    def _is_seen(self) -> ColumnElement[bool]:
        names = sorted(self.sight.resources | ({"assets"} if self.sight.assets else set()))
        resource: ColumnElement[str] = ENTRIES.c.resource
        if self.connection.dialect.name == "sqlite":
            # otherwise it reads all of a resource and puts it in order, instead of walking along the titles
            resource = resource.concat("")
        seen = resource.in_(names)
        if self.sight.assets or not self.sight.typed:
            return seen
        typed = {slug for slug, _ in self.sight.typed}
        ids = [id_ for id_, slug in self.slugs.items() if slug in typed]
        return or_(seen, (resource == "assets") & ENTRIES.c.asset_type_id.in_(ids))

    def _is_found(self) -> ColumnElement[bool]:
        return or_(*(self._is_way(way) for way in self.needles.ways))

    def _is_exact(self) -> ColumnElement[bool]:
        return or_(false(), *(self._holds(needle) for needle in self.needles.exact))

    def _begins(self) -> ColumnElement[bool]:
        return _begins_with(ENTRIES.c.title, self.needles.begins)

    def _holds(self, needle: Needle) -> ColumnElement[bool]:
        """Whether what may be seen of an entry holds the needle."""
        names = [name for _, name in self.sight.typed]
        own = and_(
            ENTRIES.c.own_resource.is_not(None),  # so that "not" of the whole is never NULL
            ENTRIES.c.own_resource.in_(names),
            self.has(ENTRIES.c.own_body, needle),
        )
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

    # -- narrowing ------------------------------------------------------------------------------

    def _find_few(self) -> list[int] | None:
        """The entries among which all that match are; None where they are many."""
        counts = self._count_parts()
        few: set[int] = set()
        for way in self.needles.ways:
            some = self._find_few_of(sorted((counts.get(group, MANY + 1), group) for group in way))
            if some is None:
                return None
            few |= some
        return sorted(few)

    def _find_few_of(self, counted: Sequence[tuple[int, Group]]) -> set[int] | None:
        """The same for one way, whose groups stand with the rarest first."""
        count, rarest = counted[0]
        if count <= FEW:
            return self._read_ids(rarest)
        if len(counted) == 1 or counted[1][0] > MANY:
            return None
        both = self._read_ids(rarest) & self._read_ids(counted[1][1])
        return both if len(both) <= FEW else None

    def _count_parts(self) -> dict[Group, int]:
        """How many parts begin so, up to a bound, of the groups of which every needle says where to look."""
        bounds: dict[Group, int] = {}
        for way in self.needles.ways:
            for group in way:
                if all(ranges_of(needle) for needle in group):
                    bounds[group] = max(bounds.get(group, 0), (FEW if len(way) == 1 else MANY) + 1)
        if not bounds:
            return {}
        some = [self._entries_of(group).limit(bound).subquery() for group, bound in bounds.items()]
        counted = select(*(select(func.count()).select_from(each).scalar_subquery() for each in some))
        return dict(zip(bounds, self.connection.execute(counted).one(), strict=True))

    def _read_ids(self, group: Group) -> set[int]:
        return set(self.connection.execute(self._entries_of(group)).scalars())

    def _entries_of(self, group: Group, *, with_tags: bool = True) -> Select[Any]:
        begin = sorted({beginning for needle in group for beginning in ranges_of(needle)})
        parts = select(_ENTRY.label("entry_id")).where(or_(*(_begins_with(_PART, each) for each in begin)))
        tagged = self.tags.find(group) if with_tags else []
        if not tagged:
            return parts
        here = asset_tags.c.asset_id == ENTRIES.c.asset_id
        of_tags = select(ENTRIES.c.id).join(asset_tags, here).where(asset_tags.c.tag_id.in_(tagged))
        both = union_all(parts, of_tags).subquery()
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


def _begins_with(column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    return and_(_is_from(column, beginning), _is_below(column, _next_text(beginning)))


def _is_from(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return literal(text, column.type) <= column


def _is_below(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return literal(text, column.type) > column


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
