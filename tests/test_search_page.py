"""The page behind the search box."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shopdb.testing import SiteUnderTest


@pytest.fixture
def site(shopdb_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    return shopdb_site("printers", engine="sqlite")


def page_of(site: SiteUnderTest, path: str) -> str:
    answer = site.signed_in().get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:400]
    return answer.get_data(as_text=True)


def test_what_was_found_stands_by_kind_with_counts(site: SiteUnderTest) -> None:
    for number in range(7):
        site.post("printers", {"name": f"Drum {number}"})
    site.post("people", {"name": "Drummond"})
    page = page_of(site, "/search?q=drum")
    assert page.index("Printers <span") < page.index("People <span")
    assert '<span class="quiet num">7</span>' in page
    assert page.count("Show all: Printers") == 1
    assert "Drum 5" not in page
    assert "Drum 6" in page_of(site, "/search?q=drum&type=printers")


def test_an_exact_tag_opens_its_asset_with_a_way_back(site: SiteUnderTest) -> None:
    printer = site.post("printers", {"name": "Press", "asset_tag": "PRT-0042"}).json["id"]
    site.post("printers", {"name": "Spare for PRT-0042"})
    client = site.signed_in()
    answer = client.get("/search?q=prt+0042")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/printers/{printer}?found=prt%200042")
    opened = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "/search?q=prt+0042&amp;all=1" in opened
    assert "Spare for PRT-0042" in page_of(site, "/search?q=prt+0042&all=1")


def test_nothing_found_says_where_it_was_looked_for(site: SiteUnderTest) -> None:
    page = page_of(site, "/search?q=zzzz")
    assert "Nothing found for “zzzz”" in page
    assert "Printers" in page.partition("Looked through:")[2]
    assert "What are you looking for?" in page_of(site, "/search")
    assert "has 201 characters" in page_of(site, f"/search?q={'x' * 201}")


def test_titles_and_terms_are_text_and_never_markup(site: SiteUnderTest) -> None:
    site.post("printers", {"name": "<script>alert(1)</script> drum"})
    page = page_of(site, "/search?q=%3Cscript%3Ealert(1)")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; drum" in page
    printer = site.get("printers").json["items"][0]["id"]
    assert "<script>alert" not in page_of(site, f"/printers/{printer}?found=%3Cscript%3Ealert(1)")


def test_suggestions_are_options_and_text(site: SiteUnderTest) -> None:
    printer = site.post("printers", {"name": "<b>Drum"}).json["id"]
    options = page_of(site, "/search/suggest?q=rum")
    assert f'href="/printers/{printer}"' in options
    assert "&lt;b&gt;Drum" in options
    assert page_of(site, "/search/suggest?q=") == ""


def test_it_takes_signing_in(site: SiteUnderTest) -> None:
    answer = site.client().get("/search?q=a")
    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]
