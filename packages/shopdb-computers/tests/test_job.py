"""The ends of support follow the table of the newest release."""

from collections.abc import Callable
from datetime import date

import pytest

from shopdb.testing import SiteUnderTest
from shopdb_computers import job


def test_dates_from_the_table_are_renewed_and_typed_ones_stay(
    shopdb_site: Callable[..., SiteUnderTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = shopdb_site("computers")
    for name, values in (("Table", {}), ("Typed", {"os_support_ends": "2030-01-01"})):
        site.post("computers", {"name": name, "os_name": "Windows 7", **values})
    site.post("computers", {"name": "Unknown", "os_name": "VxWorks"})
    context = site.runtime.context_of("computers")
    assert job.renew_support(context) == 0
    for module in ("job", "standing"):
        monkeypatch.setattr(f"shopdb_computers.{module}.find_support_end", lambda *args: date(2027, 1, 2))
    assert job.renew_support(context) == 2
    told = {each["name"]: each for each in site.get("computers").json["items"]}
    assert [
        (told[n]["os_support_ends"], told[n]["os_support_source"]) for n in ("Table", "Typed", "Unknown")
    ] == [
        ("2027-01-02", "table"),
        ("2030-01-01", "typed"),
        ("2027-01-02", "table"),
    ]
    assert (
        site.get(f"computers/{told['Table']['id']}/history").json["items"][0]["actor"] == "computers.support"
    )
