"""All resources of a running site, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func
from sqlalchemy.orm import Session

from shopdb.errors import NotFoundError
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.resources.declare import Resource


class Registry:
    """The resources of core and the loaded plugins, compiled."""

    def __init__(self, declared: Iterable[Resource]):
        self._by_name = {resource.name: CompiledResource(resource) for resource in declared}
        for compiled in self:
            if compiled.declared.turn_of is not None:
                compiled.turn = self.get(compiled.declared.turn_of).table
        self.by_asset_type = {
            c.declared.asset_type: c for c in self._by_name.values() if c.declared.asset_type
        }

    def __iter__(self) -> Iterator[CompiledResource]:
        return iter(self._by_name.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def get(self, name: str) -> CompiledResource:
        """The resource of that name.

        Raises:
            NotFoundError: no loaded package has one.
        """
        try:
            return self._by_name[name]
        except KeyError:
            known = ", ".join(sorted(self._by_name))
            raise NotFoundError(f"There is no resource {name!r}. There are: {known}") from None

    def find(self, name: str) -> CompiledResource | None:
        """The resource of that name, or None."""
        return self._by_name.get(name)

    def pointing_at(self, name: str) -> list[tuple[CompiledResource, Field]]:
        """Every stored reference to items of the resource, each column once."""
        wanted = {name}
        target = self.find(name)
        if target is not None and target.table is ASSETS:
            wanted |= {c.name for c in self if c.table is ASSETS}
        seen: dict[int, tuple[CompiledResource, Field]] = {}
        for compiled in self:
            for field in compiled.fields:
                if field.references in wanted and field.column is not None:
                    seen.setdefault(id(field.column), (compiled, field))
        return list(seen.values())

    def permissions(self) -> list[str]:
        """Every permission that resources and their actions bring, sorted."""
        found: set[str] = set()
        for compiled in self:
            declared = compiled.declared
            found.add(declared.permission("view"))
            if declared.writable:
                verbs = {"add", "change", *(["delete"] if declared.deletable else [])}
                found.update(declared.permission(verb) for verb in verbs)
            found.update(declared.permission(action.permission) for action in declared.actions)
        return sorted(found)


def registry_of(session: Session) -> Registry:
    """The registry that the session's database was started with."""
    registry: Registry = session.info["registry"]
    return registry


def label_of(target: CompiledResource, source: FromClause) -> ColumnElement[Any]:
    """What names an item of ``target``, read from ``source``, its table or an alias of it."""
    if target.table is ASSETS:
        return func.coalesce(source.c.name, source.c.asset_tag)
    return source.c[target.declared.label]
