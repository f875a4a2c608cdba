"""The address guard: which addresses ShopDB talks to.

Whoever may enter a printer's address could otherwise make the server knock at its own loopback services
or a cloud's metadata address. A site's own private ranges stay open, for that is where its devices are.

Source: RFC 6890 (special addresses); RFC 4291 section 2.5.5, RFC 6052, RFC 3056, RFC 4380, RFC 5214
(IPv6 addresses that carry an IPv4 one); OWASP, Server-side request forgery prevention.
"""

import asyncio
import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from shopdb.errors import OutboundError, OutboundRefusedError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_METADATA = tuple(
    ip_network(text)
    for text in (
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::/32",
        "fd20:ce::254",
    )
)
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")
_THIS_NETWORK = IPv4Network("0.0.0.0/8")
_ISATAP = (0x00005EFE, 0x02005EFE)


class AddressGuard:
    """Judges addresses before anything is sent to them.

    Args:
        allow: Networks that are taken although they would be refused, as in ``SHOPDB_OUTBOUND_ALLOW``.

    >>> from ipaddress import ip_address
    >>> AddressGuard().find_objection(ip_address("::ffff:127.0.0.1"))
    'a loopback address'
    """

    def __init__(self, allow: Iterable[Network] = ()):
        self._allow = tuple(allow)

    def find_objection(self, address: Address) -> str | None:
        """Why the address is refused, as ``a loopback address``; None when it is taken."""
        forms = (address, *_carried(address))
        for form in forms:
            if any(form.version == network.version and form in network for network in self._allow):
                return None
        for form in forms:
            if objection := _objection(form):
                return objection
        return None

    def check(self, address: str | Address) -> Address:
        """The address, judged.

        Raises:
            OutboundRefusedError: It is refused.
        """
        found = ip_address(address) if isinstance(address, str) else address
        if objection := self.find_objection(found):
            raise OutboundRefusedError(_refusal(str(address), found, objection))
        return found

    async def resolve(self, host: str) -> list[Address]:
        """The addresses behind a name or a written address, in the resolver's order; never empty.

        The name is looked up once; talk to what this returns, never to the name again.

        Raises:
            OutboundRefusedError: Every address behind it is refused.
            OutboundError: There is no such host.
        """
        addresses = _written(host) or await _look_up(host)
        objections = {address: self.find_objection(address) for address in addresses}
        taken = [address for address, objection in objections.items() if objection is None]
        if not taken:
            address, objection = next(iter(objections.items()))
            raise OutboundRefusedError(_refusal(host, address, objection or ""))
        return taken


def _refusal(host: str, address: Address, objection: str) -> str:
    which = f"{host!r}" if str(address) == host else f"{host!r} is {address}, and that"
    network = ip_network(address)
    return (
        f"{which} is {objection}, which ShopDB does not talk to. If that is meant, allow it: "
        f"SHOPDB_OUTBOUND_ALLOW={network}"
    )


def _objection(address: Address) -> str | None:
    if any(address.version == network.version and address in network for network in _METADATA):
        return "a cloud's metadata address"
    kinds = (
        (
            address.is_unspecified or (address.version == 4 and address in _THIS_NETWORK),
            "an unspecified address",
        ),
        (address.is_loopback, "a loopback address"),
        (address.is_link_local, "a link-local address"),
        (address.is_multicast, "a multicast address"),
        (address.version == 4 and address.is_reserved, "a reserved address"),
    )
    return next((name for is_so, name in kinds if is_so), None)


def _carried(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return []
    bits = int(address)
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _NAT64) or (address in _COMPATIBLE and bits > 0xFFFF):
        found.append(IPv4Address(bits & 0xFFFFFFFF))
    if (bits >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(IPv4Address(bits & 0xFFFFFFFF))
    return [carried for carried in found if carried is not None]


def _written(host: str) -> list[Address]:
    try:
        return [ip_address(host.strip().removeprefix("[").removesuffix("]"))]
    except ValueError:
        return []


async def _look_up(host: str) -> list[Address]:
    """Ask the resolver, in a thread of its own: one that hangs must not hold up the others or the exit."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Address]] = loop.create_future()

    def settle(addresses: list[Address], error: Exception | None) -> None:
        if not answer.done():
            answer.set_exception(error) if error else answer.set_result(addresses)

    def ask() -> None:
        addresses: list[Address] = []
        problem: Exception | None = None
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
            addresses = list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
        except (OSError, UnicodeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a host name"
            problem = OutboundError(
                f"There is no host {host!r} ({reason}). Check the name, or give its address."
            )
        try:
            loop.call_soon_threadsafe(settle, addresses, problem)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    threading.Thread(target=ask, name=f"resolve {host!r}", daemon=True).start()
    return await answer
