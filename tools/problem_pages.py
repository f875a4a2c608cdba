"""Write the reference page of every problem code: ``python tools/problem_pages.py``."""

from pathlib import Path

from shopdb.plugins.catalogue import CATALOGUE
from shopdb.plugins.problems import render_page

FOLDER = Path(__file__).parents[1] / "docs" / "reference" / "problems"


def main() -> None:
    """Write one page a code and the index; remove pages of codes that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for page in FOLDER.glob("*.md"):
        if page.stem not in CATALOGUE:
            page.unlink()
    for code in CATALOGUE:
        (FOLDER / f"{code}.md").write_text(render_page(code), "utf-8")
    rows = "".join(
        f"| [{code}]({code}.md) | {entry.stage} | {entry.outcome or 'warning'} | {entry.title} |\n"
        for code, entry in CATALOGUE.items()
    )
    tree = "".join(f"{code}\n" for code in CATALOGUE)
    (FOLDER / "index.md").write_text(
        "# Plugin problems\n\nWhat `shopdb plugin list` and `shopdb doctor` can find wrong with a plugin.\n\n"
        f"| code | stage | effect | what |\n|---|---|---|---|\n{rows}\n"
        f"```{{toctree}}\n:hidden:\n\n{tree}```\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
