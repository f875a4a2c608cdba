"""Drafting revisions, and what the database has against what the models say."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Table, text

from shopdb.db import Database, Str, Text, UtcDateTime, new_metadata
from shopdb.migrations import Package, core_package, states, upgrade
from shopdb.migrations.author import draft_revision, find_undrafted
from shopdb.migrations.comparison import check, find_differences
from shopdb.models import Asset, CoreBase

Write = Callable[..., Package]
CORE = replace(core_package(), metadata=CoreBase.metadata)


def models(*columns: Column[object]) -> MetaData:
    metadata = new_metadata()
    key = ForeignKey(Asset.__table__.c.id, ondelete="CASCADE")
    Table("scales_scale", metadata, Column("asset_id", Integer, key, primary_key=True), *columns)
    return metadata


def test_core_s_migrations_make_core_s_models(database: Database) -> None:
    upgrade(database, [CORE])

    with database.reader.connect() as connection:
        assert find_differences(connection, CORE) == []


def test_a_draft_makes_the_models(database: Database, write_package: Write) -> None:
    metadata = models(
        Column("name", Str(40), nullable=False, unique=True),
        Column("notes", Text()),
        Column("calibrated_at", UtcDateTime(), index=True),
    )
    package = write_package("scales", [], metadata=metadata)

    path = draft_revision(package, "Create the scales", after=[CORE])
    upgrade(database, [CORE, package])

    assert path == package.versions / "0001_create_the_scales.py"
    assert "from shopdb.db import Str, Text, UtcDateTime" in path.read_text()
    assert states(database, [package])["scales"].current == "scales_0001"
    assert check(database, [CORE, package]) == []


def test_a_second_draft_holds_the_change_alone(database: Database, write_package: Write) -> None:
    package = write_package("scales", [], metadata=models(Column("name", Str(40))))
    draft_revision(package, "Create the scales", after=[CORE])
    upgrade(database, [CORE, package])
    changed = replace(package, metadata=models(Column("range_kg", Float, nullable=True)))

    path = draft_revision(changed, "Measure the range", after=[CORE])
    upgrade(database, [CORE, changed])

    assert path is not None
    assert 'down_revision = "scales_0001"' in path.read_text()
    assert "create_table" not in path.read_text()
    assert check(database, [changed]) == []


def test_nothing_is_drafted_where_models_and_migrations_agree(write_package: Write) -> None:
    package = write_package("scales", [], metadata=models())
    draft_revision(package, "Create the scales", after=[CORE])

    assert draft_revision(package, "Again", after=[CORE]) is None
    assert find_undrafted(package, after=[CORE]) == []


def test_a_draft_drops_what_was_the_package_s_and_nothing_else(write_package: Write) -> None:
    other = 'op.create_table("beams_beam", sa.Column("id", sa.Integer, primary_key=True))'
    beams = write_package("beams", [other])
    package = write_package("scales", [], metadata=models())
    draft_revision(package, "Create the scales", after=[CORE])

    path = draft_revision(
        replace(package, metadata=new_metadata()), "Give the scales up", after=[CORE, beams]
    )

    assert path is not None
    assert [line.strip() for line in path.read_text().splitlines() if "op." in line] == [
        "op.drop_table('scales_scale')"
    ]


def test_a_package_without_models_can_not_be_drafted(write_package: Write) -> None:
    with pytest.raises(ValueError, match="brings no metadata"):
        draft_revision(write_package("scales", []), "Nothing")


def test_a_check_tells_each_difference(database: Database, write_package: Write) -> None:
    package = write_package("scales", [], metadata=models(Column("name", Str(40), nullable=False)))
    draft_revision(package, "Create the scales", after=[CORE])
    upgrade(database, [CORE, package])
    changed = models(Column("name", Integer), Column("range_kg", Float, index=True))
    Table("scales_reading", changed, Column("id", Integer, primary_key=True))

    found = {one.message for one in check(database, [replace(package, metadata=changed)])}

    told = "\n".join(sorted(found))
    assert "table 'scales_reading' is missing" in told
    assert "column scales_scale.range_kg is missing" in told
    assert "index 'ix_scales_scale_range_kg' on 'scales_scale' is missing" in told
    assert "column scales_scale.name has nullable False where the model has True" in told
    assert "column scales_scale.name has type VARCHAR(" in told
    assert {one.kind for one in check(database, [replace(package, metadata=changed)])} == {"differs"}


def test_an_index_that_a_site_added_is_no_finding(database: Database) -> None:
    upgrade(database, [CORE])
    with database.engine.begin() as connection:
        connection.execute(text("CREATE INDEX ix_by_hand ON assets (name)"))

    assert check(database, [CORE]) == []


def test_a_check_tells_a_package_that_is_behind_and_one_that_is_ahead(
    database: Database, write_package: Write
) -> None:
    upgrade(database, [write_package("beams", ["", ""])])

    found = check(database, [write_package("scales", [""]), write_package("beams", [""])])

    assert [(one.package, one.kind) for one in found] == [("scales", "behind"), ("beams", "problem")]
    assert "plugin 'scales' is not there yet, and its code needs 'scales_0001'" in found[0].message


def test_what_is_drafted_reads_as_people_write_it(write_package: Write) -> None:
    package = write_package("scales", [], metadata=models(Column("name", Str(40), index=True)))

    path = draft_revision(package, "Create the scales", after=[CORE])

    assert path is not None
    assert "auto generated" not in path.read_text()
    assert "batch" not in path.read_text()
    assert isinstance(path, Path)
