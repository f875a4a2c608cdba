"""The user-based security model: keys from passwords, digests, encryption.

Keys cost a megabyte of hashing for each password, some milliseconds; they are made once.

Source: RFC 3414 (keys, HMAC-MD5-96, HMAC-SHA-96, DES), RFC 7860 (HMAC-SHA-2), RFC 3826 (AES-128); for
longer AES keys see `shopdb.outbound.target.PrivProtocol`.
"""

import hashlib
import hmac
import itertools
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from shopdb.outbound.target import AuthProtocol, PrivProtocol, SnmpUser

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher

_MEGABYTE = 1_048_576
_HASHES = {
    AuthProtocol.MD5: ("md5", 12),
    AuthProtocol.SHA1: ("sha1", 12),
    AuthProtocol.SHA224: ("sha224", 16),
    AuthProtocol.SHA256: ("sha256", 24),
    AuthProtocol.SHA384: ("sha384", 32),
    AuthProtocol.SHA512: ("sha512", 48),
}
"""Hash, and bytes of its HMAC that a message carries."""

_KEY_BYTES = {
    PrivProtocol.DES: 16,
    PrivProtocol.AES128: 16,
    PrivProtocol.AES192: 24,
    PrivProtocol.AES256: 32,
    PrivProtocol.AES192_CISCO: 24,
    PrivProtocol.AES256_CISCO: 32,
}
_AS_REEDER = frozenset({PrivProtocol.AES192_CISCO, PrivProtocol.AES256_CISCO})
_SALT_BYTES = 8
_DES_BLOCK_BYTES = 8

_salts = itertools.count(secrets.randbits(64))
"""Never the same salt twice under one key: RFC 3826 section 3.1.4.1, RFC 3414 section 8.1.1.1."""


class UndecipherableError(ValueError):
    """What came can't be decrypted: its salt or its length is wrong."""


@lru_cache(maxsize=1024)
def hash_password(auth: AuthProtocol, password: bytes) -> bytes:
    """The key of a password before it is bound to an engine. Source: RFC 3414 appendix A.2."""
    repeated = (password * (_MEGABYTE // len(password) + 1))[:_MEGABYTE]
    return hashlib.new(_HASHES[auth][0], repeated).digest()


@lru_cache(maxsize=4096)
def localise(auth: AuthProtocol, password: bytes, engine_id: bytes) -> bytes:
    """The key of a password for one engine. Source: RFC 3414 section 2.6."""
    key = hash_password(auth, password)
    return hashlib.new(_HASHES[auth][0], key + engine_id + key).digest()


@lru_cache(maxsize=4096)
def localise_for_privacy(auth: AuthProtocol, priv: PrivProtocol, password: bytes, engine_id: bytes) -> bytes:
    """The encryption key of a password for one engine, made as long as the cipher needs it."""
    key = localise(auth, password, engine_id)
    while len(key) < _KEY_BYTES[priv]:
        if priv in _AS_REEDER:
            key += localise(auth, key, engine_id)
        else:
            key += hashlib.new(_HASHES[auth][0], key).digest()
    return key[: _KEY_BYTES[priv]]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs messages between one user and one engine, and judges signatures."""

    auth: AuthProtocol
    key: bytes

    @classmethod
    def of(cls, user: SnmpUser, engine_id: bytes) -> "Signer | None":
        """The user's; None where its level has none."""
        if not user.level.has_auth or user.auth is None:
            return None
        return cls(user.auth, localise(user.auth, user.auth_password.encode(), engine_id))

    @property
    def size(self) -> int:
        """Bytes of a digest."""
        return _HASHES[self.auth][1]

    def sign(self, message: bytes) -> bytes:
        """The digest of a whole message whose own digest is zeros."""
        return hmac.digest(self.key, message, _HASHES[self.auth][0])[: self.size]

    def is_signed(self, message: bytes, digest: bytes) -> bool:
        """Whether that is its digest; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(self.sign(message), digest)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Encrypts and decrypts between one user and one engine."""

    priv: PrivProtocol
    key: bytes

    @classmethod
    def of(cls, user: SnmpUser, engine_id: bytes) -> "Sealer | None":
        """The user's; None where its level has none."""
        if not user.level.has_priv or user.auth is None or user.priv is None:
            return None
        password = user.priv_password.encode()
        return cls(user.priv, localise_for_privacy(user.auth, user.priv, password, engine_id))

    def encrypt(self, plain: bytes, *, boots: int, time_s: int) -> tuple[bytes, bytes]:
        """What is sent for it, and the salt to send along."""
        number = next(_salts)
        if self.priv is PrivProtocol.DES:
            salt = (boots & 0xFFFFFFFF).to_bytes(4, "big") + (number & 0xFFFFFFFF).to_bytes(4, "big")
            plain += bytes(-len(plain) % _DES_BLOCK_BYTES)
        else:
            salt = (number & (2**64 - 1)).to_bytes(_SALT_BYTES, "big")
        encryptor = self._cipher(salt, boots, time_s).encryptor()
        return encryptor.update(plain) + encryptor.finalize(), salt

    def decrypt(self, sealed: bytes, salt: bytes, *, boots: int, time_s: int) -> bytes:
        """What was encrypted; with DES some bytes behind it.

        Raises:
            UndecipherableError: The salt or the length can't be.
        """
        if len(salt) != _SALT_BYTES:
            raise UndecipherableError(f"A salt of {len(salt)} bytes is none.")
        if self.priv is PrivProtocol.DES and (not sealed or len(sealed) % _DES_BLOCK_BYTES):
            raise UndecipherableError(f"{len(sealed)} bytes are not whole blocks of DES.")
        decryptor = self._cipher(salt, boots, time_s).decryptor()
        return decryptor.update(sealed) + decryptor.finalize()

    def _cipher(self, salt: bytes, boots: int, time_s: int) -> "Cipher[Any]":
        # Imported where it is first needed: the start need not wait for it.
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        if self.priv is PrivProtocol.DES:
            start = bytes(a ^ b for a, b in zip(self.key[8:], salt, strict=True))
            return Cipher(TripleDES(self.key[:8] * 3), CBC(start))  # thrice the same key is DES
        start = (boots & 0xFFFFFFFF).to_bytes(4, "big") + (time_s & 0xFFFFFFFF).to_bytes(4, "big") + salt
        return Cipher(AES(self.key), CFB(start))
