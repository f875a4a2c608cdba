"""A collection's query string -> a Query: filters, sort, page.

The table of what a resource takes is made once; a request then only looks names up.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shopdb.errors import InvalidError
from shopdb.resources.compiled import CompiledResource, Field
from shopdb.resources.values import normal_form, parse_boolean, parse_integer, parse_string, parse_text

OPERATORS = ("in", "lt", "lte", "gt", "gte", "contains", "startswith", "within", "isnull")
ORDER = frozenset({"lt", "lte", "gt", "gte", "within"})
"""Operators that compare by a field's order."""
DEFAULT_LIMIT = 50
MAX_LIMIT = 1000
MAX_IN = 1000
MAX_WORDS = 8
_TEXT_KINDS = ("string", "text", "choice")
_ORDERED_KINDS = ("string", "text", "integer", "number", "date", "datetime")


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; its shape (``field``, ``op``) is apart from its value, so that statements are kept."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Query:
    """What a caller asks of a collection.

    Attributes:
        sort: Field names with whether each goes down; never empty, ends with ``id``.
        after: The sort values of the last row seen, one for each of ``sort``; None for the first page.
        words: Words of ``q``; each must be found.
    """

    filters: tuple[Filter, ...] = ()
    words: tuple[str, ...] = ()
    sort: tuple[tuple[str, bool], ...] = (("id", False),)
    limit: int = DEFAULT_LIMIT
    after: tuple[Any, ...] | None = None
    with_total: bool = False


