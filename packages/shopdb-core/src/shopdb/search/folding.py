"""The form in which texts are compared: without case, accents and, for serials, separators.

Both sides go through here: what is kept in the index, and what people type. A result never depends on the
database's own idea of letters.
"""

from __future__ import annotations

import unicodedata

MARK = "="
"""Words of the index that nobody types begin with it; see `shopdb.search.entry`."""
_CONTROLS = {code: " " for code in (*range(32), 127)}
_LETTERS = str.maketrans({
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe",
})  # fmt: skip
"""Letters that people type without their stroke, and that Unicode doesn't take apart."""


def fold(text: str) -> str:
    """Compatibility forms and accents gone, casefolded: ``Yıldız`` and ``YILDIZ`` are ``yildiz``.

    Folding what is folded changes nothing.

    Source: Unicode Standard Annex #15 (NFKD); The Unicode Standard, section 3.13 (default case folding).
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    apart = unicodedata.normalize("NFKD", apart).casefold()
    return "".join(char for char in apart if not unicodedata.combining(char)).translate(_LETTERS)


def split_words(text: str) -> tuple[str, ...]:
    """The folded words, as spaces and control characters part them, each once."""
    words = (word.lstrip(MARK) for word in fold(text.translate(_CONTROLS)).split())
    return tuple(dict.fromkeys(word for word in words if word))


def compact(text: str) -> str:
    """The folded letters and digits alone: ``SN-00 42/A`` is ``sn0042a``, a MAC its twelve digits."""
    return "".join(char for char in fold(text) if char.isalnum())
