"""Text as printers send it."""

import pytest

from shopdb_printers.text import read_name, read_text


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"Black Toner", "Black Toner"),
        (b"Black Toner\0", "Black Toner"),
        (b"Black Toner\0\x12\xff rest", "Black Toner"),
        (b"\0\0Tray 1", "Tray 1"),
        (b"Cartouche\r\nnoire\t ", "Cartouche noire"),
        ("Tonerkassette, schwarz – groß".encode(), "Tonerkassette, schwarz – groß"),
        ("Résiduel".encode("latin-1"), "Résiduel"),
        (b"\x8fodd \x9d", "odd"),
        ("Toner".encode("utf-16-le"), "Toner"),
        ("Toner".encode("utf-16-be"), "Toner"),
        ("トナー".encode(), "トナー"),
        (b"\x01\x15VNCRC48198", "VNCRC48198"),
        (b"", None),
        (b"\0\0\0", None),
        (b" \r\n", None),
        (None, None),
        (7, "7"),
        (b"x" * 300, "x" * 255),
    ],
)
def test_one_clean_line_is_left(sent: int | bytes | None, read: str | None) -> None:
    assert read_text(sent) == read


@pytest.mark.parametrize(
    "sent",
    [b"0", b"0000000000", b"XXXXXXXX", b"N/A", b"unknown", b"<private>", b"???", b"---", b"not available"],
)
def test_what_stands_for_nothing_is_no_name(sent: bytes) -> None:
    assert read_name(sent) is None


def test_a_serial_number_that_begins_with_zeros_is_one() -> None:
    assert read_name(b"000A5J431816") == "000A5J431816"
