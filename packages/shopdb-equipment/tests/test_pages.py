"""Pages: panels, banners, cards, and what to press."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from workshop import ago, changed, day_ago, machine, order, told

from shopdb.plugins import now
from shopdb.testing import SiteUnderTest
from shopdb_equipment.attention import list_cards
from shopdb_equipment.panel import in_days

LONG = "Five-axis machining centre with pallet changer in hall B (60)"


@pytest.fixture
def site(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site with the plugin and a person."""
    made = shopdb_site("equipment")
    made.post("people", {"name": "Tom Okafor"})
    return made


def page(site: SiteUnderTest, path: str) -> str:
    """A page as the administrator sees it, without its line breaks."""
    answer = site.signed_in().get(path)
    assert answer.status_code == 200
    return re.sub(r"[ \n\t]+", " ", answer.get_data(as_text=True))


def test_a_machine_s_page_says_what_is_due_and_what_to_press(site: SiteUnderTest) -> None:
    mill = machine(site, name=LONG, maintenance_interval_days=30, maintained_on=day_ago(40))["id"]
    made = order(site, mill, title="<b>Spindle</b> howls", assigned_to=1, due_at=ago(days=1))
    site.post(f"equipment/{mill}/read-meter", {"hours": 17_339})
    text = page(site, f"/equipment/{mill}")
    assert "Overdue" in text and "10 days ago" in text and "17\u202f339 h" in text
    assert "&lt;b&gt;Spindle&lt;/b&gt; howls" in text and "<b>Spindle" not in text
    assert f'href="/equipment/work-orders/{made["id"]}/do/finish"' in text
    assert "Report a problem" in text and "Tom Okafor" in text


def test_a_machine_without_intervals_says_how_to_give_some(site: SiteUnderTest) -> None:
    text = page(site, f"/equipment/{machine(site)['id']}")
    assert "neither an interval of maintenance nor one of calibration" in text
    assert "Counters</h2>" not in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"calibration_interval_months": 12}, "It was never calibrated. Don&#39;t measure with it."),
        (
            {"calibrated_on": day_ago(3), "calibration_result": "failed"},
            f"failed its calibration of {day_ago(3)}",
        ),
        ({"calibration_interval_months": 1, "calibrated_on": day_ago(90)}, "Its calibration ended on"),
    ],
)
def test_a_gauge_that_is_out_of_calibration_says_so_at_the_head(
    site: SiteUnderTest, values: dict[str, object], words: str
) -> None:
    gauge = machine(site, kind="gauge", **values)["id"]
    text = page(site, f"/equipment/{gauge}")
    assert "Out of calibration." in text and words in text
    fresh = machine(site, kind="gauge", calibration_interval_months=12, calibrated_on=day_ago(1))["id"]
    assert "Out of calibration" not in page(site, f"/equipment/{fresh}")


def test_a_machine_that_is_down_or_will_be_soon_says_so_until_the_work_is_done(site: SiteUnderTest) -> None:
    mill = machine(site)["id"]
    made = order(site, mill, downtime_from=ago(hours=2))["id"]
    assert "Down." in page(site, f"/equipment/{mill}")
    changed(site, f"equipment/work-orders/{made}", finished_at=ago(minutes=1))
    assert "Down." not in page(site, f"/equipment/{mill}")
    begins = now() + timedelta(hours=3)
    stop = {"downtime_from": told(begins), "downtime_until": told(begins + timedelta(hours=2))}
    order(site, mill, kind="maintenance", title="Way lube", **stop)
    assert f"Will be down from {begins:%Y-%m-%d %H:%M} UTC." in page(site, f"/equipment/{mill}")
    other = machine(site, name="Mill 2")["id"]
    order(site, other, downtime_from=ago(days=-9))
    assert "down from" not in page(site, f"/equipment/{other}").split("<main", 1)[1].split("<h1", 1)[0]


def test_a_person_s_page_lists_the_work_that_is_open_on_them(site: SiteUnderTest) -> None:
    mill = machine(site)["id"]
    order(site, mill, title="Way lube", assigned_to=1)
    order(site, mill, title="Door switch", assigned_to=1, finished_at=ago(hours=1))
    text = page(site, "/people/1")
    assert "Way lube" in text and "Door switch" not in text
    site.post("people", {"name": "Nobody"})
    assert "Open work orders" not in page(site, "/people/2")


def test_the_start_page_leads_to_lists_that_hold_as_many_as_it_counts(site: SiteUnderTest) -> None:
    mill = machine(site, calibration_interval_months=1, calibrated_on=day_ago(90))["id"]
    machine(site, name="Soon", calibration_interval_months=1, calibrated_on=day_ago(25))
    for number in range(12):
        order(site, mill, title=f"B{number}")
    order(site, mill, title="Late", kind="improvement", due_at=ago(days=3))
    order(site, mill, title="Gone", kind="improvement", due_at=ago(days=3), cancelled_because="No")
    with site.runtime.database.read() as session:
        cards = {card.title: card for card in list_cards(session)}
    counts = {title: card.count for title, card in cards.items()}
    assert counts == {"Breakdowns": 12, "Late work orders": 1, "Calibration due": 2}
    for card in cards.values():
        listed = site.get(f"{card.url.removeprefix('/')}&total=true").json
        assert listed["total"] == card.count
    assert len(cards["Breakdowns"].lines) == 10
    text = page(site, "/")
    assert "Breakdowns" in text and "Calibration due" in text


def test_badges_tell_the_status_of_orders_and_the_navigation_knows_whose_page_it_is(
    site: SiteUnderTest,
) -> None:
    made = order(site, machine(site)["id"], priority="urgent", started_at=ago(hours=1))
    for path in ("/equipment/work-orders", f"/equipment/work-orders/{made['id']}"):
        text = page(site, path)
        assert re.search(r'tone-notice">.{0,900}?</svg>In progress', text) and "</svg>Urgent" in text
        current = re.findall(r'<a[^>]*aria-current="(?:page|true)"[^>]*>(.*?)</a>', text)
        assert [re.sub("<.*?>", "", each).strip() for each in current] == ["Work orders"]


def test_finishing_asks_for_a_result_where_there_is_one(site: SiteUnderTest) -> None:
    mill = machine(site)["id"]
    asked = {}
    for kind in ("breakdown", "calibration"):
        made = order(site, mill, kind=kind)["id"]
        text = page(site, f"/equipment/work-orders/{made}/do/finish")
        asked[kind] = set(re.findall(r'name="(result|hours|parts_used|work_done)"', text))
    assert asked == {
        "breakdown": {"hours", "parts_used", "work_done"},
        "calibration": {"result", "work_done"},
    }


def test_a_list_costs_the_same_however_many_there_are(site: SiteUnderTest) -> None:
    from sqlalchemy import event

    for number in range(12):
        made = machine(site, name=f"Mill {number}", maintenance_interval_days=30)["id"]
        order(site, made)
        site.post(f"equipment/{made}/read-meter", {"hours": 100})
    seen: list[str] = []
    event.listen(site.runtime.database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    assert len(site.get("equipment").json["items"]) == 12
    assert len(seen) <= 4
    seen.clear()
    assert len(site.get("equipment/work-orders").json["items"]) == 12
    assert len(seen) <= 4


def test_how_far_off_a_day_is_is_told_in_words() -> None:
    today = now().date()
    told_days = {days: in_days(today + timedelta(days=days), today) for days in (0, 1, 12, -1, -30)}
    assert told_days == {0: "today", 1: "in 1 day", 12: "in 12 days", -1: "1 day ago", -30: "30 days ago"}
    assert in_days(None, today) == ""
