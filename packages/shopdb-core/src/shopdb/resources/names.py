"""Between ids and the names that sheets and people use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import Session

from shopdb.resources.compiled import ASSETS, CompiledResource
from shopdb.resources.registry import Registry
from shopdb.resources.values import MAX_ID, find_key, normal_form, parse_text

_SHEET_KEYS = {"asset-types": "slug", "locations": "path"}


class Names:
    """Looks names up and remembers them for the length of one sheet."""

    def __init__(self, session: Session, registry: Registry):
        self.connection = session.connection()
        self.registry = registry
        self.ids: dict[tuple[str, str], int] = {}
        self.texts: dict[tuple[str, int], str] = {}

    def get_id(self, resource: str, text: str) -> int:
        """The id that a cell means: an id, or a name in any case.

        Raises:
            ValueError: none has that name, or several have; says which.
        """
        text = text.strip()
        known = self.ids.get((resource, text))
        if known is None:
            known = self.ids[resource, text] = self._find(resource, text)
        return known

    def forget(self) -> None:
        """Look everything up anew: something was written."""
        self.ids.clear()

    def _find(self, resource: str, text: str) -> int:
        target = self.registry.find(resource)
        if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_ID:
            number = int(text)
            if target is None or self._exists(target, number):
                return number
        if target is None:
            raise ValueError(f"{text[:60]!r} is not an id, and {resource} is not loaded.")
        for name in self._search_keys(target):
            found = self._matching(target, name, text)
            if len(found) > 1:
                raise ValueError(
                    f"{text[:60]!r} names {len(found)} {target.declared.title.lower()} "
                    f"(ids {', '.join(map(str, found[:5]))}): write the id."
                )
            if found:
                return found[0]
        raise ValueError(f"There is no {target.declared.title_one.lower()} {text[:60]!r}: add it first.")

    def _exists(self, target: CompiledResource, number: int) -> bool:
        statement = select(target.table.c.id).where(target.table.c.id == number)
        return self.connection.execute(statement).first() is not None

    @staticmethod
    def _search_keys(target: CompiledResource) -> Iterable[str]:
        first = _SHEET_KEYS.get(target.name)
        single = [key for key in target.declared.keys if isinstance(key, str)]
        return dict.fromkeys([*([first] if first else []), *single, target.declared.label])

    def _matching(self, target: CompiledResource, name: str, text: str) -> list[int]:
        key = target.keys.get(name)
        field = target.by_name.get(name)
        condition: ColumnElement[bool]
        if key is not None:
            condition = key == found if (found := find_key(key, text)) is not None else false()
        elif field is not None and field.column is not None:
            try:
                condition = field.column == normal_form(field, parse_text(field, text))
            except ValueError:  # words can't name what numbers name
                return []
        else:
            return []
        source = target.table
        if target.own is not None:
            joined = source.join(target.own, target.own.c.asset_id == source.c.id)
            statement = select(source.c.id).select_from(joined)
        else:
            statement = select(source.c.id)
        return list(self.connection.execute(statement.where(condition).limit(6)).scalars())

    def remember_texts(self, resource: str, ids: Iterable[int]) -> None:
        """Look up, in one or two statements, what `text_of` will be asked."""
        target = self.registry.find(resource)
        missing = [i for i in dict.fromkeys(ids) if (resource, i) not in self.texts]
        if not missing:
            return
        for id_ in missing:
            self.texts[resource, id_] = str(id_)
        if target is None:
            return
        name = "asset_tag" if target.table is ASSETS else _SHEET_KEYS.get(resource, target.declared.label)
        column = target.table.c[name]
        rows = self.connection.execute(
            select(target.table.c.id, column).where(target.table.c.id.in_(missing))
        )
        found = {row[0]: row[1] for row in rows if row[1] and not row[1].strip().isdigit()}
        twice: set[Any] = set()
        if name not in target.keys or target.keys[name].info.get("within"):
            grouped = select(column).where(column.in_(set(found.values()))).group_by(column)
            twice = set(self.connection.execute(grouped.having(func.count() > 1)).scalars())
        for id_, text in found.items():
            if text not in twice and text == text.strip():
                self.texts[resource, id_] = text

    def text_of(self, resource: str, id_: int) -> str:
        """A name that `get_id` reads back as this id: the name where only one has it, else the id."""
        return self.texts.get((resource, id_), str(id_))
