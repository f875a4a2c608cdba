"""Reading revision files without running them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shopdb.migrations import Package
from shopdb.migrations.history import read_history
from shopdb.migrations.order import put_in_order

Write = Callable[..., Package]
WriteRevision = Callable[..., Path]


def test_the_head_is_the_revision_that_none_follows(write_package: Write) -> None:
    history = read_history(write_package("scales", ["", "", ""]))

    assert (history.head, history.problem) == ("scales_0003", None)
    assert history.up_to(["scales_0002"]) == {"scales_0001", "scales_0002"}


def test_a_package_without_a_folder_of_revisions_has_no_head(tmp_path: Path) -> None:
    history = read_history(Package("scales", tmp_path / "nowhere"))

    assert (history.head, history.problem) == (None, None)


@pytest.mark.parametrize(
    "assignments",
    [
        'revision: str = "scales_0002"\ndown_revision: str | None = "scales_0001"',
        'revision = "scales_0002"\ndown_revision = (\n    "scales_0001",\n)',
        '"""revision = "old" stands in a docstring."""\nrevision = "scales_0002"\ndown_revision = "scales_0001"',
        "revision = 'scales_0002'  # the second\ndown_revision = 'scales_0001'  # the first",
    ],
)
def test_ids_are_read_however_they_are_written(write_package: Write, assignments: str) -> None:
    package = write_package("scales", [""])
    (package.versions / "second.py").write_text(assignments + "\n")

    assert read_history(package).head == "scales_0002"


def test_reading_runs_nothing_of_the_file(write_package: Write) -> None:
    package = write_package("scales", [""])
    path = package.versions / "scales_0001.py"
    path.write_text("raise SystemExit('ran')\n" + path.read_text())

    assert read_history(package).head == "scales_0001"


def test_two_heads_are_named(write_package: Write, write_revision: WriteRevision) -> None:
    package = write_package("scales", [""])
    write_revision(package, "left", "scales_0001", "")
    write_revision(package, "right", "scales_0001", "")

    problem = read_history(package).problem

    assert problem is not None
    assert "2 heads, 'left', 'right'" in problem


def test_a_merge_makes_one_head_of_two(write_package: Write, write_revision: WriteRevision) -> None:
    package = write_package("scales", [""])
    write_revision(package, "left", "scales_0001", "")
    write_revision(package, "right", "scales_0001", "")
    write_revision(package, "both", ("left", "right"), "")

    assert read_history(package).head == "both"


def test_a_missing_parent_is_named_with_its_file(write_package: Write, write_revision: WriteRevision) -> None:
    package = write_package("scales", [""])
    write_revision(package, "third", "second", "")

    assert "'third' of plugin 'scales' (third.py) follows 'second', and no file" in str(
        read_history(package).problem
    )


def test_an_id_used_twice_is_named_with_both_files(
    write_package: Write, write_revision: WriteRevision
) -> None:
    package = write_package("scales", [""])
    write_revision(package, "scales_0001", None, "").rename(package.versions / "again.py")
    write_revision(package, "scales_0001", None, "")

    assert "'scales_0001' of plugin 'scales' is in again.py and scales_0001.py" in str(
        read_history(package).problem
    )


def test_a_circle_is_told(write_package: Write, write_revision: WriteRevision) -> None:
    package = write_package("scales", [])
    write_revision(package, "hen", "egg", "")
    write_revision(package, "egg", "hen", "")

    assert "in a circle: 'egg', 'hen'" in str(read_history(package).problem)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("revision = 'x'\ndown_revision = = 1\n", "invalid syntax"),
        ("down_revision = None\n", "sets no `revision"),
        ("revision = 'r' * 3\ndown_revision = None\n", "malformed node"),
        (f"revision = '{'r' * 33}'\ndown_revision = None\n", "longer than 32 characters"),
    ],
)
def test_a_file_that_is_no_revision_is_named(write_package: Write, source: str, why: str) -> None:
    package = write_package("scales", [])
    (package.versions / "odd.py").write_text(source)

    problem = str(read_history(package).problem)

    assert "odd.py can't be read as a revision of plugin 'scales'" in problem
    assert why in problem


@pytest.mark.parametrize("name", ["Scales", "scale-s", "", "a; DROP TABLE assets", "s" * 41])
def test_a_name_that_can_name_no_table_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="can't name a package's version table"):
        Package(name, tmp_path)


def test_core_comes_first_then_what_is_required_then_by_name(tmp_path: Path) -> None:
    packages = [
        Package("alloys", tmp_path, {"scales": "scales_0001"}),
        Package("scales", tmp_path, {"core": "core_0001"}),
        Package("core", tmp_path),
        Package("beams", tmp_path),
    ]

    ordered, problems = put_in_order(packages)

    assert [package.name for package in ordered] == ["core", "beams", "scales", "alloys"]
    assert problems == {}


def test_a_missing_or_circular_requirement_leaves_the_others_in_order(tmp_path: Path) -> None:
    packages = [
        Package("alloys", tmp_path, {"moulds": "x"}),
        Package("hens", tmp_path, {"eggs": "x"}),
        Package("eggs", tmp_path, {"hens": "x"}),
        Package("beams", tmp_path),
    ]

    ordered, problems = put_in_order(packages)

    assert [package.name for package in ordered] == ["beams"]
    assert (
        "needs that of 'moulds', which is not installed. Run: shopdb plugin install moulds"
        in problems["alloys"]
    )
    assert "need each other" in problems["hens"]
    assert "need each other" in problems["eggs"]
