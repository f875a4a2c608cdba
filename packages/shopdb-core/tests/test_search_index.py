"""The search index, on every engine: kept by the one way in, the same results everywhere, rebuilt and compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, update

from shopdb.errors import InvalidError, NotFoundError
from shopdb.models import Asset, SearchEntry, SearchRule, search_parts
from shopdb.resources.bulk import BulkError, apply_bulk
from shopdb.resources.history import revert_item
from shopdb.search import lookup
from shopdb.search.entry import STEP, make_body, mark, parts_of, ranges_of
from shopdb.search.folding import compact, fold
from shopdb.search.needle import make_needles
from shopdb.search.rebuild import find_differences, rebuild, refresh
from shopdb.search.term import SearchTerm
from shopdb.services import create_item, delete_item, update_item
from shopdb.testing import ENGINES, SiteUnderTest


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest, shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site(engine=request.param)


@pytest.fixture
def lite(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site()


class Keeper:
    """Writes and searches of one site."""

    def __init__(self, site: SiteUnderTest):
        self.site = site
        self.database = site.runtime.database
        self.registry = site.runtime.registry
        with self.database.read() as session:
            types = self.registry.get("asset-types").table
            self.type_id = session.execute(select(types.c.id).where(types.c.slug == "tool")).scalar_one()

    def add(self, resource: str = "assets", /, **values: Any) -> int:
        if resource == "assets":
            values.setdefault("asset_type", self.type_id)
        with self.database.write() as session:
            return int(create_item(session, resource, values, actor=self.site.actor)["id"])

    def change(self, item_id: int, resource: str = "assets", /, **values: Any) -> None:
        with self.database.write() as session:
            update_item(session, resource, item_id, values, actor=self.site.actor)

    def find(self, text: str, sight: lookup.Sight | None = None) -> list[tuple[str, int]]:
        wanted = sight or lookup.Sight(
            resources=frozenset(c.name for c in self.registry if c.name != "assets"), assets=True
        )
        with self.database.read() as session:
            found = lookup.find_entries(
                session.connection(), make_needles(SearchTerm.read(text)), wanted, limit=100
            )
        return [(each.resource, each.item_id) for each in found]

    def ids(self, text: str) -> list[int]:
        return [id_ for name, id_ in self.find(text) if name == "assets"]

    def is_true(self) -> bool:
        with self.database.read() as session:
            assert find_differences(session, self.registry) == []
        return True


@pytest.fixture
def keeper(site: SiteUnderTest) -> Keeper:
    return Keeper(site)


@pytest.mark.parametrize(
    ("values", "typed"),
    [
        ({"name": "Mary Johnson"}, ["ohnso", "JOHNSON", "mary john", "johnson mary", "ma", "j"]),
        ({"name": "Zeynep Yıldız Straße"}, ["Yildiz", "YILDIZ", "strasse", "eynep ıldı"]),
        ({"asset_tag": "PRT-0042"}, ["prt-0042", "PRT 0042", "prt0042", "prt42", "PRT-42", "0042", "rt-004"]),
        ({"serial_number": "SN 00-42/A"}, ["sn0042a", "SN-0042-A", "0042a", "00-42"]),
        (
            {"serial_number": "AA-BB-CC-DD-EE-0F"},
            ["aa:bb:cc:dd:ee:0f", "aabb.ccdd.ee0f", "aabbccddee0f", "dd:ee:0f", "DD-EE-0F", "ccddee"],
        ),
        ({"name": "10.1.2.3"}, ["10.1.2.3", "010.001.002.003", "10.1.0.0/16", "10.1.2.0/23", "10.1.2", "::ffff:10.1.2.3"]),
        ({"name": "2001:DB8:0:0::1"}, ["2001:db8::1", "2001:0db8:0000::0001", "2001:db8::/32", "2001:db8::/30"]),
        ({"name": "Kingston 0951 1666"}, ["0951:1666", r"USB\VID_0951&PID_1666", "ID 0951:1666"]),
        ({"name": "100 % cotton_1"}, ["100 %", "cotton_1", "%"]),
    ],
)  # fmt: skip
def test_an_item_is_found_however_it_is_typed(
    keeper: Keeper, values: dict[str, str], typed: list[str]
) -> None:
    other = keeper.add(name="Something else", asset_tag="ZZ-9", serial_number="QQQ")
    item = keeper.add(**values)
    for text in typed:
        assert keeper.ids(text) == [item], text
    assert other not in keeper.ids(typed[0])


@pytest.mark.parametrize("typed", ["hn", "johnson peter", "prt-0043", "10.2.0.0/16", "cottonx1"])
def test_what_does_not_match_is_not_found(keeper: Keeper, typed: str) -> None:
    keeper.add(name="Mary Johnson 10.1.2.3 cotton_1", asset_tag="PRT-0042")
    assert keeper.ids(typed) == []


def test_what_was_asked_for_stands_first_and_the_order_is_the_same_everywhere(keeper: Keeper) -> None:
    rest = keeper.add(name="Spare for PRT-7", asset_tag="A-1")
    begins = keeper.add(name="prt-7 spare", asset_tag="A-2")
    exact = keeper.add(name="Zebra", asset_tag="PRT-07")
    names = ["Émile", "emil", "Zoë", "Ömer", "zebra 2", "100", "ähnlich"]
    assert keeper.ids("prt-7") == [exact, begins, rest]
    made = {keeper.add(name=f"{name} group"): name for name in names}
    assert [made[id_] for id_ in keeper.ids("group")] == [
        "100",
        "ähnlich",
        "emil",
        "Émile",
        "Ömer",
        "zebra 2",
        "Zoë",
    ]


def test_a_change_is_found_at_once_and_what_was_rolled_back_never(keeper: Keeper) -> None:
    item = keeper.add(name="Drilling machine", custom_fields={})
    keeper.change(item, name="Milling centre")
    assert (keeper.ids("drilling"), keeper.ids("milling")) == ([], [item])
    with pytest.raises(RuntimeError, match="no"), keeper.database.write() as session:
        values = {"name": "Phantom", "asset_type": keeper.type_id}
        create_item(session, "assets", values, actor=keeper.site.actor)
        update_item(session, "assets", item, {"name": "Phantom too"}, actor=keeper.site.actor)
        raise RuntimeError("no")
    assert (keeper.ids("phantom"), keeper.ids("milling")) == ([], [item])
    assert keeper.is_true()


def test_a_change_of_no_searched_word_asks_the_index_nothing(keeper: Keeper) -> None:
    item = keeper.add(name="Drill")
    asked: list[str] = []
    engine = keeper.database.engine
    listen = lambda connection, cursor, statement, *rest: asked.append(statement)  # removed below by name
    event.listen(engine, "before_cursor_execute", listen)
    keeper.change(item, notes="Oiled on Monday")
    told, asked[:] = [each for each in asked if "search_" in each], []
    keeper.change(item, name="Drill press")
    event.remove(engine, "before_cursor_execute", listen)
    assert told == []
    assert any("search_parts" in each for each in asked)
    assert keeper.ids("press") == [item]


def test_bulk_import_revert_and_delete_keep_the_index_true(keeper: Keeper) -> None:
    actor = keeper.site.actor
    one, two = keeper.add(name="Lathe one"), keeper.add(name="Lathe two")
    body = {
        "create": [{"name": "Lathe three", "asset_type": keeper.type_id}],
        "update": [{"id": one, "version": 1, "name": "Press one"}],
        "delete": [two],
    }
    with keeper.database.write() as session:
        (three,) = apply_bulk(session, "assets", body, actor=actor)["created"]
    assert (keeper.ids("lathe"), keeper.ids("press")) == ([three["id"]], [one])
    with pytest.raises(BulkError), keeper.database.write() as session:
        apply_bulk(session, "assets", {"create": [body["create"][0], {"name": 5}]}, actor=actor)
    assert keeper.ids("lathe") == [three["id"]]
    with keeper.database.write() as session:
        revert_item(session, "assets", one, 1, actor=actor)
    assert (keeper.ids("lathe one"), keeper.ids("press")) == ([one], [])
    sheet = "asset_tag,name,asset_type\nIMP-1,Imported grinder,tool\n"
    answer = keeper.site.call("POST", "assets/import", data=sheet, content_type="text/csv")
    assert answer.status_code == 200, answer.json
    assert len(keeper.ids("mported")) == 1
    with keeper.database.write() as session:
        delete_item(session, "assets", one, actor=actor)
    assert keeper.ids("lathe one") == []
    assert keeper.is_true()


def test_entries_die_with_their_assets_whoever_deletes_them(keeper: Keeper) -> None:
    item = keeper.add(name="Doomed")
    with keeper.database.write() as session:
        session.execute(delete(Asset).where(Asset.id == item))
    with keeper.database.read() as session:
        left = select(func.count()).select_from(SearchEntry).where(SearchEntry.asset_id == item)
        assert session.execute(left).scalar() == 0
        orphans = search_parts.c.entry_id.not_in(select(SearchEntry.id))
        assert session.execute(select(func.count()).select_from(search_parts).where(orphans)).scalar() == 0


def test_other_resources_are_found_and_forgotten(keeper: Keeper) -> None:
    person = keeper.add("people", name="Ann Onymous", email="ann@example.com")
    assert keeper.find("onymous") == [("people", person)]
    assert keeper.find("ann@exam") == [("people", person)]
    with keeper.database.write() as session:
        delete_item(session, "people", person, actor=keeper.site.actor)
    assert keeper.find("onymous") == []


def test_places_are_found_by_the_path_that_they_have_now(keeper: Keeper) -> None:
    hall = keeper.add("locations", name="Hall one")
    cell = keeper.add("locations", name="Cell", parent=hall)
    bench = keeper.add("locations", name="Bench", parent=cell)
    assert set(keeper.find("hall one")) == {("locations", hall), ("locations", cell), ("locations", bench)}
    keeper.change(hall, "locations", name="North wing")
    assert set(keeper.find("north bench")) == {("locations", bench)}
    assert keeper.find("hall one") == []
    assert keeper.is_true()


def test_tags_and_custom_texts_find_their_assets(keeper: Keeper) -> None:
    keeper.add("custom-fields", name="cost_centre", title="Cost centre", kind="text")
    tag = keeper.add("tags", name="To be scrapped")
    tagged = keeper.add(name="Old press", tags=[tag])
    custom = keeper.add(name="New press", custom_fields={"cost_centre": "Körperschall 4711"})
    assert keeper.ids("scrapped") == [tagged]
    assert keeper.ids("old crapp") == [tagged]
    assert keeper.ids("new scrapped") == []
    assert keeper.ids("korperschall press") == [custom]
    keeper.change(tag, "tags", name="Kept")
    assert (keeper.ids("scrapped"), keeper.ids("kept press")) == ([], [tagged])
    keeper.change(tagged, tags=[])
    assert keeper.ids("kept") == []


def test_common_words_are_found_as_rare_ones_are(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        keeper.add(name=f"Yıldız press {number}", asset_tag=f"P-{number:03d}")
    texts = ["yildiz", "press 1", "p-00", "ress p", "p", "10.0.0.0/9", "ldiz 11", "--", "ıldız"]
    by_index = [keeper.find(text) for text in texts]
    monkeypatch.setattr(lookup, "FEW", -1)
    assert [keeper.find(text) for text in texts] == by_index
    monkeypatch.setattr(lookup, "MANY", -1)
    assert [keeper.find(text) for text in texts] == by_index
    assert [len(found) for found in by_index] == [12, 3, 10, 12, 13, 0, 1, 0, 12]


@pytest.mark.parametrize("few", [lookup.FEW, -1])
def test_two_common_words_that_few_have_together_find_those_few(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    for number in range(6):
        keeper.add(name=f"Press {number}")
        keeper.add(name=f"Lathe {number}")
    both = keeper.add(name="Lathe beside the press")
    monkeypatch.setattr(lookup, "FEW", few if few < 0 else 3)
    assert keeper.ids("press lathe") == [both]
    assert keeper.ids("ress ath") == [both]
    assert keeper.ids("press drum") == []


@pytest.mark.parametrize("few", [lookup.FEW, -1])
def test_the_order_is_the_same_along_the_titles(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(lookup, "FEW", few)
    behind = keeper.add(name="Zone of PRT-7", asset_tag="A-0")
    before = keeper.add(name="A spare for PRT-7", asset_tag="A-1")
    begins = keeper.add(name="prt-7 spare", asset_tag="A-2")
    exact = keeper.add(name="Zebra", asset_tag="PRT-07")
    printer_like = keeper.add(name="PRT-7", asset_tag="PRT-70")
    assert keeper.ids("prt-7") == [exact, printer_like, begins, before, behind]


@pytest.mark.parametrize("few", [lookup.FEW, -1])
def test_pages_follow_each_other_without_gap_or_double(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(lookup, "FEW", few)
    made = {keeper.add(name=f"Drum {number % 3}", asset_tag=f"D-{number}") for number in range(7)}
    made.add(keeper.add(name="Ash drum", asset_tag="D-7"))
    made.add(keeper.add(name="Zinc drum", asset_tag="DRUM"))
    needles, sight = make_needles(SearchTerm.read("drum")), lookup.Sight(assets=True)
    seen: list[int] = []
    after = None
    with keeper.database.read() as session:
        while found := lookup.find_entries(session.connection(), needles, sight, limit=2, after=after):
            seen += [each.item_id for each in found]
            after = found[-1].place
    assert len(seen) == len(made)
    assert set(seen) == made


def test_an_index_that_was_lost_is_told_and_built_anew(keeper: Keeper) -> None:
    one, two, three = (keeper.add(name=f"Robot {number}") for number in range(3))
    with keeper.database.write() as session:
        connection = session.connection()
        connection.execute(
            delete(SearchEntry).where(SearchEntry.item_id == one, SearchEntry.resource == "assets")
        )
        connection.execute(update(Asset).where(Asset.id == two).values(name="Painter"))
        connection.execute(
            update(SearchEntry)
            .where(SearchEntry.item_id == three, SearchEntry.resource == "people")
            .values(item_id=9)
        )
        connection.execute(
            SearchEntry.__table__.insert().values(
                resource="people", plugin="core", item_id=4711, title="x", body=" x ", own_body=""
            )
        )
    with keeper.database.read() as session:
        told = {each.resource: each for each in find_differences(session, keeper.registry)}
    assert (told["assets"].missing, told["assets"].stale, told["people"].dangling) == (1, 1, 1)
    assert "1 missing, 1 out of date. Run: shopdb db reindex" in told["assets"].message
    assert rebuild(keeper.database, keeper.registry)["assets"] == 3
    assert keeper.is_true()
    assert keeper.ids("painter") == [two]


def test_other_rules_index_a_resource_anew_and_nothing_else(keeper: Keeper) -> None:
    keeper.add(name="Saw")
    refresh(keeper.database, keeper.registry)
    assert refresh(keeper.database, keeper.registry) == {}
    with keeper.database.write() as session:
        session.execute(update(SearchRule).where(SearchRule.resource == "assets").values(rule="old"))
    assert refresh(keeper.database, keeper.registry) == {"assets": 1}


def test_an_item_that_is_gone_is_no_error_to_the_index(keeper: Keeper) -> None:
    with pytest.raises(NotFoundError), keeper.database.write() as session:
        delete_item(session, "assets", 4711, actor=keeper.site.actor)


WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(st.lists(WORDS, max_size=4), st.data())
def test_whatever_a_body_holds_its_parts_lead_to(values: list[str], data: st.DataObject) -> None:
    body = make_body((value, True) for value in values)
    words = [word for word in body.split() if word.startswith("=") is False]
    if not words:
        return
    word = data.draw(st.sampled_from(words))
    begin = data.draw(st.integers(0, len(word) - 1))
    part = word[begin : data.draw(st.integers(begin + 1, len(word)))]
    needle = f" {part}" if begin == 0 and data.draw(st.booleans()) else part
    assert needle in body
    ranges = ranges_of(needle)
    kept = parts_of(body)
    assert not ranges or any(each.startswith(tuple(ranges)) for each in kept)
    assert len(compact(part)) <= STEP or ranges


@given(WORDS)
def test_an_identifier_is_found_by_itself_and_by_its_compact_form(value: str) -> None:
    body = make_body([(value, True)])
    for text in (value, compact(value)):
        try:
            term = SearchTerm.read(text)
        except InvalidError:
            continue
        needles = make_needles(term)
        assert any(all(any(n in body for n in group) for group in way) for way in needles.ways), (
            body,
            needles,
        )


def test_no_part_of_a_word_is_found_in_a_mark() -> None:
    assert mark("prt0042") == mark("prt42")
    assert fold(mark("prt0042")) != mark("prt0042")
    assert mark("prt42") in make_body([("PRT-0042", True)]).split()
