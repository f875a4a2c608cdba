"""One box over everything that a person may see: the index, and the plugins' sources."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy.orm import Session

from shopdb.db import Database
from shopdb.errors import InvalidError
from shopdb.plugins.plugin_set import PluginSet
from shopdb.resources.compiled import ASSETS, CompiledResource
from shopdb.resources.registry import Registry
from shopdb.resources.values import MAX_ID
from shopdb.search.detail import describe, title_of
from shopdb.search.entry import is_indexed
from shopdb.search.inquiry import Answer, Inquiry
from shopdb.search.lookup import EXACT, REST, Found, Place, Sight, count_entries, find_entries
from shopdb.search.needle import make_needles
from shopdb.search.rebuild import read_items
from shopdb.search.source import SearchHit, SearchSource
from shopdb.search.term import SearchTerm

May = Callable[[str], bool]
MOST_FROM_SOURCE = 50
_LAST = "\U0010ffff"
"""Stands behind every title."""

Key = tuple[int, int, str, str, int]
"""Where a hit stands among all: rank, 0 for the index and 1 for sources, title, resource or source, number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One thing that was found, as callers see it.

    Args:
        resource: The resource whose item it is; None where a source leads to a page of its own.
        kind: What it is, for people: ``Printer``.
        source: The source that found it; None where the index did.
        is_exact: It is what was typed, not something like it.
        item: The item as it is now, for hits of the index.
    """

    key: Key
    resource: str | None
    id: int | None
    title: str
    detail: str
    url: str
    kind: str
    icon: str
    source: str | None = None
    is_exact: bool = False
    item: Mapping[str, Any] | None = None

    def asdict(self) -> dict[str, Any]:
        """The shape of the API."""
        names = ("resource", "id", "title", "detail", "url", "kind", "source")
        return {**{name: getattr(self, name) for name in names}, "exact": self.is_exact}


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits.

    Args:
        left_out: Sources that failed or took too long, each with the reason for people.
    """

    hits: list[Hit]
    next: str | None
    left_out: list[tuple[SearchSource, str]]


class Search:
    """Searching a started site."""

    def __init__(self, database: Database, registry: Registry, plugins: PluginSet):
        self.database = database
        self.registry = registry
        self._plugins = plugins
        self._inquiry = Inquiry(plugins, database)

    def sight_of(self, may: May) -> Sight:
        """What a person may find."""
        seen = [c for c in self.registry if may(c.declared.permission("view"))]
        typed = [(c.declared.asset_type or "", c.name) for c in seen if c.own is not None]
        return Sight(
            resources=frozenset(c.name for c in seen if c.table is not ASSETS and is_indexed(c)),
            assets=any(c.name == "assets" for c in seen),
            typed=tuple(sorted(typed)),
        )

    def sources_of(self, may: May) -> list[SearchSource]:
        """The sources that a person may ask."""
        return [source for _, source in self._plugins.search_sources() if may(source.permission)]

    def types(self) -> list[str]:
        """What a search can be confined to: resources that are indexed, and sources."""
        names = [c.name for c in self.registry if is_indexed(c)]
        return sorted([*names, *(source.name for _, source in self._plugins.search_sources())])

    def list_page(
        self,
        term: SearchTerm,
        *,
        may: May,
        limit: int,
        cursor: str | None = None,
        only: str | None = None,
        deadline_s: float | None = None,
    ) -> SearchPage:
        """One page over index and sources, the best first.

        Args:
            only: One of `types`; ``assets`` stands for every asset.
            deadline_s: So long sources are waited for, where the usual time is too long.

        Raises:
            InvalidError: the cursor or the type is none of this search's.
        """
        after = None if cursor is None else read_cursor(cursor)
        self._check_type(only)
        with self.database.read() as session:
            sight = self.sight_of(may) if only is None else self.sight_of(may).only(only)
            place = _place_behind(after)
            found: list[Found] = []
            if after is None or place is not None:
                needles = make_needles(term)
                found = find_entries(session.connection(), needles, sight, limit=limit + 1, after=place)
            keys = [_key_of(one) for one in found]
            answers: list[Answer] = []
            if len(found) <= limit or after is None or after[0] == EXACT:
                answers = self._inquiry.ask(
                    term, limit=MOST_FROM_SOURCE, may=may, only=only, deadline_s=deadline_s
                )
            told = self._hits_of(answers, may)
            told = [hit for hit in told if after is None or hit.key > after]
            ordered = sorted([*keys, *(hit.key for hit in told)])
            shown = set(ordered[:limit])
            hits = self.describe(session, term, [one for one in found if _key_of(one) in shown], sight)
        hits += [hit for hit in told if hit.key in shown]
        following = write_cursor(ordered[limit - 1]) if len(ordered) > limit else None
        return SearchPage(sorted(hits, key=lambda hit: hit.key), following, _left_out(answers))

    def count(self, term: SearchTerm, sight: Sight) -> dict[str, int]:
        """How many items the index finds, by the resource that shows them."""
        with self.database.read() as session:
            counts = count_entries(session.connection(), make_needles(term), sight)
        totals: dict[str, int] = {}
        for (resource, slug), count in counts.items():
            name = _shown_resource(resource, slug, sight)
            totals[name] = totals.get(name, 0) + count
        return totals

    def describe(self, session: Session, term: SearchTerm, found: Sequence[Found], sight: Sight) -> list[Hit]:
        """What was found as it is now; what has gone meanwhile is left out."""
        by_resource: dict[str, list[Found]] = {}
        for one in found:
            by_resource.setdefault(_shown_resource(one.resource, one.asset_type, sight), []).append(one)
        hits: list[Hit] = []
        for name, some in by_resource.items():
            compiled = self.registry.get(name)
            items = {i["id"]: i for i in read_items(session, compiled, [one.item_id for one in some])}
            hits += [_hit_of(compiled, one, items[one.item_id], term) for one in some if one.item_id in items]
        return sorted(hits, key=lambda hit: hit.key)

    def _check_type(self, only: str | None) -> None:
        if only is not None and only not in self.types():
            text = f"{only[:60]!r} is none of: {', '.join(self.types())}."
            raise InvalidError(f"type {text}", errors={"type": [text]})

    def _hits_of(self, answers: Sequence[Answer], may: May) -> list[Hit]:
        hits = []
        for answer in answers:
            for number, hit in enumerate(answer.hits):
                one = self._hit_of_source(answer.source, hit, number, may)
                if one is not None:
                    hits.append(one)
        return hits

    def _hit_of_source(self, source: SearchSource, hit: SearchHit, number: int, may: May) -> Hit | None:
        target = self.registry.find(hit.resource) if hit.resource is not None else None
        if hit.resource is not None and (
            target is None or not may(target.declared.permission("view")) or hit.item_id is None
        ):
            return None
        return Hit(
            key=(EXACT if hit.is_exact else REST + 1, 1, "", source.name, number),
            resource=hit.resource,
            id=hit.item_id,
            title=hit.title,
            detail=hit.detail,
            url=hit.url or f"/{hit.resource}/{hit.item_id}",
            kind=hit.kind or source.title,
            icon=source.icon,
            source=source.name,
            is_exact=hit.is_exact,
        )


