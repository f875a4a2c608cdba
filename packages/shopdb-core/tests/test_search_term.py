"""What people type, and what it is read as."""

from __future__ import annotations

import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdb.errors import InvalidError
from shopdb.search.folding import compact, fold, split_words
from shopdb.search.identifier import read_address, read_mac, read_prefix, read_usb_id
from shopdb.search.term import LONGEST_TERM, SearchTerm

MACS = st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex())
NOTATIONS = {
    "aa:bb": lambda h: ":".join(h[i : i + 2] for i in range(0, 12, 2)),
    "AA-BB": lambda h: "-".join(h[i : i + 2] for i in range(0, 12, 2)).upper(),
    "aa bb": lambda h: " ".join(h[i : i + 2] for i in range(0, 12, 2)),
    "aabb.ccdd": lambda h: ".".join(h[i : i + 4] for i in range(0, 12, 4)),
    "aabb-ccdd": lambda h: "-".join(h[i : i + 4] for i in range(0, 12, 4)),
    "aabbcc-ddeeff": lambda h: f"{h[:6]}-{h[6:]}",
    "aabbcc": lambda h: h,
    "a:b": lambda h: ":".join(f"{int(h[i : i + 2], 16):x}" for i in range(0, 12, 2)),
}


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("Yıldız", "yildiz"),
        ("İSTANBUL", "istanbul"),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("Ångström", "angstrom"),
        ("ﬁle", "FILE"),
        ("Ｗｉｄｅ", "wide"),
        ("São", "sao"),
    ],
)
def test_case_and_accents_do_not_matter(typed: str, same: str) -> None:
    assert fold(typed) == fold(same)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_how_a_letter_is_composed_does_not_matter(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_ascii_is_folded_as_the_rest_would_be(text: str) -> None:
    assert fold(text + "é") == fold(text) + "e"


@given(st.text())
def test_the_compact_form_of_a_part_is_a_part_of_the_compact_form(text: str) -> None:
    whole = fold(text)
    assert compact(whole[1:-1]) in compact(whole)


@given(st.text())
def test_words_have_no_space_and_stand_once(text: str) -> None:
    words = split_words(text)
    assert len(set(words)) == len(words)
    assert all(word and word.split() == [word] for word in words)


@given(MACS, st.sampled_from(sorted(NOTATIONS)))
def test_a_mac_is_read_in_any_notation(digits: str, notation: str) -> None:
    assert read_mac(NOTATIONS[notation](digits)) == NOTATIONS["aa:bb"](digits)


@pytest.mark.parametrize(
    ("typed", "mac"),
    [
        ("dd:ee:ff", "dd:ee:ff"),
        (":DD:EE:FF", "dd:ee:ff"),
        ("ddeeff", "dd:ee:ff"),
        ("aabb.cc", "aa:bb:cc"),
        ("aa:bb:c", "aa:bb:c"),
        ("aabb.ccdd.e", "aa:bb:cc:dd:e"),
        ("00-1b-", "00:1b"),
        ("ee:ff", "ee:ff"),
        ("beef", None),
        ("10.1.2.3", None),
        ("aa:bb:cc:dd:ee:ff:00", None),
        ("aa:bb-cc", None),
        ("12345678901234", None),
        ("printer", None),
        ("fe80::1", None),
    ],
)
def test_a_part_of_a_mac_is_read_and_other_things_are_not(typed: str, mac: str | None) -> None:
    assert read_mac(typed) == mac


@given(st.ip_addresses())
def test_an_address_is_read_in_its_spellings(address: IPv4Address | IPv6Address) -> None:
    canonical = getattr(address, "ipv4_mapped", None) or address
    for text in (str(address), address.exploded, address.exploded.upper(), f"[{address}]", f" {address} "):
        assert read_address(text) == canonical


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("010.001.002.003", "10.1.2.3"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
    ],
)
def test_odd_spellings_of_addresses_are_read(typed: str, address: str) -> None:
    assert read_address(typed) == ip_address(address)


@pytest.mark.parametrize("typed", ["10.1.2", "10.1.2.256", "4711", "", "10.1.2.3.4", "x", "\x00"])
def test_what_is_no_address_is_none(typed: str) -> None:
    assert read_address(typed) is None


@pytest.mark.parametrize(
    ("typed", "prefix"),
    [
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("10.1.2.3/24", "10.1.2.0/24"),
        ("10.1.2.0 255.255.255.0", "10.1.2.0/24"),
        ("2001:db8::1/64", "2001:db8::/64"),
    ],
)
def test_a_prefix_is_read(typed: str, prefix: str) -> None:
    assert read_prefix(typed) == ip_network(prefix)


@pytest.mark.parametrize("typed", ["10.1.2.3", "10.1.2.0/33", "a/b", "10.1.0.0/", "/16"])
def test_what_is_no_prefix_is_none(typed: str) -> None:
    assert read_prefix(typed) is None


@pytest.mark.parametrize(
    "typed", ["0951:1666", "ID 0951:1666", "0951/1666", r"USB\VID_0951&PID_1666\60A4", "0x0951 0x1666"]
)
def test_a_usb_id_is_read_as_every_tool_writes_it(typed: str) -> None:
    assert read_usb_id(typed) == "0951:1666"


def test_a_term_is_read_in_every_way() -> None:
    term = SearchTerm.read("  00-1B-C5 ")
    assert (term.text, term.words, term.compact) == ("00-1B-C5", ("00-1b-c5",), "001bc5")
    assert (term.mac, term.is_whole_mac, term.address, term.usb_id) == ("00:1b:c5", False, None, None)
    assert SearchTerm.read("00-1B-C5-01-02-03").is_whole_mac


def test_a_term_matches_texts_that_have_all_its_words() -> None:
    term = SearchTerm.read("yildiz kay")
    assert term.matches("Kaya", None, "Zeynep Yıldız")
    assert not term.matches("Zeynep Yıldız")


def test_a_term_is_exact_whatever_the_separators() -> None:
    assert SearchTerm.read("sn 00-42").is_exact(None, "", "SN0042")
    assert not SearchTerm.read("sn 00-42").is_exact("SN00421")


@pytest.mark.parametrize("typed", ["", "  ", "\t\n", "a\x00b", "\ud800", "x" * (LONGEST_TERM + 1), "\u0301"])
def test_what_nobody_can_look_for_is_refused(typed: str) -> None:
    with pytest.raises(InvalidError, match="^q "):
        SearchTerm.read(typed)


@given(st.text(max_size=LONGEST_TERM))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        term = SearchTerm.read(text)
    except InvalidError:
        return
    assert term.words
    assert SearchTerm.read(term.text) == term
