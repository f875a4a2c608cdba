"""The pages for everyone: on a phone, in the dark, by touch, to a screen reader."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PATHS = (
    "/",
    "/assets",
    "/assets?q=none-of-these",
    "/assets/{lathe}",
    "/assets/{lathe}/edit",
    "/assets/{lathe}/history",
    "/assets/{lathe}/delete",
    "/assets/new",
    "/assets/sheet",
    "/printers",
    "/printers/{printer}",
    "/usb/devices",
    "/plugins",
    "/plugins/printers",
    "/account",
    "/nothing-here",
)


@pytest.mark.parametrize("path", PATHS)
def test_no_page_scrolls_sideways_on_a_phone(open_page: Any, lathe: int, printer: int, path: str) -> None:
    page = open_page(width=390)
    page.goto(path.format(lathe=lathe, printer=printer))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_no_serious_violation(
    open_page: Any, lathe: int, printer: int, path: str, dark: bool
) -> None:
    page = open_page(dark=dark)
    page.goto(path.format(lathe=lathe, printer=printer))
    assert _serious(page) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_serious_violation_at_the_door(open_page: Any, dark: bool) -> None:
    page = open_page(known=False, dark=dark)
    page.goto("/sign-in")
    assert _serious(page) == []


def test_axe_finds_no_serious_violation_on_a_phone_with_the_navigation_open(
    open_page: Any, lathe: int
) -> None:
    page = open_page(width=390)
    page.goto("/assets")
    page.get_by_label("Navigation").click()
    expect(page.get_by_role("link", name="Locations")).to_be_visible()
    assert _serious(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Locations")).to_be_hidden()


def test_targets_are_large_enough_for_gloves_on_touch(open_page: Any, lathe: int) -> None:
    page = open_page(width=390)
    page.goto("/assets")
    small = page.evaluate(
        """() => [...document.querySelectorAll("main .btn, .icon-button, main summary, main input:not([type=hidden])")]
          .filter((e) => e.offsetParent && !e.matches(".tick-box, .visually-hidden"))
          .filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert small == []


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary'][:200]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]
