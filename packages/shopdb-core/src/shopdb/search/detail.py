"""What is said of an item that was found: what tells it apart, and why it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shopdb.resources.compiled import ASSETS, CompiledResource
from shopdb.search.entry import searched_fields
from shopdb.search.folding import compact, fold
from shopdb.search.identifier import read_address
from shopdb.search.term import SearchTerm

SEPARATOR = " · "
LONGEST_VALUE = 80
FIRST_FACTS, MOST_FACTS = 2, 5


def title_of(compiled: CompiledResource, item: Mapping[str, Any]) -> str:
    """What names an item."""
    label = "name" if compiled.table is ASSETS else compiled.declared.label
    return str(item.get(label) or item.get("asset_tag") or f"{compiled.declared.title_one} {item['id']}")


def describe(compiled: CompiledResource, item: Mapping[str, Any], term: SearchTerm) -> str:
    """A line of facts: what tells the item apart, then what else it was found by."""
    title = title_of(compiled, item)
    names = _names_of_facts(compiled)
    plain = [text for text in _facts(names, item) if text != title]
    found = [
        f"{label}: {_cut(text, term)}"
        for label, text in _other_texts(compiled, item, names)
        if _is_found(text, term)
    ]
    ordered = [*plain[:FIRST_FACTS], *found, *plain[FIRST_FACTS:]]
    return SEPARATOR.join(list(dict.fromkeys(ordered))[:MOST_FACTS])


def _names_of_facts(compiled: CompiledResource) -> tuple[str, ...]:
    """The fields that are told of every item, by name."""
    if compiled.table is ASSETS:
        return ("name", "asset_tag", "serial_number", "model", "location", "status")
    return tuple(f.name for f in compiled.fields if f.listed and f.kind in ("string", "reference", "text"))


def _facts(names: Iterable[str], item: Mapping[str, Any]) -> Iterable[str]:
    for name in names:
        value = item.get(name)
        text = value.get("name") if isinstance(value, Mapping) else value
        if text:
            yield _shorten(str(text))


def _other_texts(
    compiled: CompiledResource, item: Mapping[str, Any], told: Sequence[str]
) -> Iterable[tuple[str, str]]:
    """Label and text of what an item is found by and isn't told of it anyway."""
    for field in searched_fields(compiled):
        value = item.get(field.name)
        if isinstance(value, str) and value and field.name not in told:
            yield field.label, value
    for name, value in (item.get("custom_fields") or {}).items():
        if isinstance(value, str):
            yield name.replace("_", " ").capitalize(), value
    for tag in item.get("tags") or ():
        yield "Tag", tag["name"]


def _is_found(text: str, term: SearchTerm) -> bool:
    folded, short, address = fold(text), compact(text), read_address(text)
    if address is not None and (address == term.address or (term.prefix and address in term.prefix)):
        return True
    return any(word in folded for word in term.words) or bool(term.compact and term.compact in short)


def _cut(text: str, term: SearchTerm) -> str:
    """The part of a long text around what was found."""
    line = " ".join(text.split())
    at = min((i for i in (fold(line).find(word) for word in term.words) if i >= 0), default=0)
    if len(line) <= LONGEST_VALUE or at < LONGEST_VALUE // 2:
        return _shorten(line)
    begin = at - LONGEST_VALUE // 4
    return f"…{_shorten(line[begin:])}"


def _shorten(line: str) -> str:
    return line if len(line) <= LONGEST_VALUE else f"{line[: LONGEST_VALUE - 1].rstrip()}…"
