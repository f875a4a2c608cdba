"""Tabler's outline icons, drawn into the page."""

from functools import lru_cache

from markupsafe import Markup

from shopdb.web.static_file import STATIC

_FILE = STATIC / "vendor" / "icons.tsv"
_UNKNOWN = '<path d="M4 4h16v16h-16z" />'


@lru_cache(maxsize=512)
def icon(name: str, label: str | None = None) -> Markup:
    """The icon as an ``<svg>`` in the text's colour; a square where Tabler has none of that name.

    Args:
        name: As on Tabler's page of icons, such as ``"device-desktop"``.
        label: What a screen reader says; without it the icon is decoration and stays silent.
    """
    told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup(
        f'<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" '
        f'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {told}>{_drawing(name)}</svg>'
    )


def _drawing(name: str) -> str:
    start = f"{name}\t"
    with _FILE.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(start):
                return line[len(start) :].rstrip("\n")
    return _UNKNOWN
