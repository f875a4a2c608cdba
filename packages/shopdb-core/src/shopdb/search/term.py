"""What somebody typed into the search box, read in every way in which it can be meant."""

from __future__ import annotations

from dataclasses import dataclass

from shopdb.errors import InvalidError
from shopdb.search.folding import compact, fold, split_words
from shopdb.search.identifier import Address, Prefix, read_address, read_mac, read_prefix, read_usb_id

LONGEST_TERM = 200
MOST_WORDS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchTerm:
    """What was typed, and what it may mean: several of these at once, or only words.

    Args:
        text: As typed, without the space around it.
        words: Folded: without case and accents. All must be found, in any order.
        compact: The folded letters and digits alone, as serial numbers and tags are compared.
        mac: ``aa:bb:cc:dd:ee:ff``, or so many pairs as were typed, ``dd:ee:ff``; None if it can't be one.
        address: An IPv4 or IPv6 address, or None.
        prefix: An IPv4 or IPv6 prefix, ``10.1.0.0/16``, or None.
        usb_id: ``0951:1666``, vendor and product id, or None.

    >>> SearchTerm.read("AABB.CCDD.EEFF").mac
    'aa:bb:cc:dd:ee:ff'
    """

    text: str
    words: tuple[str, ...]
    compact: str
    mac: str | None = None
    address: Address | None = None
    prefix: Prefix | None = None
    usb_id: str | None = None

    @classmethod
    def read(cls, text: str) -> SearchTerm:
        """Read what was typed.

        Raises:
            InvalidError: there is nothing to look for, or too much.
        """
        text = text.strip()
        words = split_words(text)
        problem = _find_problem(text, words)
        if problem is not None:
            raise InvalidError(f"q {problem}", errors={"q": [problem]})
        return cls(
            text=text,
            words=words[:MOST_WORDS],
            compact=compact(text),
            mac=read_mac(text),
            address=read_address(text),
            prefix=read_prefix(text),
            usb_id=read_usb_id(text),
        )

    @property
    def is_whole_mac(self) -> bool:
        """Whether all six bytes of a MAC were typed."""
        return self.mac is not None and len(self.mac) == len("aa:bb:cc:dd:ee:ff")

    def is_exact(self, *texts: str | None) -> bool:
        """Whether one of these texts is what was typed: case, accents and separators aside."""
        return any(text and compact(text) == self.compact for text in texts)

    def matches(self, *texts: str | None) -> bool:
        """Whether every word is somewhere in these texts, accents and case aside."""
        folded = [fold(text) for text in texts if text]
        return all(any(word in text for text in folded) for word in self.words)


def _find_problem(text: str, words: tuple[str, ...]) -> str | None:
    if not words:
        return "is needed: a word, or a part of one."
    if len(text) > LONGEST_TERM:
        return f"has {len(text)} characters: at most {LONGEST_TERM} are looked for."
    if "\x00" in text:
        return "has a NUL character, which no stored value has."
    try:
        text.encode()
    except UnicodeEncodeError:
        return "has half a surrogate pair, which is no character."
    return None
