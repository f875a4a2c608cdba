"""What a plugin adds to the search beside the fields of its resources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopdb.search.term import SearchTerm

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchHit:
    """One thing that a source has found. It leads to an item, or to a page of the plugin's own.

    Args:
        title: What names it: ``aa:bb:cc:dd:ee:ff``.
        resource: With ``item_id``, the item that it leads to. Whoever may not see that resource isn't shown
            the hit.
        url: Instead, a path of this site: ``/network/macs?mac=…``.
        detail: Why it was found, or where it is: ``Seen on sw-hall-1, port 12``.
        kind: What it is, in one word or two; by default the source's title says it.
        is_exact: It is what was typed, not something like it; such hits stand first.
    """

    title: str
    resource: str | None = None
    item_id: int | None = None
    url: str | None = None
    detail: str = ""
    kind: str | None = None
    is_exact: bool = False

    def __post_init__(self) -> None:
        if (self.resource is None) != (self.item_id is None) or (self.resource is None) == (self.url is None):
            raise ValueError(f"SearchHit {self.title!r} needs resource and item_id, or else url")
        if self.url is not None and (self.url[:1] != "/" or self.url[1:2] in ("/", "\\")):
            raise ValueError(f"SearchHit {self.title!r} leads to {self.url!r}, which is no path of this site")


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchSource:
    """Where else the search box looks: what a device has seen, say, and what no field of a resource holds.

    Args:
        name: ``<plugin>.<what>``, such as ``network.macs``.
        title: Plural, sentence case: ``MAC addresses``. The results stand under it.
        permission: Whoever lacks it is not shown this source: one of the plugin's own, or of core's.
        find: Called with a read-only session of its own, the term and how many hits are wanted at most, in
            a thread of its own without any request. Returns the best first, and nothing at all where the
            term can't mean anything of this source. One that raises is left out and counted against the
            plugin; one that isn't back in time is left out of that answer.
        icon: The name of a Tabler icon.
    """

    name: str
    title: str
    permission: str
    find: Callable[[Session, SearchTerm, int], Sequence[SearchHit]]
    icon: str = "search"
