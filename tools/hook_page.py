"""Write the reference page of the hooks: ``python tools/hook_page.py``."""

from pathlib import Path

from shopdb.plugins.hooks import render_page

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "hooks.md"


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render_page(), "utf-8")


if __name__ == "__main__":
    main()
