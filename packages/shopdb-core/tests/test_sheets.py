"""Import and export: counts, places of errors, round trips."""

from typing import Any

import pytest
from resource_site import ACTOR, open_site

from shopdb.db import Database
from shopdb.errors import InvalidError, MalformedRequestError
from shopdb.resources.exchange import export_csv, export_json, import_sheet
from shopdb.resources.parameters import Query
from shopdb.resources.sheet import read_sheet
from shopdb.services import create_item, get_item, list_items


@pytest.fixture
def site(database: Database) -> Database:
    """A site with two places."""
    open_site(database)
    with database.write() as session:
        hall = create_item(session, "locations", {"name": "Hall 1"}, actor=ACTOR)
        create_item(session, "locations", {"name": "Cell 4", "parent": hall["id"]}, actor=ACTOR)
        create_item(session, "tags", {"name": "audit"}, actor=ACTOR)
    return database


def take(site: Database, resource: str, data: bytes | str, **options: Any) -> dict[str, Any]:
    """Import and return the report."""
    sheet = read_sheet(data.encode() if isinstance(data, str) else data)
    with site.write() as session:
        return import_sheet(session, resource, sheet, actor=ACTOR, **options).asdict()


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    """rows, created, updated, unchanged, rejected; the first is the sum of the others."""
    found = tuple(report[k] for k in ("rows", "created", "updated", "unchanged", "rejected"))
    assert found[0] == sum(found[1:])
    return found


def test_good_rows_are_taken_and_wrong_ones_told_with_row_and_column(site: Database) -> None:
    text = "Asset tag;Name;asset_type;Location;tags\nX1;a;gauge;Hall 1 / Cell 4;audit\nX1;b;Gauge;;\n;c;gauge;nowhere;\n;d;;;\n"
    report = take(site, "assets", text)
    assert counts(report) == (4, 1, 0, 0, 3)
    assert [(e["row"], e["column"]) for e in report["errors"]] == [
        (2, "Asset tag"),
        (3, "Location"),
        (4, "asset_type"),
    ]
    with site.read() as session:
        item = list_items(session, "assets")[0]
    assert (item["location"]["name"], item["tags"][0]["name"]) == ("Cell 4", "audit")


def test_a_dry_run_counts_and_leaves_nothing(site: Database) -> None:
    report = take(site, "assets", "name,asset_type\na,gauge\nb,\n", dry_run=True)
    assert counts(report) == (2, 1, 0, 0, 1)
    with site.read() as session:
        assert list_items(session, "assets") == []
        assert [c for c in list_items(session, "changes") if c["resource"] == "assets"] == []


def test_update_changes_what_differs_and_leaves_what_is_blank(site: Database) -> None:
    take(site, "scales", "asset_tag,name,range_kg,notes\nS1,one,5,keep\nS2,two,6,\n")
    report = take(
        site, "scales", "asset_tag,name,range_kg,notes\ns1,ONE,5,\nS2,two,6,\nS3,three,7,\n", update=True
    )
    assert counts(report) == (3, 1, 1, 1, 0)
    with site.read() as session:
        item = get_item(session, "scales", 1)
    assert (item["name"], item["notes"]) == ("ONE", "keep")


def test_without_update_a_row_that_is_there_is_rejected(site: Database) -> None:
    take(site, "assets", "asset_tag,asset_type\nX1,gauge\n")
    report = take(site, "assets", "asset_tag,asset_type\nx1,gauge\n")
    assert counts(report) == (1, 0, 0, 0, 1)


@pytest.mark.parametrize("export", [export_csv, export_json])
def test_what_export_writes_import_reads_back_unchanged(site: Database, export: Any) -> None:
    risky = ["=1+1", "+x", "-2", "@a", "'=x", "''-", 'plain, quoted "x"', "two\nlines", "naïve 🛠", "007", "'"]
    with site.write() as session:
        for name in risky:
            values = {
                "name": name.replace("\n", " "),
                "notes": name,
                "location": 2,
                "tags": [1],
                "range_kg": 1,
            }
            create_item(session, "scales", values, actor=ACTOR)
    with site.read() as session:
        text = "".join(export(session, "scales", Query()))
        before = list_items(session, "scales")
    assert counts(take(site, "scales", text, update=True)) == (len(risky), 0, 0, len(risky), 0)
    with site.read() as session:
        assert list_items(session, "scales") == before