class ParameterTable:
    """The query parameters of one resource."""

    def __init__(self, compiled: CompiledResource):
        self.compiled = compiled
        self.filters: dict[str, tuple[Field, str]] = {}
        for field in compiled.sortable.values():
            self.filters[field.name] = (field, "eq")
            for op in operators_of(field):
                self.filters[f"{field.name}__{op}"] = (field, op)
        for field in compiled.readings.values():
            self.filters[field.name] = (field, "eq")
            self.filters[f"{field.name}__in"] = (field, "in")
        tags = compiled.by_name.get("tags")
        if tags is not None and tags.kind == "tags":
            self.filters["tags"] = (tags, "eq")
            self.filters["tags__in"] = (tags, "in")
        self.default_sort = self._sort(compiled.declared.default_sort)

    def parse(self, pairs: Iterable[tuple[str, str]]) -> Query:
        """The query that name-value pairs mean.

        Raises:
            InvalidError: a parameter is unknown, given twice, or its value is wrong; all are named.
        """
        errors: dict[str, list[str]] = {}
        given: dict[str, Any] = {}
        filters: list[Filter] = []
        seen: set[str] = set()
        for name, text in pairs:
            if name in seen:
                errors.setdefault(name, []).append("is given twice.")
                continue
            seen.add(name)
            try:
                known = self.filters.get(name)
                if known is not None:
                    filters.append(Filter(known[0].name, known[1], _filter_value(*known, text)))
                elif name in _PAGE:
                    given[name] = _PAGE[name](text)
                else:
                    raise ValueError(self._unknown(name))
            except ValueError as error:
                errors.setdefault(_shown(name), []).append(str(error))
        sort, after = self._place(given, errors)
        if errors:
            raise InvalidError(_summary(errors), errors=errors)
        return Query(
            filters=tuple(sorted(filters, key=lambda f: (f.field, f.op))),
            words=given.get("q", ()),
            sort=sort,
            limit=given.get("limit", DEFAULT_LIMIT),
            after=after,
            with_total=given.get("total", False),
        )

    def _place(
        self, given: Mapping[str, Any], errors: dict[str, list[str]]
    ) -> tuple[tuple[tuple[str, bool], ...], tuple[Any, ...] | None]:
        sort, after = self.default_sort, None
        if "sort" in given:
            try:
                sort = self._sort(given["sort"])
            except ValueError as error:
                errors.setdefault("sort", []).append(str(error))
        if "cursor" in given:
            try:
                cursor_sort, after = self.read_cursor(given["cursor"])
            except ValueError as error:
                errors.setdefault("cursor", []).append(str(error))
            else:
                if "sort" in given and cursor_sort != sort:
                    errors.setdefault("cursor", []).append(
                        "belongs to another sort: leave out cursor, or send the sort that it came from."
                    )
                sort = cursor_sort
        return sort, after

    def _sort(self, text: str) -> tuple[tuple[str, bool], ...]:
        keys: list[tuple[str, bool]] = []
        for part in text.split(","):
            name = part[1:] if part[:1] == "-" else part
            if name not in self.compiled.sortable:
                raise ValueError(
                    f"{_shown(name)!r} can't be sorted by. Sort by: {', '.join(sorted(self.compiled.sortable))}."
                )
            if name in (key for key, _ in keys):
                raise ValueError(f"{name!r} is named twice.")
            keys.append((name, part[:1] == "-"))
        if keys[-1][0] != "id" and "id" not in (key for key, _ in keys):
            keys.append(("id", keys[-1][1]))
        return tuple(keys)

    def write_cursor(self, sort: tuple[tuple[str, bool], ...], values: Iterable[Any]) -> str:
        """A cursor that continues behind the row with these sort values."""
        names = [("-" if down else "") + name for name, down in sort]
        packed = orjson.dumps([names, [_plain(v) for v in values]], option=orjson.OPT_UTC_Z)
        return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()

    def read_cursor(self, text: str) -> tuple[tuple[tuple[str, bool], ...], tuple[Any, ...]]:
        """The sort of a cursor and the sort values of the row it stands behind.

        Raises:
            ValueError: it is not one of this collection's.
        """
        wrong = "is not a cursor of this collection: take it from 'next', unchanged."
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            names, values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            sort = self._sort(",".join(names))
            if len(sort) != len(values) or len(names) != len(values):
                raise ValueError
            after = tuple(
                None if value is None else self._cursor_value(name, value)
                for (name, _), value in zip(sort, values, strict=True)
            )
        except (ValueError, TypeError, binascii.Error):
            raise ValueError(wrong) from None
        if any(value is None and name == "id" for (name, _), value in zip(sort, after, strict=True)):
            raise ValueError(wrong)
        return sort, after

    def _cursor_value(self, name: str, value: Any) -> Any:
        field = self.compiled.sortable[name]
        if field.kind in ("reference", "string", "text", "choice"):
            if not isinstance(value, str):
                raise ValueError
            return parse_string(value)
        if field.kind == "boolean":
            if not isinstance(value, bool):
                raise ValueError
            return value
        if field.kind in ("integer", "number"):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError
            return parse_text(field, str(value))
        return parse_text(field, value)

    def _unknown(self, name: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(name, [*self.filters, *_PAGE], n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"is not a parameter of {self.compiled.name}.{hint}"


def operators_of(field: Field) -> list[str]:
    """The operators that make sense for a field's kind."""
    ops = ["in", "isnull"]
    if field.kind in _ORDERED_KINDS:
        ops += ["lt", "lte", "gt", "gte"]
    if field.kind in _TEXT_KINDS:
        ops += ["contains", "startswith"]
    if field.form is not None and field.form.span is not None:
        ops.append("within")
    return ops


def _filter_value(field: Field, op: str, text: str) -> Any:
    if op == "isnull":
        return parse_boolean(text)
    if op == "in":
        parts = text.split(",")
        if len(parts) > MAX_IN:
            raise ValueError(f"names {len(parts)} values; at most {MAX_IN} are taken.")
        return tuple(normal_form(field, _parsed(field, part)) for part in parts)
    if op in ("contains", "startswith"):
        return parse_string(text)
    value = _parsed(field, text)
    if op == "eq":
        return normal_form(field, value)
    if field.form is not None:  # refuses what has no place in the order
        key_values(field, op, value)
    return value


def _parsed(field: Field, text: str) -> Any:
    if field.kind == "choice" and field.column is None and text not in (field.choices or {}):
        raise ValueError(f"{_shown(text)!r} is not one of: {', '.join(field.choices or {})}.")
    return parse_text(field, text)


def key_values(field: Field, op: str, text: str) -> tuple[str, ...]:
    """The keys that a text is compared by: one, or the first and last that lie within it.

    Raises:
        ValueError: it is no value of the field, with a sentence for people.
    """
    assert field.form is not None
    if op == "within" and field.form.span is not None:
        return field.form.span(text)
    return (field.form.write(text),)


def parse_limit(text: str) -> int:
    """How many items a page holds at most.

    Raises:
        ValueError: with a sentence for people.
    """
    value = parse_integer(text)
    if not 1 <= value <= MAX_LIMIT:
        raise ValueError(f"{value} is out of range: 1 to {MAX_LIMIT}.")
    return value


def _words(text: str) -> tuple[str, ...]:
    return tuple(parse_string(text).split()[:MAX_WORDS])


_PAGE: dict[str, Callable[[str], Any]] = {
    "q": _words,
    "limit": parse_limit,
    "cursor": str,
    "sort": str,
    "total": parse_boolean,
}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _shown(name: str) -> str:
    return name if len(name) <= 80 else name[:77] + "…"


def _summary(errors: Mapping[str, list[str]]) -> str:
    name, messages = next(iter(errors.items()))
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{name} {messages[0]}{more}"
