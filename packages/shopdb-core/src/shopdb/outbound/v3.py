"""A conversation by SNMPv3: find the engine, keep its time, sign and encrypt, believe only what is proved.

What a device says before anything is signed (its engine's id, its time, its refusals) may be forged by whoever
is on the way; that can end a conversation and never yields a value. Answers count only if they have the level
that was asked with.

Source: RFC 3412 section 7.2 (what is an answer), RFC 3414 sections 3.2 (what is authentic and in time) and 4
(finding the engine).
"""

import time
from dataclasses import dataclass, replace
from typing import NoReturn

from shopdb.errors import OutboundSecurityError
from shopdb.outbound import ber, v3_message
from shopdb.outbound.ber import BerError, Oid, Pdu
from shopdb.outbound.envelope import Again
from shopdb.outbound.target import SnmpTarget, SnmpUser
from shopdb.outbound.usm import Sealer, Signer, UndecipherableError
from shopdb.outbound.v3_message import ScopedPdu, V3Message

WINDOW_S = 150
_MOST_BOOTS = 2**31 - 1
_ENGINE_ID_BYTES = range(5, 33)
"""Source: RFC 3411 section 5, SnmpEngineID."""

_USM, _MPD, _TARGETS = (1, 3, 6, 1, 6, 3, 15, 1, 1), (1, 3, 6, 1, 6, 3, 11, 2, 1), (1, 3, 6, 1, 6, 3, 12, 1)
REPORTS: dict[Oid, str] = {
    (*_USM, 1): "unsupportedSecLevels",
    (*_USM, 2): "notInTimeWindows",
    (*_USM, 3): "unknownUserNames",
    (*_USM, 4): "unknownEngineIDs",
    (*_USM, 5): "wrongDigests",
    (*_USM, 6): "decryptionErrors",
    (*_MPD, 1): "unknownSecurityModels",
    (*_MPD, 2): "invalidMsgs",
    (*_MPD, 3): "unknownPDUHandlers",
    (*_TARGETS, 4): "unavailableContexts",
    (*_TARGETS, 5): "unknownContexts",
}
"""The counter that a report names. Source: RFC 3414 section 5, RFC 3412 section 5, RFC 3413 section 4.1.2."""

_REMEDIES = {
    "unsupportedSecLevels": "does not take user {user!r} at {level}. Choose the protection that the user has there, "
    "or change it there.",
    "notInTimeWindows": "keeps saying that the request is not of its time. Its clock or its count of starts jumps: "
    "restart it, and see that no other device has its address or its engine id.",
    "unknownUserNames": "has no SNMP v3 user {user!r}. Check the name, upper and lower case too, or add the user there.",
    "unknownEngineIDs": "changes its engine id from one request to the next. See that no other device has its address.",
    "wrongDigests": "does not accept the signature of user {user!r} by {auth}. Check the authentication protocol and "
    "password.",
    "decryptionErrors": "can't decrypt what user {user!r} sends by {priv}. Check the encryption protocol and password.",
    "unknownContexts": "has no SNMP context {context!r}. Check it, or leave it empty.",
    "unavailableContexts": "does not answer for its SNMP context {context!r} now.",
}


@dataclass(slots=True)
class Engine:
    """The device's engine and its time.

    Attributes:
        boots, time_s: As it told last, ``told_at`` on our own clock.
        is_proved: Whether what it told was signed.
    """

    id: bytes
    boots: int
    time_s: int
    told_at: float
    is_proved: bool = False

    @property
    def now_s(self) -> int:
        """The time there, as far as we know."""
        return self.time_s + int(time.monotonic() - self.told_at)

    def is_timely(self, boots: int, time_s: int) -> bool:
        """Whether a signed message of that time is no old one played back. Source: RFC 3414 section 3.2 (7b)."""
        if boots == _MOST_BOOTS:
            return False
        if not self.is_proved or boots > self.boots:
            return True
        return boots == self.boots and time_s >= self.now_s - WINDOW_S

    def tell(self, boots: int, time_s: int) -> None:
        """Take the time of a signed message."""
        if not self.is_proved or (boots, time_s) > (self.boots, self.time_s):
            self.boots, self.time_s, self.told_at = boots, time_s, time.monotonic()
        self.is_proved = True