def test_formulas_are_harmless_in_an_export(site: Database) -> None:
    with site.write() as session:
        create_item(session, "vendors", {"name": "=cmd()"}, actor=ACTOR)
    with site.read() as session:
        assert "\n1,'=cmd()," in "".join(export_csv(session, "vendors", Query())).replace("\r", "")


def test_a_name_that_several_have_is_exported_as_its_id(site: Database) -> None:
    with site.write() as session:
        for _ in range(2):
            create_item(session, "people", {"name": "Ada"}, actor=ACTOR)
        create_item(session, "assets", {"asset_type": 1, "owner": 2}, actor=ACTOR)
    with site.read() as session:
        text = "".join(export_csv(session, "assets", Query()))
    assert take(site, "assets", text, update=True)["unchanged"] == 1
    report = take(site, "assets", "asset_type,owner\ngauge,Ada\n")
    assert "names 2 people (ids 1, 2): write the id" in report["errors"][0]["message"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_line_ends_are_found_out(encoding: str, delimiter: str, end: str) -> None:
    text = delimiter.join(("name", "notes")) + end + delimiter.join(("Müller", '"a' + delimiter + 'b"')) + end
    data = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    sheet = read_sheet(data)
    assert (sheet.header, sheet.rows) == (("name", "notes"), (("Müller", f"a{delimiter}b"),))


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (
            b"name\nM\xfcller\n",
            MalformedRequestError,
            "line 2, column 2 holds the byte 0xfc.*encoding=cp1252",
        ),
        ("näme\nx\n".encode("utf-16-le"), MalformedRequestError, "NUL|not utf-8"),
        (b"", InvalidError, "empty"),
        (b"\n\n", InvalidError, "empty"),
        (b"name,,notes\n", InvalidError, "Column 2 has no name"),
        (b"name,Name\n", InvalidError, "twice"),
        (b"name\na,b\n", InvalidError, "Line 2 has 2 cells, the header 1"),
        (b'name\n"a"b\n', MalformedRequestError, "Line 2 can't be read as CSV"),
        (b"[1]", InvalidError, "list of objects"),
        (b"[{", MalformedRequestError, "not JSON"),
        (b",".join(b"c%d" % i for i in range(501)), InvalidError, "501 columns"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_with_its_place(
    data: bytes, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_sheet(data)


def test_cp1252_is_read_when_it_is_named() -> None:
    assert read_sheet(b"name\nM\xfcller\n", encoding="cp1252").rows == (("Müller",),)


def test_a_column_that_the_resource_lacks_refuses_the_sheet_unless_skipped(site: Database) -> None:
    with pytest.raises(InvalidError, match="assets has no column 'Colour'"):
        take(site, "assets", "name,asset_type,Colour\na,gauge,red\n")
    report = take(site, "assets", "name,asset_type,Colour\na,gauge,red\n", skip_unknown=True)
    assert (report["created"], report["ignored_columns"]) == (1, ["Colour"])


@pytest.mark.parametrize(
    ("resource", "text"),
    [("users", "id,is_admin\n1,false\n"), ("roles", "name\nAll\n"), ("changes", "id\n1\n")],
)
def test_what_has_a_way_in_of_its_own_takes_no_sheet(site: Database, resource: str, text: str) -> None:
    with pytest.raises(InvalidError, match="are not imported from sheets"):
        take(site, resource, text, update=True)


def test_a_json_sheet_names_things_by_id_or_text(site: Database) -> None:
    report = take(site, "assets", '[{"asset_type": true}, {"asset_type": ["gauge"]}, {"asset_type": 1}]')
    assert counts(report) == (3, 1, 0, 0, 2)
    assert "neither an id nor a name" in report["errors"][0]["message"]


def test_an_object_is_no_sheet_and_half_an_object_no_json(site: Database) -> None:
    with pytest.raises(InvalidError, match="a list of objects"):
        take(site, "assets", '{"items": []}')
    with pytest.raises(MalformedRequestError, match="not JSON"):
        take(site, "assets", "{")
