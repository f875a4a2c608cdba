"""The reference page of every problem code, and their index."""

from collections.abc import Mapping
from pathlib import Path

from shopdb.plugins.catalogue import CATALOGUE
from shopdb.plugins.problems import render_page

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "problems"


def render() -> Mapping[Path, str]:
    """One page a code, and the index."""
    rows = "".join(
        f"| [{code}]({code}.md) | {entry.stage} | {entry.outcome or 'warning'} | {entry.title} |\n"
        for code, entry in CATALOGUE.items()
    )
    tree = "".join(f"{code}\n" for code in CATALOGUE)
    index = (
        "# Plugin problems\n\nWhat `shopdb plugin list` and `shopdb doctor` can find wrong with a plugin.\n\n"
        f"| code | stage | effect | what |\n|---|---|---|---|\n{rows}\n"
        f"```{{toctree}}\n:hidden:\n\n{tree}```\n"
    )
    pages = {FOLDER / f"{code}.md": render_page(code) for code in CATALOGUE}
    return {**pages, FOLDER / "index.md": index}


def find_gone() -> list[Path]:
    """Pages of codes that are gone."""
    return [page for page in sorted(FOLDER.glob("*.md")) if page.stem not in {*CATALOGUE, "index"}]
