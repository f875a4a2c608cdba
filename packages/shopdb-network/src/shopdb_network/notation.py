"""How MACs, addresses, prefixes and speeds are written, whatever notation they were given in."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from shopdb.db import KeyForm

IpAddress = IPv4Address | IPv6Address
IpPrefix = IPv4Network | IPv6Network

VID_MIN, VID_MAX = 1, 4094
"""Source: IEEE 802.1Q-2022, table 9-2: 0 tags a priority alone, 4095 is reserved."""
_PART_WIDTHS = {6: 2, 3: 4, 2: 6, 1: 12}
"""Parts of a MAC -> hex digits of each: pairs, Cisco's quads, HP's halves, nothing between."""
_SEPARATOR = re.compile(r"[:.\- ]")
_MAC_DIGITS = re.compile(r"[0-9a-f]{12}")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_DNS_NAME = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")
_SPEED_UNITS = ((10**12, "Tbit/s"), (10**9, "Gbit/s"), (10**6, "Mbit/s"), (10**3, "kbit/s"))


def check_mac(value: str) -> str:
    """A MAC as ``aa:bb:cc:dd:ee:ff``.

    Raises:
        ValueError: it is none.

    >>> check_mac("0090.E81A.2B3C")
    '00:90:e8:1a:2b:3c'
    """
    text = value.strip().lower()
    parts = _SEPARATOR.split(text)
    width = _PART_WIDTHS.get(len(parts), 0)
    if width == 2:  # some write a byte below 16 with one digit
        parts = [part.zfill(width) if part else part for part in parts]
    digits = "".join(parts)
    is_even = len(set(_SEPARATOR.findall(text))) < 2 and all(len(part) == width for part in parts)
    if not is_even or not _MAC_DIGITS.fullmatch(digits):
        raise ValueError(
            f"{_quoted(value)} is not a MAC address: it has twelve hexadecimal digits, as in 00:90:e8:1a:2b:3c."
        )
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def check_address(value: str) -> str:
    """An IP address in its canonical form; IPv4 within IPv6 is IPv4.

    Raises:
        ValueError: it is none, or none that a device can have.

    Source: RFC 5952, section 4 (IPv6); RFC 4291, section 2.5.5.2 (IPv4-mapped).
    """
    return str(read_address(value))


def read_address(value: str) -> IpAddress:
    """As `check_address`, but the address itself."""
    text = value.strip().removeprefix("[").removesuffix("]")
    alone = re.split("[/%]", text)[0]
    try:
        address = ip_address(alone)
    except ValueError:
        raise ValueError(
            f"{_quoted(value)} is not an IP address: write it as 10.20.0.17 or 2001:db8::17."
        ) from None
    if alone != text:
        extra = "a prefix length" if "/" in text else "a zone"
        raise ValueError(f"{_quoted(value)} has {extra}: give the address alone, {address}.")
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_unspecified or address.is_multicast or address == IPv4Address("255.255.255.255"):
        raise ValueError(f"{_quoted(value)} is the address of no single device.")
    return address


def check_prefix(value: str) -> str:
    """A prefix in its canonical form, ``10.20.0.0/24``; a mask is taken for its length.

    Raises:
        ValueError: it is none, has bits set behind its length, or a zone; names the network that was meant.

    Source: RFC 4632, section 3.1; RFC 4291, section 2.3; RFC 4007, section 11.2 (zones).
    """
    network = read_prefix(value)
    text, zone, _ = str(network).partition("%")
    if zone:
        raise ValueError(
            f"{_quoted(value)} has a zone, which only one device knows: give it alone, {text}/{network.prefixlen}."
        )
    return text


def read_prefix(value: str) -> IpPrefix:
    """As `check_prefix`, but the network itself."""
    text = value.strip()
    first, slash, _ = text.partition("/")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{_quoted(value)} is not a prefix: write it as 10.20.0.0/24 or 2001:db8:20::/64."
        ) from None
    if not slash:
        raise ValueError(f"{_quoted(value)} has no length: write {first}/24, or {network} for it alone.")
    if ip_address(first) != network.network_address:
        raise ValueError(f"{_quoted(value)} has bits set behind its length: the network is {network}.")
    return network


def check_dns_name(value: str) -> str:
    """A DNS name in lower case, without the point at its end.

    Raises:
        ValueError: it is none.

    Source: RFC 1035, section 2.3.1 and 2.3.4; underscores as in RFC 8552.
    """
    name = value.strip().rstrip(".").lower()
    try:
        ascii_name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        ascii_name = ""
    if not _DNS_NAME.fullmatch(ascii_name) or len(ascii_name) > 253:
        raise ValueError(f"{_quoted(value)} is not a DNS name: write it as plc-7.plant.example.")
    return name


def key_of_address(address: IpAddress) -> str:
    """A text of one width for every address; IPv4 comes before IPv6."""
    return f"{address.version}{int(address):032x}"


def key_of_prefix(network: IpPrefix) -> str:
    """A text of one width for every prefix; what contains another comes before it."""
    return f"{key_of_address(network.network_address)}{network.prefixlen:03d}"


def keys_of_containers(network: IpPrefix) -> list[str]:
    """The keys of every prefix that could contain this one, the smallest last: it itself is left out."""
    return [key_of_prefix(network.supernet(new_prefix=length)) for length in range(network.prefixlen)]


def span_of_addresses(network: IpPrefix) -> tuple[str, str]:
    """The keys of a prefix's first and last address."""
    return key_of_address(network.network_address), key_of_address(network.broadcast_address)


def span_of_prefixes(network: IpPrefix) -> tuple[str, str]:
    """The keys of the first and last prefix that lie within one, itself among them."""
    return key_of_prefix(network), f"{key_of_address(network.broadcast_address)}{network.max_prefixlen:03d}"


def host_prefix(address: IpAddress) -> IpPrefix:
    """The prefix that holds an address alone."""
    return ip_network(address)


def _read_span(text: str) -> IpPrefix:
    """What ``within`` names: a prefix, or an address for itself."""
    return read_prefix(text) if "/" in text else host_prefix(read_address(text))


ADDRESS_FORM = KeyForm(
    width=33,
    write=lambda text: key_of_address(read_address(text)),
    span=lambda text: span_of_addresses(_read_span(text)),
)
PREFIX_FORM = KeyForm(
    width=36,
    write=lambda text: key_of_prefix(read_prefix(text)),
    span=lambda text: span_of_prefixes(_read_span(text)),
)


def speed_text(bits_per_s: int | None) -> str | None:
    """A speed with its unit, as port labels say it.

    >>> speed_text(2_500_000_000)
    '2.5 Gbit/s'
    """
    if bits_per_s is None:
        return None
    for size, unit in _SPEED_UNITS:
        if bits_per_s >= size:
            return f"{bits_per_s / size:g} {unit}"
    return f"{bits_per_s} bit/s"


def _quoted(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:57] + "…")