def _shown_resource(resource: str, asset_type: str | None, sight: Sight) -> str:
    if resource != "assets":
        return resource
    return dict(sight.typed).get(asset_type or "", "assets")


def _hit_of(compiled: CompiledResource, one: Found, item: Mapping[str, Any], term: SearchTerm) -> Hit:
    return Hit(
        key=_key_of(one),
        resource=compiled.name,
        id=one.item_id,
        title=title_of(compiled, item),
        detail=describe(compiled, item, term),
        url=f"/{compiled.name}/{one.item_id}",
        kind=compiled.declared.title_one,
        icon=compiled.declared.icon,
        is_exact=one.rank == EXACT,
        item=item,
    )


def _left_out(answers: Sequence[Answer]) -> list[tuple[SearchSource, str]]:
    reasons = {
        "failed": "failed and was left out",
        "late": "took too long and was left out",
        "busy": "is still busy with earlier searches and was left out",
    }
    return [(a.source, reasons[a.outcome]) for a in answers if a.outcome in reasons]


def _key_of(one: Found) -> Key:
    return (one.rank, 0, one.title, one.resource, one.item_id)


def _place_behind(after: Key | None) -> Place | None:
    """Where the index goes on; None where it has said all."""
    if after is None or after[0] > REST:
        return None
    rank, origin, title, name, number = after
    return (rank, _LAST, "", 0) if origin else (rank, title, name, number)


def write_cursor(key: Key) -> str:
    """A cursor that continues behind a hit."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).rstrip(b"=").decode()


def read_cursor(text: str) -> Key:
    """The place that a cursor stands for.

    Raises:
        InvalidError: it is not one of a search's.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        match orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True)):
            case [int(rank), int(origin), str(title), str(name), int(number)] if (
                0 <= rank <= REST + 1
                and origin in (0, 1)
                and 0 <= number <= MAX_ID
                and "\x00" not in title + name
            ):
                return (rank, origin, title, name, number)
    except (ValueError, binascii.Error):
        pass
    wrong = "is not a cursor of this collection: take it from 'next', unchanged."
    raise InvalidError(f"cursor {wrong}", errors={"cursor": [wrong]})
