"""The SNMPv3 engine of the simulated agent: it is found, keeps its time, judges users, signs and encrypts, or lies.

Source: RFC 3414 section 3.2 (what an engine does with a request) and section 4 (how it is found).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from shopdb.outbound import ber, v3_message
from shopdb.outbound.ber import BerError, Binding, Oid, Pdu
from shopdb.outbound.target import SnmpUser
from shopdb.outbound.usm import Sealer, Signer, UndecipherableError
from shopdb.outbound.v3 import REPORTS, WINDOW_S, seal, sign
from shopdb.outbound.v3_message import ScopedPdu, V3Message

_COUNTERS: dict[str, Oid] = {name: oid for oid, name in REPORTS.items()}


class V3Lie(StrEnum):
    """How an agent misbehaves in SNMPv3 alone; it is truthful while it is being found."""

    WRONG_DIGEST = "wrong-digest"  # the right answer, its signature spoilt
    UNSIGNED = "unsigned"  # the right answer to a signed request, without a signature
    UNSEALED = "unsealed"  # the right answer to an encrypted request, signed and in clear
    STALE_TIME = "stale-time"  # signed at an earlier start of the engine, as if it were played back
    WRONG_ENGINE = "wrong-engine"  # the right answer, from another engine
    WRONG_MESSAGE_ID = "wrong-message-id"  # signed, with another message's id
    OTHER_CONTEXT = "other-context"  # signed, about another context
    ALWAYS_LATE = "always-late"  # says of each request that it is not of its time
    UNSIGNED_LATE = "unsigned-late"  # says so without a signature, with a time of its own making
    MANY_ENGINES = "many-engines"  # says each time that its engine id is another


class RefusedError(Exception):
    """The request is answered by a report; ``report`` names its counter."""

    def __init__(self, report: str):
        super().__init__(report)
        self.report = report


class V3Engine:
    """One engine with its users.

    Args:
        users: By name.
        boots: How often it has started.
    """

    def __init__(
        self, users: Mapping[str, SnmpUser], *, id: bytes = b"\x80\x00\x1f\x88\x04shopdb", boots: int = 3
    ):
        self.users = dict(users)
        self.id = id
        self.boots = boots
        self.started_at = time.monotonic() - 1000

    @property
    def time_s(self) -> int:
        """Seconds since it started."""
        return int(time.monotonic() - self.started_at)

    def answer(
        self,
        datagram: bytes,
        answers_of: Callable[[str, Pdu], list[Pdu]],
        lie_of: Callable[[str], str | None],
    ) -> list[bytes]:
        """The datagrams that answer one.

        Args:
            answers_of: What the device of a name, ``user`` or ``user@context``, says to a request.
            lie_of: How that device misbehaves.

        Raises:
            BerError: It is no v3 message.
        """
        message, blank = V3Message.decode(datagram)
        lie = None
        try:
            if message.engine_id != self.id:
                raise RefusedError("unknownEngineIDs")
            user = self.users.get(message.user.decode(errors="replace"))
            if user is None:
                raise RefusedError("unknownUserNames")
            lie = lie_of(user.name)
            _force(lie)
            scoped = self._open(message, blank, user)
        except RefusedError as refused:
            return [self._report(message, refused.report, lie)]
        context = scoped.context.decode(errors="replace")
        pdus = answers_of(f"{user.name}@{context}" if context else user.name, scoped.pdu)
        return [self._seal(message, user, replace(scoped, pdu=pdu), lie) for pdu in pdus]

    def _open(self, message: V3Message, blank: bytes, user: SnmpUser) -> ScopedPdu:
        flags = message.flags & (v3_message.AUTH | v3_message.PRIV)
        if flags != _flags(user):
            raise RefusedError("unsupportedSecLevels")
        signer, sealer = Signer.of(user, self.id), Sealer.of(user, self.id)
        if signer is not None:
            if not signer.is_signed(blank, message.digest):
                raise RefusedError("wrongDigests")
            if message.boots != self.boots or abs(message.time_s - self.time_s) > WINDOW_S:
                raise RefusedError("notInTimeWindows")
        data = message.data
        try:
            if sealer is not None:
                data = sealer.decrypt(data, message.salt, boots=message.boots, time_s=message.time_s)
            return ScopedPdu.decode(data)
        except (UndecipherableError, BerError):
            raise RefusedError("decryptionErrors") from None

    def _report(self, message: V3Message, report: str, lie: str | None) -> bytes:
        """A report, signed where the request's time alone was wrong."""
        pdu = Pdu(
            ber.REPORT, message.id, bindings=(Binding((*_COUNTERS[report], 0), ber.COUNTER32, b"\x01"),)
        )
        engine_id = message.id.to_bytes(8, "big") if lie == V3Lie.MANY_ENGINES else self.id
        data = ScopedPdu(engine_id, b"", pdu).encode()
        told = replace(
            message,
            flags=0,
            engine_id=engine_id,
            boots=self.boots,
            time_s=self.time_s,
            data=data,
            digest=b"",
            salt=b"",
        )
        user = self.users.get(message.user.decode(errors="replace"))
        signer = Signer.of(user, self.id) if user is not None else None
        if report != "notInTimeWindows" or signer is None or lie == V3Lie.UNSIGNED_LATE:
            return told.encode()
        return sign(told, signer)

    def _seal(self, request: V3Message, user: SnmpUser, scoped: ScopedPdu, lie: str | None) -> bytes:
        boots = self.boots - 1 if lie == V3Lie.STALE_TIME else self.boots
        if lie == V3Lie.OTHER_CONTEXT:
            scoped = replace(scoped, context=b"other")
        told = replace(
            request, flags=0, boots=boots, time_s=self.time_s, digest=b"", salt=b"", data=scoped.encode()
        )
        if lie == V3Lie.WRONG_MESSAGE_ID:
            told = replace(told, id=told.id ^ 1)
        if lie == V3Lie.WRONG_ENGINE:
            told = replace(told, engine_id=b"\x80\x00\x1f\x88\x04other")
        signer, sealer = Signer.of(user, told.engine_id), Sealer.of(user, told.engine_id)
        if signer is None or lie == V3Lie.UNSIGNED:
            return told.encode()
        if sealer is not None and lie != V3Lie.UNSEALED:
            told = seal(told, sealer)
        if lie == V3Lie.WRONG_DIGEST:
            return replace(told, flags=told.flags | v3_message.AUTH, digest=bytes(signer.size)).encode()
        return sign(told, signer)


def _force(lie: str | None) -> None:
    if lie in (V3Lie.ALWAYS_LATE, V3Lie.UNSIGNED_LATE):
        raise RefusedError("notInTimeWindows")
    if lie == V3Lie.MANY_ENGINES:
        raise RefusedError("unknownEngineIDs")


def _flags(user: SnmpUser) -> int:
    auth = v3_message.AUTH if user.level.has_auth else 0
    return auth | (v3_message.PRIV if user.level.has_priv else 0)