class UserEnvelope:
    """v3: a user asks, and each side proves itself as far as the user's level goes."""

    def __init__(self, target: SnmpTarget):
        self._target = target
        self._user = _complete(target)
        self._engine: Engine | None = None
        self._signer: Signer | None = None
        self._sealer: Sealer | None = None
        self._heeded: set[str] = set()
        self.doubt = ""

    def seal(self, pdu: Pdu) -> bytes:
        """The datagram that asks; as long as the engine is not known, one that asks for that."""
        engine = self._engine
        if engine is None:
            nothing = ScopedPdu(b"", b"", Pdu(ber.GET, pdu.request_id))
            return V3Message(pdu.request_id, v3_message.REPORTABLE, b"", 0, 0, b"", nothing.encode()).encode()
        message = V3Message(
            *(pdu.request_id, v3_message.REPORTABLE, engine.id, engine.boots, engine.now_s),
            self._user.name.encode(),
            self._scoped(engine, pdu).encode(),
        )
        if self._sealer is not None:
            message = seal(message, self._sealer)
        return message.encode() if self._signer is None else sign(message, self._signer)

    def open(self, data: bytes, ids: set[int]) -> Pdu | None:
        """The answer to one of the requests; None where it is none, or not believed."""
        message, blank = V3Message.decode(data)
        if message.id not in ids:
            return None
        try:
            is_proved = self._prove(message, blank)
            scoped = self._read(message)
        except _NotBelievedError as error:
            self.doubt = str(error)
            return None
        if scoped.pdu.kind == ber.REPORT:
            self._heed(message, scoped.pdu, is_proved=is_proved)
        if doubt := self._find_doubt(message, scoped, is_proved=is_proved):
            self.doubt = doubt
            return None
        if scoped.pdu.kind != ber.RESPONSE or scoped.pdu.request_id not in ids:
            return None
        self._heeded.clear()
        return scoped.pdu

    def unanswered(self, seconds: float) -> str:
        """What to say when no answer came."""
        who, user = self._target.who, self._user
        if self._engine is None:
            return (
                f"{who} did not answer SNMP v3 within {seconds:g} s. "
                "Check that it is on and that SNMP v3 is enabled there."
            )
        silent = f"{who} speaks SNMP v3, but did not answer user {user.name!r} within {seconds:g} s. "
        doubts = ["what the user may read there"]
        if self._target.context:
            doubts.insert(0, f"that it has a context {self._target.context!r}")
        if user.level.has_priv:
            doubts.insert(0, f"the encryption password and that its protocol is {user.priv} there")
        return f"{silent}Check {', and '.join(doubts)}."

    def _scoped(self, engine: Engine, pdu: Pdu) -> ScopedPdu:
        return ScopedPdu(self._target.context_engine_id or engine.id, self._target.context.encode(), pdu)

    def _prove(self, message: V3Message, blank: bytes) -> bool:
        """Whether it is signed by the engine that we know, and of its time.

        Raises:
            _NotBelievedError: It says that it is, and is not.
        """
        if message.model != v3_message.USER_BASED:
            raise _NotBelievedError(f"of the security model {message.model}, which is not the user-based one")
        if not message.flags & v3_message.AUTH:
            return False
        engine, signer = self._engine, self._signer
        if engine is None or signer is None or message.user != self._user.name.encode():
            raise _NotBelievedError("signed for someone else")
        if message.engine_id != engine.id:
            raise _NotBelievedError("from another engine")
        if not signer.is_signed(blank, message.digest):
            raise _NotBelievedError("with a wrong signature")
        if not engine.is_timely(message.boots, message.time_s):
            raise _NotBelievedError("of an earlier time, as if it were played back")
        engine.tell(message.boots, message.time_s)
        return True

    def _read(self, message: V3Message) -> ScopedPdu:
        data = message.data
        if message.flags & v3_message.PRIV:
            if self._sealer is None or not message.flags & v3_message.AUTH:
                raise _NotBelievedError("encrypted, which was not asked for")
            try:
                data = self._sealer.decrypt(data, message.salt, boots=message.boots, time_s=message.time_s)
                return ScopedPdu.decode(data)
            except (UndecipherableError, BerError) as error:
                raise _NotBelievedError("encrypted with another key") from error
        return ScopedPdu.decode(data)

    def _find_doubt(self, message: V3Message, scoped: ScopedPdu, *, is_proved: bool) -> str:
        """Why a message is no answer to what was asked; empty where it is one."""
        level, engine = self._user.level, self._engine
        if engine is None:
            return "before it told its engine id"
        if is_proved != level.has_auth or bool(message.flags & v3_message.PRIV) != level.has_priv:
            return f"without the protection of {level}"
        if message.engine_id != engine.id or message.user != self._user.name.encode():
            return "from another engine or for another user"
        asked = self._scoped(engine, scoped.pdu)
        return "" if scoped == asked else "about another context"

    def _heed(self, message: V3Message, pdu: Pdu, *, is_proved: bool) -> NoReturn:
        """Do what a report says, once in a row; else give up.

        Raises:
            Again: Now we know what was lacking.
            OutboundSecurityError: The device refuses.
        """
        report = _name_of(pdu)
        is_new = report not in self._heeded
        self._heeded.add(report)
        is_found = self._engine is None and bool(
            message.engine_id
        )  # by whatever report it answers the search
        if is_new and (is_found or report == "unknownEngineIDs"):
            self._meet(message)
            raise Again
        if report == "notInTimeWindows" and is_new and is_proved:
            raise Again  # its time was taken from the signed report
        raise OutboundSecurityError(self._refusal(report), report=report)

    def _meet(self, message: V3Message) -> None:
        if len(message.engine_id) not in _ENGINE_ID_BYTES:
            size = len(message.engine_id)
            raise OutboundSecurityError(
                f"{self._target.who} gives an engine id of {size} bytes, and 5 to 32 are right. Set it anew there."
            )
        known = Engine(message.engine_id, message.boots, message.time_s, time.monotonic())
        self._engine = known
        self._signer = Signer.of(self._user, known.id)
        self._sealer = Sealer.of(self._user, known.id)

    def _refusal(self, report: str) -> str:
        user = self._user
        values = {
            "user": user.name,
            "level": user.level,
            "auth": user.auth,
            "priv": user.priv,
            "context": self._target.context,
        }
        remedy = _REMEDIES.get(report, f"refuses SNMP v3: {report}. See that v3 with users is on there.")
        return f"{self._target.who} {remedy.format(**values)} ({report})"


