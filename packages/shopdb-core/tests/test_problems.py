"""The catalogue of problems and its pages."""

import re
from pathlib import Path

import pytest

from shopdb.plugins.catalogue import CATALOGUE
from shopdb.plugins.problems import is_blocking, make_problem, read_problem, render_page, worst

PAGES = Path(__file__).parents[3] / "docs" / "reference" / "problems"
SOURCES = Path(__file__).parents[1] / "src" / "shopdb"


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_each_code_has_its_page(code: str) -> None:
    page = PAGES / f"{code}.md"
    assert page.is_file(), f"run: python tools/reference_pages.py (no {page.name})"
    assert page.read_text("utf-8") == render_page(code), "run: python tools/reference_pages.py"


def test_there_is_no_page_without_a_code() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} - {"index"} == set(CATALOGUE)


def test_every_code_is_used_and_every_used_code_is_listed() -> None:
    used: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        text = path.read_text("utf-8")
        if "catalogue" in path.parts:
            continue
        used |= {code for code in CATALOGUE if f'"{code}"' in text}
        for code in re.findall(r'make_problem\(\s*"([^"]+)"', text):
            assert code in CATALOGUE, f"{code} in {path.name}"
    assert used == set(CATALOGUE)


def test_the_gravest_finding_decides() -> None:
    warning = make_problem("no-core-range", "a", "b")
    grave = make_problem("import-failed", "a", "b")
    misfit = make_problem("core-range", "a", "b")
    assert worst([warning]) is None
    assert worst([warning, grave]) == "quarantined"
    assert worst([grave, misfit]) == "incompatible"
    assert not is_blocking([warning, make_problem("hook-failing", "a", "b")])
    assert is_blocking([warning, misfit])


def test_a_finding_survives_being_remembered() -> None:
    problem = make_problem("import-failed", "It raised.", "pip install x", "a.py:1")
    assert read_problem(problem.asdict()) == problem
    assert read_problem({**problem.asdict(), "code": "of-another-core"}) is None
    assert read_problem("nonsense") is None


def test_a_command_is_introduced_and_an_edit_is_not() -> None:
    assert make_problem("core-range", "Too old.", "pip install x").sentence == "Too old. Run: pip install x"
    assert make_problem("core-range", "Too old.", "Write x.").sentence == "Too old. Write x."
