"""When the maker stops mending an operating system, as far as a small table knows.

Source: Microsoft product lifecycle, https://learn.microsoft.com/lifecycle/products/: the extended end date of
products with a fixed one, the end of servicing of each release of Windows 10 and 11. Extended security
updates that are paid for are not counted: whoever buys them types the date.
"""

import re
from datetime import date

_FIXED = (
    (r"server\D*2025", date(2034, 11, 14)),
    (r"server\D*2022", date(2031, 10, 14)),
    (r"server\D*2019", date(2029, 1, 9)),
    (r"server\D*2016", date(2027, 1, 12)),
    (r"server\D*2012", date(2023, 10, 10)),
    (r"server\D*2008", date(2020, 1, 14)),
    (r"server\D*2003", date(2015, 7, 14)),
    (r"posready\s*7", date(2021, 10, 12)),
    (r"posready\s*2009", date(2019, 4, 9)),
    (r"embedded\s*standard\s*2009", date(2019, 1, 8)),
    (r"(embedded\s*standard|windows\s*embedded)\s*7", date(2020, 10, 13)),
    (r"embedded\s*8\.1\s*industry", date(2023, 7, 11)),
    (r"embedded\s*8(\s*standard)?(?!\.)", date(2023, 7, 11)),
    (r"xp\b.*\bembedded", date(2016, 1, 12)),
    (r"\bxp\b", date(2014, 4, 8)),
    (r"vista\b", date(2017, 4, 11)),
    (r"windows\s*7\b", date(2020, 1, 14)),
    (r"windows\s*8\.1", date(2023, 1, 10)),
    (r"windows\s*8\b", date(2016, 1, 12)),
    (r"windows\s*2000", date(2010, 7, 13)),
)
"""What the name says -> when support ended; the first that fits counts."""

_RELEASES: dict[str, dict[str, tuple[date, date]]] = {
    "10": {
        "1507": (date(2017, 5, 9), date(2017, 5, 9)),
        "1511": (date(2017, 10, 10), date(2018, 4, 10)),
        "1607": (date(2018, 4, 10), date(2019, 4, 9)),
        "1703": (date(2018, 10, 9), date(2019, 10, 8)),
        "1709": (date(2019, 4, 9), date(2020, 10, 13)),
        "1803": (date(2019, 11, 12), date(2021, 5, 11)),
        "1809": (date(2020, 11, 10), date(2021, 5, 11)),
        "1903": (date(2020, 12, 8), date(2020, 12, 8)),
        "1909": (date(2021, 5, 11), date(2022, 5, 10)),
        "2004": (date(2021, 12, 14), date(2021, 12, 14)),
        "20h2": (date(2022, 5, 10), date(2023, 5, 9)),
        "21h1": (date(2022, 12, 13), date(2022, 12, 13)),
        "21h2": (date(2023, 6, 13), date(2024, 6, 11)),
        "22h2": (date(2025, 10, 14), date(2025, 10, 14)),
    },
    "11": {
        "21h2": (date(2023, 10, 10), date(2024, 10, 8)),
        "22h2": (date(2024, 10, 8), date(2025, 10, 14)),
        "23h2": (date(2025, 11, 11), date(2026, 11, 10)),
        "24h2": (date(2026, 10, 13), date(2027, 10, 12)),
        "25h2": (date(2027, 10, 12), date(2028, 10, 10)),
    },
}
"""Windows 10 and 11: release -> end for Home and Pro, end for Enterprise, Education and IoT Enterprise."""

_LAST_OF_10 = "22h2"

_LONG_TERM: dict[tuple[str, str], tuple[date, date]] = {
    ("10", "1507"): (date(2025, 10, 14), date(2025, 10, 14)),
    ("10", "1607"): (date(2026, 10, 13), date(2026, 10, 13)),
    ("10", "1809"): (date(2029, 1, 9), date(2029, 1, 9)),
    ("10", "21h2"): (date(2027, 1, 12), date(2032, 1, 13)),
    ("11", "24h2"): (date(2029, 10, 9), date(2034, 10, 10)),
}
"""LTSB and LTSC: generation and release -> end for Enterprise, end for IoT Enterprise."""

_LONG_TERM_YEARS = {"2015": "1507", "2016": "1607", "2019": "1809", "2021": "21h2", "2024": "24h2"}

_BUILDS = {
    "10240": "1507",
    "10586": "1511",
    "14393": "1607",
    "15063": "1703",
    "16299": "1709",
    "17134": "1803",
    "17763": "1809",
    "18362": "1903",
    "18363": "1909",
    "19041": "2004",
    "19042": "20h2",
    "19043": "21h1",
    "19044": "21h2",
    "19045": "22h2",
    "22000": "21h2",
    "22621": "22h2",
    "22631": "23h2",
    "26100": "24h2",
    "26200": "25h2",
}
"""Build -> release. Source: https://learn.microsoft.com/windows/release-health/ (Windows 10 and 11 release information)."""


def find_support_end(name: str | None, version: str | None, edition: str | None) -> date | None:
    """The last day on which the maker mends it, or None where the table doesn't tell.

    Args:
        name: As people and agents write it: ``Windows 10``, ``Microsoft Windows 7 Professional``.
        version: A release or a build: ``21H2``, ``10.0.19044``.
        edition: ``Pro``, ``IoT Enterprise LTSC 2021``.
    """
    text = " ".join(part for part in (name, edition, version) if part).lower()
    for pattern, end in _FIXED:
        if re.search(pattern, text):
            return end
    generation = re.search(r"\bwin(?:dows)?\s*(10|11)\b", text)
    return _end_of_release(generation[1], text) if generation else None


def _end_of_release(generation: str, text: str) -> date | None:
    release = _find_release(generation, text)
    if re.search(r"\blts[bc]\b", text):
        ends = _LONG_TERM.get((generation, release or ""))
        return ends and ends["iot" in text]
    if release is None and generation == "10":
        release = _LAST_OF_10
    ends = _RELEASES[generation].get(release or "")
    return ends and ends[any(word in text for word in ("enterprise", "education"))]


def _find_release(generation: str, text: str) -> str | None:
    if re.search(r"\blts[bc]\b", text):
        year = next((year for year in _LONG_TERM_YEARS if re.search(rf"\b{year}\b", text)), None)
        if year is not None:
            return _LONG_TERM_YEARS[year]
    build = next((build for build in _BUILDS if re.search(rf"\b{build}\b", text)), None)
    if build is not None:
        return _BUILDS[build]
    return next((each for each in _RELEASES[generation] if re.search(rf"\b{each}\b", text)), None)
