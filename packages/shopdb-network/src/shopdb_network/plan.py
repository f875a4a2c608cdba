"""Which addresses of a prefix can be handed out, and which of them are free. Pure arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from shopdb_network.notation import IpAddress, IpPrefix

COUNTABLE = 2**53 - 1
"""Past this a count is told as unknown: readers of JSON take such numbers for others (RFC 7493, section 2.2)."""
SMALL = 6
"""Prefixes of fewer addresses, such as those of point-to-point links, are full by design."""
NEARLY_FULL_PERCENT = 90


@dataclass(frozen=True, slots=True)
class Span:
    """The addresses from ``first`` to ``last``, as numbers."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.last - self.first + 1

    def has(self, number: int) -> bool:
        """Whether an address is one of them."""
        return self.first <= number <= self.last


def usable_span(network: IpPrefix) -> Span:
    """The addresses of a prefix that a device can have.

    Source: RFC 3021 (both of an IPv4 /31); RFC 6164 (both of an IPv6 /127); RFC 4291, section 2.6.1 (the first
    of an IPv6 prefix is its routers').
    """
    first, last = int(network.network_address), int(network.broadcast_address)
    if last - first < 2:
        return Span(first, last)
    return Span(first + 1, last - 1 if network.version == 4 else last)


@dataclass(frozen=True, slots=True)
class Plan:
    """A prefix, the prefixes that divide it, and the addresses that are taken.

    What lies in a prefix within it is that prefix's to hand out, and counts neither as used nor as free here.

    Args:
        inside: The prefixes within it, none of which overlap.
        taken: Addresses, in any order; those that aren't its own to hand out don't count.
    """

    network: IpPrefix
    inside: tuple[IpPrefix, ...] = ()
    taken: frozenset[int] = frozenset()

    @property
    def size(self) -> int:
        """How many addresses it has to hand out."""
        return self._usable.size - sum(each.size for each in self._blocked)

    @property
    def used(self) -> int:
        """How many of them are taken."""
        usable, blocked = self._usable, self._blocked
        return sum(usable.has(each) and not any(span.has(each) for span in blocked) for each in self.taken)

    @property
    def free(self) -> int:
        """How many of them are not."""
        return self.size - self.used

    @property
    def percent_used(self) -> int | None:
        """Whole per cent, rounded down; None where it has none to hand out."""
        return self.used * 100 // self.size if self.size else None

    def find_free(self, limit: int) -> list[IpAddress]:
        """The lowest free addresses, at most ``limit``."""
        numbers = islice(self._free_numbers(), limit)
        kind = type(self.network.network_address)
        return [kind(number) for number in numbers]

    @property
    def _usable(self) -> Span:
        return usable_span(self.network)

    @property
    def _blocked(self) -> list[Span]:
        """What the prefixes within it take of the usable addresses."""
        usable = self._usable
        spans = (Span(int(n.network_address), int(n.broadcast_address)) for n in self.inside)
        cut = (Span(max(s.first, usable.first), min(s.last, usable.last)) for s in spans)
        return [span for span in cut if span.first <= span.last]

    def _free_numbers(self) -> Iterator[int]:
        at = self._usable.first
        last = self._usable.last
        passed = [*self._blocked, *(Span(number, number) for number in self.taken)]
        for span in sorted(passed, key=lambda span: span.first):
            yield from _count_up(at, min(span.first - 1, last))
            at = max(at, span.last + 1)
        yield from _count_up(at, last)


def _count_up(first: int, last: int) -> Iterator[int]:
    """As ``range``, which holds no more than 64 bits in ``islice``."""
    while first <= last:
        yield first
        first += 1
