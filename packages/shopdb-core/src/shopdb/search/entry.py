"""From an item to what it is found by: the words of its fields, folded, and their parts.

A body begins and ends with a space, so that a word's beginning and a whole word can be asked for. Beside the
words as written it holds the compact forms of words and short values, and marks of whole identifiers. Marks are
written in capitals, of which folded words have none, so that no part of a word is ever found in one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shopdb.models.search import PART_LENGTH, TITLE_LENGTH
from shopdb.resources.compiled import ASSETS, CompiledResource, Field
from shopdb.search.folding import MARK, compact, fold, split_words
from shopdb.search.identifier import Address, read_address, read_mac, read_prefix

RULES = "1"
"""Grows when folding, bodies or parts are made in another way; every site is then indexed anew."""
LONGEST_BODY = 4_000
LONGEST_WORD = 200
LONGEST_IDENTIFIER = 64
"""Longer values are texts: their words are kept, and no form of the whole."""
LONGEST_JOINED = 16
"""So many letters a value of several words may have to be found without its spaces: ``hall1``."""
STEP = 2
"""Every second end of a word is kept: whoever looks for ``ohnso`` asks for ``ohnso`` and ``hnso``."""
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_CAPITALS = str.maketrans("0123456789abcdef", "ABCDEFGHIJKLMNOP")
_VERSIONS = {4: "V", 6: "W"}
_WHOLE_MAC = len("aa:bb:cc:dd:ee:ff")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What is kept of one item.

    Args:
        own_resource: Whose fields ``own_body`` holds; None where the item was written without them.
    """

    item_id: int
    asset_type_id: int | None = None
    title: str
    body: str
    own_resource: str | None = None
    own_body: str = ""


def is_indexed(compiled: CompiledResource) -> bool:
    """Whether the search box finds items of the resource."""
    declared = compiled.declared
    wanted = declared.writable if declared.indexed is None else declared.indexed
    return wanted and any(True for _ in searched_fields(compiled))


def searched_fields(compiled: CompiledResource) -> Iterable[Field]:
    """The fields that an item is found by."""
    return (field for field in compiled.fields if field.search and not field.secret)


def rule_of(compiled: CompiledResource) -> str:
    """A hash of what decides how the resource's items are indexed."""
    fields = [f"{field.name}:{field.name in compiled.keys}" for field in searched_fields(compiled)]
    said = "\n".join([RULES, compiled.declared.label, *fields])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def make_entry(compiled: CompiledResource, item: Mapping[str, Any]) -> Entry:
    """The entry of an item as callers see it.

    An asset that is read as a plain asset has no ``own_body``, whatever its plugin keeps beside it.
    """
    main: list[tuple[str, bool]] = []
    own: list[tuple[str, bool]] = []
    for field in searched_fields(compiled):
        value = item.get(field.name)
        if isinstance(value, str) and value:
            is_own = field.column is not None and compiled.key_columns(field.column)
            (own if is_own else main).append((value, field.name in compiled.keys))
    type_id = None
    if compiled.table is ASSETS:
        main += ((text, False) for text in _custom_texts(item.get("custom_fields") or {}))
        type_id = item["asset_type"]["id"]
    return Entry(
        item_id=item["id"],
        asset_type_id=type_id,
        title=fold(_title(compiled, item))[:TITLE_LENGTH],
        body=make_body(main),
        own_resource=compiled.name if compiled.own is not None else None,
        own_body=make_body(own) if own else "",
    )


def _title(compiled: CompiledResource, item: Mapping[str, Any]) -> str:
    label = "name" if compiled.table is ASSETS else compiled.declared.label
    return " ".join(str(item.get(label) or item.get("asset_tag") or item["id"]).split())


def _custom_texts(values: Mapping[str, Any]) -> list[str]:
    return [value for _, value in sorted(values.items()) if isinstance(value, str) and value]


def make_body(values: Iterable[tuple[str, bool]]) -> str:
    """The words of some values, each once, between spaces.

    Args:
        values: Texts, and whether each identifies its item.
    """
    words: dict[str, None] = {}
    for text, is_key in values:
        words.update(dict.fromkeys(_words_of(text[:LONGEST_BODY], is_key=is_key)))
    kept: list[str] = []
    length = 1
    for word in words:
        length += len(word) + 1
        if length > LONGEST_BODY:
            break
        kept.append(word)
    return f" {' '.join(kept)} " if kept else ""


def _words_of(text: str, *, is_key: bool) -> list[str]:
    words = [word[:LONGEST_WORD] for word in split_words(text)]
    if len(text) > LONGEST_IDENTIFIER:
        return words
    whole = compact(text)
    words += [short for short in map(compact, words) if short]
    if is_key or len(whole) <= LONGEST_JOINED:
        words += [whole] if whole else []
    if is_key and whole:
        words.append(mark(whole))
    mac, address, prefix = read_mac(text), read_address(text), read_prefix(text)
    if mac is not None and len(mac) == _WHOLE_MAC:
        words += [compact(mac), mark(compact(mac))]
    if address is not None:
        words += [str(address), mark_address(address)]
    if prefix is not None:
        words.append(str(prefix))
    return words


def mark(identifier: str) -> str:
    """The mark of a compact identifier; the zeros that its numbers begin with don't matter."""
    short = _LEADING_ZEROS.sub("", identifier)
    digest = hashlib.blake2b(short.encode(), digest_size=6, usedforsecurity=False).hexdigest()
    return f"={digest.translate(_CAPITALS)}"


def mark_address(address: Address) -> str:
    """The mark of an address: a capital for each of its hex digits, so that a prefix is a beginning of it."""
    digits = f"{int(address):0{address.max_prefixlen // 4}x}"
    return f"={_VERSIONS[address.version]}{digits.translate(_CAPITALS)}"


def parts_of(*bodies: str) -> set[str]:
    """What is kept in the index for some bodies: marks from their beginning, words from every second letter.

    Words stand in their compact form only: what is a part of a word is a part of it there too.
    """
    parts: set[str] = set()
    for word in {_plain(word) for word in " ".join(bodies).split()}:
        ends = range(0, 1 if word[:1] == MARK else len(word) - 1, STEP)
        parts.update(word[at : at + PART_LENGTH] for at in ends or (0,))
    return parts - {""}


def _plain(word: str) -> str:
    return word if word[0] == MARK else compact(word)


def ranges_of(needle: str) -> Sequence[str]:
    """Beginnings of parts, of which every body that holds ``needle`` has one; none where nothing can be said.

    Args:
        needle: A part of a word; with a space before it, a word's beginning.
    """
    word = _plain(needle.strip())
    if needle[0] == " " and word:
        return (word[:PART_LENGTH],)
    if len(word) <= STEP:
        return ()
    return (word[:PART_LENGTH], word[1 : 1 + PART_LENGTH])
