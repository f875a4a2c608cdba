"""SNMPv3 messages in BER, both ways; what they hold may be encrypted.

Source: RFC 3412 section 6 (the message), RFC 3414 section 2.4 (its security parameters).
"""

from dataclasses import dataclass, replace

from shopdb.outbound import ber
from shopdb.outbound.ber import BerError, Pdu

AUTH, PRIV, REPORTABLE = 0x01, 0x02, 0x04
USER_BASED = 3
MAX_BYTES = 65_507
"""What a datagram holds over IPv4."""


@dataclass(frozen=True, slots=True)
class ScopedPdu:
    """A PDU, and the MIB view that it is about."""

    engine_id: bytes
    context: bytes
    pdu: Pdu

    def encode(self) -> bytes:
        """As it stands in a message, or is encrypted."""
        head = ber.encode(ber.OCTETS, self.engine_id) + ber.encode(ber.OCTETS, self.context)
        return ber.encode(ber.SEQUENCE, head + self.pdu.encode())

    @classmethod
    def decode(cls, data: bytes) -> "ScopedPdu":
        """Read it; bytes behind it are padding.

        Raises:
            BerError: There is none.
        """
        body, _ = ber.expect(data, 0, ber.SEQUENCE)
        engine_id, at = ber.expect(body, 0, ber.OCTETS)
        context, at = ber.expect(body, at, ber.OCTETS)
        return cls(engine_id, context, ber.decode_pdu(body, at))


@dataclass(frozen=True, slots=True)
class V3Message:
    """A message of the user-based security model.

    Args:
        id: Answers have the id of their request.
        flags: Of `AUTH`, `PRIV` and `REPORTABLE`.
        boots: How often the engine has started.
        time_s: Seconds since the engine's last start.
        digest: Zeros while it is not signed yet.
        data: A `ScopedPdu`, encoded; with `PRIV` encrypted.
    """

    id: int
    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes
    data: bytes
    digest: bytes = b""
    salt: bytes = b""
    model: int = USER_BASED

    def encode(self) -> bytes:
        """The datagram."""
        octets, number = ber.OCTETS, ber.encode_number
        head = (
            number(self.id)
            + number(MAX_BYTES)
            + ber.encode(octets, bytes((self.flags,)))
            + number(self.model)
        )
        parts = (self.user, self.digest, self.salt)
        security = ber.encode(octets, self.engine_id) + number(self.boots) + number(self.time_s)
        security += b"".join(ber.encode(octets, part) for part in parts)
        data = ber.encode(octets, self.data) if self.flags & PRIV else self.data
        return ber.encode(
            ber.SEQUENCE,
            number(ber.V3)
            + ber.encode(ber.SEQUENCE, head)
            + ber.encode(octets, ber.encode(ber.SEQUENCE, security))
            + data,
        )

    @classmethod
    def decode(cls, datagram: bytes) -> "tuple[V3Message, bytes]":
        """The message, and the datagram with zeros for the digest: what the digest is of.

        Raises:
            BerError: for everything that is not a whole v3 message.
        """
        body, end = ber.expect(datagram, 0, ber.SEQUENCE)
        version, at = ber.expect_number(body, 0)
        if version != ber.V3:
            raise BerError(f"Its version is {version}, and {ber.V3} is due.")
        head, at = ber.expect(body, at, ber.SEQUENCE)
        security, at_data = ber.expect(body, at, ber.OCTETS)
        message, digest_ends = cls._decode_head(head)._with_security(security)
        digest_ends += end - len(body) + at_data - len(security)
        digest_begins = digest_ends - len(message.digest)
        blank = datagram[:digest_begins] + bytes(len(message.digest)) + datagram[digest_ends:]
        if message.flags & PRIV:
            data, _ = ber.expect(body, at_data, ber.OCTETS)
        else:
            ber.expect(body, at_data, ber.SEQUENCE)
            data = body[at_data:]
        return replace(message, data=data), blank

    @classmethod
    def _decode_head(cls, head: bytes) -> "V3Message":
        id_, at = ber.expect_number(head, 0)
        _, at = ber.expect_number(head, at)
        flags, at = ber.expect(head, at, ber.OCTETS)
        model, _ = ber.expect_number(head, at)
        if len(flags) != 1:
            raise BerError(f"{len(flags)} bytes stand where one of flags is due.")
        return cls(id_, flags[0], b"", 0, 0, b"", b"", model=model)

    def _with_security(self, security: bytes) -> "tuple[V3Message, int]":
        """With what its security parameters say; and where in them the digest ends."""
        if self.model != USER_BASED:
            return self, 0
        body, end = ber.expect(security, 0, ber.SEQUENCE)
        engine_id, at = ber.expect(body, 0, ber.OCTETS)
        boots, at = ber.expect_number(body, at)
        time_s, at = ber.expect_number(body, at)
        user, at = ber.expect(body, at, ber.OCTETS)
        digest, digest_ends = ber.expect(body, at, ber.OCTETS)
        salt, _ = ber.expect(body, digest_ends, ber.OCTETS)
        found = replace(
            self, engine_id=engine_id, boots=boots, time_s=time_s, user=user, digest=digest, salt=salt
        )
        return found, end - len(body) + digest_ends
