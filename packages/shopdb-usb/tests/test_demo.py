"""The sample media, on a site with people and on one without."""

from collections import Counter
from collections.abc import Callable

from shopdb.testing import SiteUnderTest
from shopdb_usb.demo import DEMO, STICKS


def seed(site: SiteUnderTest) -> Counter[str]:
    assert DEMO.seed is not None
    DEMO.seed(site.runtime.context_of("usb"))
    return Counter(each["custody"] for each in site.get("usb/devices").json["items"])


def test_the_sample_shows_every_way_in_which_a_device_can_stand(
    shopdb_site: Callable[..., SiteUnderTest],
) -> None:
    site = shopdb_site("usb")
    for name in ("Ada", "Grace", "Edsger"):
        site.post("people", {"name": name})
    assert seed(site) == {"in": 2, "out": 3, "lost": 1, "quarantined": 1, "destroyed": 1}


def test_the_sample_stands_without_people(shopdb_site: Callable[..., SiteUnderTest]) -> None:
    assert seed(shopdb_site("usb")).total() == len(STICKS)
