"""How a request is wrapped for a device, and which of the datagrams that come back answers it: v1 and v2c.

That of v3 is `shopdb.outbound.v3`.
"""

from typing import Protocol

from shopdb.outbound import ber
from shopdb.outbound.ber import Message, Pdu
from shopdb.outbound.target import SnmpTarget


class Again(Exception):
    """The device told what it takes to ask it: send the request once more, now."""


class Envelope(Protocol):
    """What lies around the PDUs of a conversation."""

    doubt: str
    """Why the last answer that was passed over was not believed; empty where none came."""

    def seal(self, pdu: Pdu) -> bytes:
        """The datagram that asks."""

    def open(self, data: bytes, ids: set[int]) -> Pdu | None:
        """The answer to one of the requests; None where it is none, and is passed over.

        Raises:
            Again: It was asked for what we lacked; at most a few times in a row.
            BerError: It is not SNMP.
            OutboundSecurityError: The device refuses who asks.
        """

    def unanswered(self, seconds: float) -> str:
        """What to say when no answer came."""


class CommunityEnvelope:
    """v1 and v2c: whoever knows the community may ask."""

    doubt = ""

    def __init__(self, target: SnmpTarget):
        self._target = target
        self._version = ber.V1 if target.version == "1" else ber.V2C

    def seal(self, pdu: Pdu) -> bytes:
        """The datagram that asks."""
        return Message(self._version, self._target.community.encode(), pdu).encode()

    def open(self, data: bytes, ids: set[int]) -> Pdu | None:
        """The answer to one of the requests, or None."""
        pdu = ber.decode_message(data).pdu
        return pdu if pdu.kind == ber.RESPONSE and pdu.request_id in ids else None

    def unanswered(self, seconds: float) -> str:
        """What to say when no answer came."""
        return (
            f"{self._target.who} did not answer SNMP v{self._target.version} within {seconds:g} s. "
            "Check that it is on, that SNMP is enabled there, and the community."
        )
