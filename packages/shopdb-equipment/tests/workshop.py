"""What the plugin's tests stand on: a site with it, and quick ways to fill it."""

from datetime import datetime, timedelta
from typing import Any

from shopdb.plugins import Actor, now
from shopdb.testing import SiteUnderTest

ACTOR = Actor(name="tester", source="cli")


def machine(site: SiteUnderTest, **values: Any) -> Any:
    """A new machine."""
    answer = site.post("equipment", {"name": "Mill 1", **values})
    assert answer.status_code == 201, answer.text
    return answer.json


def order(site: SiteUnderTest, equipment: int, **values: Any) -> Any:
    """A new work order."""
    body = {"equipment": equipment, "title": "Coolant pump leaks", "kind": "breakdown", **values}
    answer = site.post("equipment/work-orders", body)
    assert answer.status_code == 201, answer.text
    return answer.json


def changed(site: SiteUnderTest, path: str, **values: Any) -> Any:
    """The item after a change."""
    answer = site.patch(path, values)
    assert answer.status_code == 200, answer.text
    return answer.json


def told(moment: datetime) -> str:
    """A moment as the API takes it."""
    return moment.isoformat()


def ago(**span: float) -> str:
    """A moment in the past, as the API takes it."""
    return told(now() - timedelta(**span))


def day_ago(days: int) -> str:
    """A day in the past."""
    return (now() - timedelta(days=days)).date().isoformat()


def day_ahead(days: int) -> str:
    """A day to come."""
    return day_ago(-days)