class _NotBelievedError(Exception):
    """A message is not what it says it is. Its text ends a sentence that begins with: an answer came."""


def seal(message: V3Message, sealer: Sealer) -> V3Message:
    """The message, encrypted."""
    data, salt = sealer.encrypt(message.data, boots=message.boots, time_s=message.time_s)
    return replace(message, flags=message.flags | v3_message.PRIV, data=data, salt=salt)


def sign(message: V3Message, signer: Signer) -> bytes:
    """The datagram of a message, signed; after it was encrypted, if it is to be."""
    blank = replace(message, flags=message.flags | v3_message.AUTH, digest=bytes(signer.size))
    return replace(blank, digest=signer.sign(blank.encode())).encode()


def _complete(target: SnmpTarget) -> SnmpUser:
    user = target.user or SnmpUser("")
    if missing := user.find_missing():
        names = ", ".join(each.replace("_", " ") for each in missing)
        raise OutboundSecurityError(
            f"{target.who} is to be asked over SNMP v3 ({user.level}), and its user lacks: {names}. Give them."
        )
    return user


def _name_of(pdu: Pdu) -> str:
    oid = pdu.bindings[0].oid if pdu.bindings else ()
    return REPORTS.get(oid[:-1], ".".join(map(str, oid)) or "a report of nothing")
