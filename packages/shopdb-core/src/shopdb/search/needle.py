"""What has to stand in an item's body for the item to be found: worked out of a term, without any database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shopdb.search.entry import mark, mark_address
from shopdb.search.folding import compact, fold
from shopdb.search.identifier import Prefix
from shopdb.search.term import SearchTerm

SHORTEST_PART = 3
"""Shorter words are looked for at the beginnings of words only."""

Needle = str
"""A part of a body. A space before it stands for the beginning of a word, one behind it for its end."""
Group = tuple[Needle, ...]
"""One of these has to be there."""
Way = tuple[Group, ...]
"""Each of these has to be satisfied."""


@dataclass(frozen=True, slots=True)
class Needles:
    """Everything that a term can mean.

    Args:
        ways: An item is found by any of these.
        exact: Marks of whole values: an item that has one is what was asked for.
        begins: The folded term; items whose title begins with it come next.
    """

    ways: tuple[Way, ...]
    exact: Group
    begins: str


def make_needles(term: SearchTerm) -> Needles:
    """What to look for."""
    ways = dict.fromkeys([tuple(_of_word(word) for word in term.words), *_whole(term)])
    exact = dict.fromkeys(f" {each} " for each in _marks(term))
    return Needles(tuple(ways), tuple(exact), " ".join(fold(term.text).split()))


def _of_word(word: str) -> Group:
    if len(word) < SHORTEST_PART:
        return (f" {word}",)
    short = compact(word)
    return (word, short) if short != word and len(short) >= SHORTEST_PART else (word,)


def _whole(term: SearchTerm) -> Iterator[Way]:
    """The term as one identifier, however it is written."""
    has_digit = any(char.isdigit() for char in term.compact)
    if has_digit and len(term.compact) >= SHORTEST_PART:
        yield ((term.compact, f" {mark(term.compact)} "),)
    if term.mac is not None:
        yield ((compact(term.mac),),)
    if term.address is not None:
        yield ((str(term.address), f" {mark_address(term.address)} "),)
    if term.prefix is not None:
        yield ((str(term.prefix), *_beginnings(term.prefix)),)
    if term.usb_id is not None:
        yield tuple((part,) for part in term.usb_id.split(":"))


def _beginnings(prefix: Prefix) -> Iterator[Needle]:
    """The beginnings of the marks of a prefix's addresses: one, or up to eight where its length is no multiple of 4."""
    digits = -(-prefix.prefixlen // 4)
    for address in prefix.subnets(new_prefix=digits * 4):
        behind = prefix.max_prefixlen // 4 - digits
        whole = mark_address(address.network_address)
        yield f" {whole[: len(whole) - behind]}"


def _marks(term: SearchTerm) -> Iterator[str]:
    if term.compact:
        yield mark(term.compact)
    if term.is_whole_mac:
        yield mark(compact(term.mac or ""))
    if term.address is not None:
        yield mark_address(term.address)
