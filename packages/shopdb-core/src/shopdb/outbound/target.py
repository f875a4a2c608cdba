"""Where to ask, and as whom: what an SNMP conversation needs to know before it begins.

Source: RFC 3414 (users, MD5, SHA-1, DES), RFC 7860 (SHA-2), RFC 3826 (AES-128).
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

SnmpVersion = Literal["1", "2c", "3"]
SnmpValue = int | bytes | str
"""Numbers as int, octet strings as bytes, object identifiers and IP addresses as text."""


class AuthProtocol(StrEnum):
    """How a message proves who sent it."""

    MD5 = "MD5"
    SHA1 = "SHA-1"
    SHA224 = "SHA-224"
    SHA256 = "SHA-256"
    SHA384 = "SHA-384"
    SHA512 = "SHA-512"


class PrivProtocol(StrEnum):
    """How a message is encrypted.

    No standard says how a long AES key is made where the digest is shorter than it. Most makers follow
    Blumenthal's draft, which hashes on; Cisco and some others follow Reeder's, which goes through the
    password's steps again. Those are the ones with a ``-C``, as net-snmp names them.

    Source: draft-blumenthal-aes-usm-04 section 3.1.2.1; draft-reeder-snmpv3-usm-3desede-00 section 2.1.
    """

    DES = "DES"
    AES128 = "AES-128"
    AES192 = "AES-192"
    AES256 = "AES-256"
    AES192_CISCO = "AES-192-C"
    AES256_CISCO = "AES-256-C"


class SecurityLevel(StrEnum):
    """What protects an SNMPv3 message."""

    NONE = "noAuthNoPriv"
    AUTH = "authNoPriv"
    PRIV = "authPriv"

    @property
    def has_auth(self) -> bool:
        """Whether messages are signed."""
        return self is not SecurityLevel.NONE

    @property
    def has_priv(self) -> bool:
        """Whether messages are encrypted."""
        return self is SecurityLevel.PRIV


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """An SNMPv3 user and its secrets, which never show in its ``repr``.

    Args:
        level: What is asked for; never less, whatever else is missing.
    """

    name: str
    level: SecurityLevel = SecurityLevel.NONE
    auth: AuthProtocol | None = None
    auth_password: str = field(default="", repr=False)
    priv: PrivProtocol | None = None
    priv_password: str = field(default="", repr=False)

    def find_missing(self) -> list[str]:
        """What the level needs and the user lacks, as ``["auth_password"]``; empty when it can be asked as."""
        needed = ["name"]
        needed += ["auth", "auth_password"] if self.level.has_auth else []
        needed += ["priv", "priv_password"] if self.level.has_priv else []
        return [name for name in needed if not getattr(self, name)]


@dataclass(frozen=True, slots=True)
class SnmpTarget:
    """Where to ask, and with which community or as which user; a secret never shows in its ``repr``.

    Args:
        community: For v1 and v2c.
        user: For v3.
        context: The MIB view of v3; empty for the plain one.
        context_engine_id: Of the engine that has the context, where that is not the one that answers.
    """

    host: str
    port: int = 161
    version: SnmpVersion = "2c"
    community: str = field(default="public", repr=False)
    user: SnmpUser | None = None
    context: str = ""
    context_engine_id: bytes = b""

    @property
    def who(self) -> str:
        """``host:port``, for messages."""
        return f"{self.host}:{self.port}"

    def in_context(self, context: str) -> "SnmpTarget":
        """The same device by another of its MIB views: a context of v3, ``community@context`` before."""
        if self.version == "3":
            return replace(self, context=context)
        return replace(self, community=f"{self.community}@{context}")
