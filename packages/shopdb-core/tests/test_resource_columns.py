"""What columns say of themselves beyond their kind, kept by the write path and lists, on each engine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import BigInteger, Integer, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session

from shopdb.core_plugin import shopdb_register_resources
from shopdb.db import Database, ItemRow, KeyForm, Str, field, model_base, unique_key
from shopdb.errors import InvalidError, RequestError, TakenError
from shopdb.models import CoreBase
from shopdb.resources.declare import Actor, Resource
from shopdb.resources.exchange import export_csv, import_sheet
from shopdb.resources.names import Names
from shopdb.resources.openapi import build_spec
from shopdb.resources.query import list_page, reader_of
from shopdb.resources.registry import Registry
from shopdb.resources.sheet import read_sheet
from shopdb.services import create_item, delete_item, get_item, list_items, update_item

ACTOR = Actor(name="tester", source="cli")
BIG = 2**63 - 1
Base = model_base("shelves")


def version(text: str) -> str:
    """``1.10`` without zeros before its numbers."""
    parts = text.strip().split(".")
    if len(parts) != 2 or not all(part.isdigit() and len(part) < 5 for part in parts):
        raise ValueError(f"{text!r} is not a version such as 1.10.")
    return ".".join(str(int(part)) for part in parts)


def version_key(text: str) -> str:
    """Its numbers, each in four digits."""
    return "".join(f"{int(part):04d}" for part in version(text).split("."))


def version_span(text: str) -> tuple[str, str]:
    """Every version of a first number."""
    if not text.isdigit() or len(text) > 4:
        raise ValueError(f"{text!r} is not a first number.")
    return f"{int(text):04d}0000", f"{int(text):04d}9999"


class Shelf(ItemRow, Base):
    """Numbered within its row; a row may be unknown."""

    __tablename__ = "shelves_shelf"
    __table_args__ = (UniqueConstraint("row", "number"),)
    name = field(Str(60), search=True)
    row = field(Integer)
    number = field(Integer, required=True, label="Place")
    capacity_g = field(BigInteger, minimum=0)
    release = field(Str(20), check=version)
    release_key: Mapped[str | None] = unique_key(
        "release", form=KeyForm(width=8, write=version_key, span=version_span)
    )


class Box(ItemRow, Base):
    """Its shelf's count of boxes is derived from it."""

    __tablename__ = "shelves_box"
    number = field(Integer, required=True)


def count_boxes(session: Session, box_id: int, *, without: int = -1) -> None:
    """Write into the shelf of the box's number how many boxes have that number."""
    connection = session.connection()
    number = connection.execute(select(Box.number).where(Box.id == box_id)).scalar_one()
    rows = connection.execute(select(Box.id).where(Box.number == number, Box.id != without)).all()
    connection.execute(update(Shelf).where(Shelf.number == number).values(capacity_g=len(rows)))


RESOURCES = [
    Resource(
        name="shelves",
        title="Shelves",
        title_one="Shelf",
        model=Shelf,
        keys=("release", ("row", "number")),
    ),
    Resource(
        name="shelves/boxes",
        title="Boxes",
        title_one="Box",
        model=Box,
        label="number",
        on_saved=count_boxes,
        on_deleting=lambda session, id_: count_boxes(session, id_, without=id_),
        turn_of="shelves",
    ),
]


@pytest.fixture
def site(database: Database) -> Database:
    """Core's resources, shelves and boxes."""
    mine = [replace(each, plugin="shelves") for each in RESOURCES]
    database.info["registry"] = Registry([*shopdb_register_resources(), *mine])
    CoreBase.metadata.create_all(database.engine)
    Base.metadata.create_all(database.engine)
    return database


@pytest.fixture
def make(site: Database) -> Callable[..., dict[str, Any]]:
    """Add a shelf in a transaction of its own."""

    def create(**values: Any) -> dict[str, Any]:
        with site.write() as session:
            return create_item(session, "shelves", {"number": 1, **values}, actor=ACTOR)

    return create


def numbers(site: Database, **parameters: str) -> list[int]:
    with site.read() as session:
        return [item["number"] for item in list_items(session, "shelves", parameters)]


def test_a_big_number_is_kept_shown_filtered_and_sorted(site: Database, make: Any) -> None:
    for number, capacity in enumerate((100_000_000_000, BIG, 7)):
        make(number=number, capacity_g=capacity)
    assert numbers(site, sort="-capacity_g") == [1, 0, 2]
    assert numbers(site, capacity_g__gt="5000000000", capacity_g__lt=str(BIG)) == [0]
    with site.read() as session:
        assert get_item(session, "shelves", 2)["capacity_g"] == BIG
        assert str(BIG) in "".join(
            export_csv(session, "shelves", reader_of(site.info["registry"], "shelves").parameters.parse(()))
        )


@pytest.mark.parametrize("wrong", [BIG + 1, -1, 10**30])
def test_a_number_past_what_64_bits_hold_is_refused(make: Any, wrong: int) -> None:
    with pytest.raises(InvalidError, match=f"capacity_g: {wrong} is out of range: 0 to {BIG}"):
        make(capacity_g=wrong)


