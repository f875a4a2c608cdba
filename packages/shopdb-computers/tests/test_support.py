"""The table of ends of support, asked as people and agents write operating systems."""

from datetime import date

import pytest

from shopdb_computers.support import find_support_end


@pytest.mark.parametrize(
    ("name", "version", "edition", "end"),
    [
        ("Windows XP", None, "Professional", "2014-04-08"),
        ("Microsoft Windows XP Embedded", "SP3", None, "2016-01-12"),
        ("Windows Embedded POSReady 2009", None, None, "2019-04-09"),
        ("Windows 7", "6.1.7601", "Professional", "2020-01-14"),
        ("Windows Embedded Standard 7", None, None, "2020-10-13"),
        ("windows 8.1", None, "Pro", "2023-01-10"),
        ("Windows 8", None, None, "2016-01-12"),
        ("Windows Embedded 8.1 Industry", None, None, "2023-07-11"),
        ("Windows 10", None, None, "2025-10-14"),
        ("Windows 10", "22H2", "Pro", "2025-10-14"),
        ("Microsoft Windows 10 Pro", "10.0.17763", None, "2020-11-10"),
        ("Microsoft Windows 10 Enterprise", "1809", None, "2021-05-11"),
        ("Windows 10", "1809", "Enterprise LTSC", "2029-01-09"),
        ("Windows 10", None, "Enterprise LTSB 2016", "2026-10-13"),
        ("Windows 10", "21H2", "Enterprise LTSC", "2027-01-12"),
        ("Microsoft Windows 10 IoT Enterprise LTSC", "10.0.19044", None, "2032-01-13"),
        ("Windows 10", None, "IoT Enterprise LTSC 2021", "2032-01-13"),
        ("Windows 11", "24H2", "Pro", "2026-10-13"),
        ("Windows 11", "24H2", "Education", "2027-10-12"),
        ("Windows 11", "10.0.26100", "IoT Enterprise LTSC 2024", "2034-10-10"),
        ("Windows 11", None, None, None),
        ("Windows 10", None, "Enterprise LTSC", None),
        ("Windows Server 2008 R2", None, "Standard", "2020-01-14"),
        ("Microsoft Windows Server 2019 Datacenter", "1809", None, "2029-01-09"),
        ("Windows Server 2025", None, None, "2034-11-14"),
        ("Debian", "12.7", None, None),
        ("VxWorks", "7", None, None),
        ("macOS", "10.15", None, None),
        (None, None, None, None),
    ],
)
def test_the_table_knows_when_support_ends(
    name: str | None, version: str | None, edition: str | None, end: str | None
) -> None:
    assert find_support_end(name, version, edition) == (date.fromisoformat(end) if end else None)
