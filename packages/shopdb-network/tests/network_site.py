"""What the tests of network gear ask of a site."""

import io
from collections.abc import Callable
from typing import Any

from shopdb.testing import SiteUnderTest

Add = Callable[..., Any]
"""Adds an item: ``add("vlans", vid=20, name="Machines")`` answers its JSON."""


def names(site: SiteUnderTest, query: str, key: str = "name") -> list[Any]:
    """One field of a collection's first page."""
    answer = site.get(f"network/{query}")
    assert answer.status_code == 200, answer.text
    return [item[key] for item in answer.json["items"]]


def load(site: SiteUnderTest, resource: str, text: str, query: str = "") -> Any:
    """Import a sheet."""
    data = {"file": (io.BytesIO(text.encode()), "sheet.csv")}
    answer = site.call("POST", f"{resource}/import{query}", data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    return answer.json