def test_a_number_past_what_its_column_holds_is_no_filter(site: Database) -> None:
    with pytest.raises(InvalidError, match="number.*out of range"):
        numbers(site, number="5000000000")
    with pytest.raises(InvalidError, match="capacity_g.*out of range"):
        numbers(site, capacity_g=str(BIG + 1))


def test_the_spec_tells_what_a_big_number_may_be(site: Database) -> None:
    schemas = build_spec(site.info["registry"])["components"]["schemas"]
    found = [
        each["properties"]["capacity_g"]
        for each in schemas.values()
        if "additionalProperties" in each and "capacity_g" in each["properties"]
    ]
    assert found and all((each["minimum"], each["maximum"]) == (0, BIG) for each in found)


@pytest.mark.parametrize("row", [3, None])
def test_what_is_unique_together_is_refused_by_field(site: Database, make: Any, row: int | None) -> None:
    first = make(row=row, number=7)
    with pytest.raises(TakenError, match=f"Item {first['id']} has the same row and place already") as refused:
        make(row=row, number=7)
    assert list(refused.value.errors) == ["number"]
    second = make(row=row, number=8)
    with site.write() as session, pytest.raises(TakenError, match="the same row and place"):
        update_item(session, "shelves", second["id"], {"number": 7}, actor=ACTOR)
    with site.write() as session:  # its own values are not another's
        update_item(session, "shelves", second["id"], {"number": 8, "name": "x"}, actor=ACTOR)


@pytest.mark.parametrize("row", [3, None])
def test_what_is_unique_together_is_taken_once_by_many_at_once(
    site: Database, make: Any, row: int | None
) -> None:
    def one(number: int) -> int:
        try:
            make(row=row, number=7, name=f"n{number}")
        except RequestError as error:
            return error.status
        return 201

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(one, range(6))) == [201] + [409] * 5
    assert numbers(site) == [7]


def test_a_field_with_a_form_is_unique_and_in_order_by_it(site: Database, make: Any) -> None:
    for number, release in enumerate(("1.10", "1.9", "01.2", None)):
        make(number=number, release=release)
    with pytest.raises(TakenError, match=r"'1.2' belongs to item 3 already"):
        make(number=9, release="1.02")
    assert numbers(site, sort="release") == [2, 1, 0, 3]
    assert numbers(site, sort="-release") == [0, 1, 2, 3]
    assert numbers(site, release__gt="1.2", release__lte="1.10", sort="release") == [1, 0]
    assert numbers(site, release__within="1", sort="id") == [0, 1, 2]
    assert numbers(site, release__within="2") == []


def test_pages_in_the_order_of_a_form_put_together_are_the_whole_list(site: Database, make: Any) -> None:
    for number in range(7):
        make(number=number, release=f"1.{number * 3}")
    reader = reader_of(site.info["registry"], "shelves")
    walked, cursor = [], None
    with site.read() as session:
        while True:
            given = {"sort": "-release", "limit": "2", **({"cursor": cursor} if cursor else {})}
            page = list_page(session, "shelves", reader.parameters.parse(given.items()))
            walked += [item["number"] for item in page.items]
            cursor = page.next
            if cursor is None:
                break
    assert walked == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("parameter", "text", "told"),
    [("release__lt", "abc", "not a version"), ("release__within", "1.2", "not a first number")],
)
def test_a_filter_that_has_no_place_in_the_order_is_refused(
    site: Database, parameter: str, text: str, told: str
) -> None:
    with pytest.raises(InvalidError, match=told):
        numbers(site, **{parameter: text})


def test_a_filter_takes_any_notation_that_the_field_takes(site: Database, make: Any) -> None:
    make(number=4, release="1.2")
    assert numbers(site, release="01.02") == numbers(site, release__in="3.4,1.02") == [4]
    assert numbers(site, release="no version") == []


def test_a_sheet_finds_rows_in_any_notation(site: Database, make: Any) -> None:
    make(number=4, release="1.2")
    with site.write() as session:
        sheet = read_sheet(b"release,number,name\n01.02,4,found\nnonsense,5,refused\n")
        report = import_sheet(session, "shelves", sheet, actor=ACTOR, update=True)
    assert (report.updated, report.rejected) == (1, 1)
    assert [error["column"] for error in report.errors] == ["release"]


def test_columns_derived_from_other_items_follow_when_one_goes(site: Database, make: Any) -> None:
    make(number=2)
    with site.write() as session:
        boxes = [create_item(session, "shelves/boxes", {"number": 2}, actor=ACTOR) for _ in range(3)]
    with site.write() as session:
        delete_item(session, "shelves/boxes", boxes[0]["id"], actor=ACTOR)
    with site.read() as session:
        assert list_items(session, "shelves")[0]["capacity_g"] == 2


def test_a_word_names_nothing_that_numbers_name(site: Database) -> None:
    with site.write() as session:
        create_item(session, "shelves/boxes", {"number": 2_000_000}, actor=ACTOR)
        names = Names(session, site.info["registry"])
        assert names.get_id("shelves/boxes", "2000000") == 1
        with pytest.raises(ValueError, match="There is no box 'blue'"):
            names.get_id("shelves/boxes", "blue")
