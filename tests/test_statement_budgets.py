"""How many SQL statements a request costs, signing in included: a list 4, an item 3, a create 10.

Two of a create's are the search index: the entry, and the parts of its words in one statement.

On SQLite the library itself tells of each statement, so that none slips past the count; what opens and ends
a transaction is no query and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from shopdb.testing import ENGINES, SiteUnderTest

LIST, ITEM, CREATE = 4, 3, 10
NO_QUERY = re.compile(r"(BEGIN|COMMIT|ROLLBACK|PRAGMA|SAVEPOINT|RELEASE)\b", re.IGNORECASE)
ROWS: dict[str, Callable[[int], dict[str, Any]]] = {
    "assets": lambda n: {"name": f"Asset {n}"},
    "printers": lambda n: {"name": f"Printer {n}", "host": f"10.0.0.{n}"},
    "usb/devices": lambda n: {"name": f"Stick {n}", "vid": "0951", "pid": "1666"},
    "vendors": lambda n: {"name": f"Vendor {n}"},
}
FULL_ASSET = ("status", "location", "vendor", "model", "owner", "business_unit")


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers", "usb", engine=request.param)


@contextmanager
def counted(site: SiteUnderTest) -> Iterator[list[str]]:
    """The queries of the block."""
    told: list[str] = []
    engine = site.runtime.database.engine
    engine.dispose()
    if engine.dialect.name == "sqlite":

        def trace(connection: Any, record: Any) -> None:
            connection.set_trace_callback(lambda sql: NO_QUERY.match(sql) or told.append(sql))

        event.listen(engine, "connect", trace)
        yield told
        event.remove(engine, "connect", trace)
        engine.dispose()
        return
    read_value = site.runtime.database.read_value

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        told.append(statement)

    def note_read(sql: str) -> Any:
        told.append(sql)
        return read_value(sql)

    event.listen(engine, "before_cursor_execute", note)
    site.runtime.database.read_value = note_read  # type: ignore[method-assign]  # counts what it reads
    yield told
    event.remove(engine, "before_cursor_execute", note)
    site.runtime.database.read_value = read_value  # type: ignore[method-assign]  # as it was


def extra(site: SiteUnderTest, name: str) -> dict[str, Any]:
    if name != "assets":
        return {}
    return {"asset_type": site.get("asset-types?limit=1").json["items"][0]["id"]}


def fill(site: SiteUnderTest, name: str, count: int) -> list[int]:
    made = [site.post(name, {**ROWS[name](n), **extra(site, name)}) for n in range(1, count + 1)]
    assert all(answer.status_code == 201 for answer in made), made[0].json
    return [answer.json["id"] for answer in made]


def within(told: list[str], budget: int) -> bool:
    assert told, "nothing was counted"
    assert len(told) <= budget, f"{len(told)} statements:\n" + "\n".join(sql.strip() for sql in told)
    return True


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_list_costs_the_same_few_statements_however_long_it_is(site: SiteUnderTest, name: str) -> None:
    fill(site, name, 2)
    site.get(name)
    with counted(site) as short:
        assert site.get(f"{name}?limit=50").status_code == 200
    fill_more = [{**ROWS[name](n), **extra(site, name)} for n in range(10, 40)]
    assert all(site.post(name, row).status_code == 201 for row in fill_more)
    with counted(site) as long:
        assert len(site.get(f"{name}?limit=50").json["items"]) == 32
    assert within(long, LIST)
    assert len(long) == len(short)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_an_item_costs_three(site: SiteUnderTest, name: str) -> None:
    [item_id] = fill(site, name, 1)
    site.get(f"{name}/{item_id}")
    with counted(site) as told:
        assert site.get(f"{name}/{item_id}").status_code == 200
    assert within(told, ITEM)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_create_costs_ten(site: SiteUnderTest, name: str) -> None:
    fill(site, name, 1)
    row = {**ROWS[name](99), **extra(site, name), "notes": "x"}
    with counted(site) as told:
        assert site.post(name, row).status_code == 201
    assert within(told, CREATE)


def test_an_asset_with_every_reference_costs_no_more(site: SiteUnderTest) -> None:
    unit = site.post("business-units", {"name": "Quality"}).json["id"]
    vendor = site.post("vendors", {"name": "Acme"}).json["id"]
    references = {
        "status": site.get("statuses?limit=1").json["items"][0]["id"],
        "location": site.post("locations", {"name": "Building A"}).json["id"],
        "vendor": vendor,
        "model": site.post("models", {"name": "M1", "vendor": vendor}).json["id"],
        "owner": site.post("people", {"name": "Ann", "business_unit": unit}).json["id"],
        "business_unit": unit,
    }
    row = {**extra(site, "assets"), **references, "name": "Mill", "serial_number": "S-1", "asset_tag": "T-1"}
    with counted(site) as created:
        answer = site.post("assets", row)
    assert answer.status_code == 201, answer.json
    assert within(created, CREATE)
    with counted(site) as read:
        item = site.get(f"assets/{answer.json['id']}").json
    assert within(read, ITEM)
    assert all(item[key]["id"] == references[key] for key in FULL_ASSET)
