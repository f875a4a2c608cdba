"""Keys, digests and encryption of SNMPv3, against the values that the standards give."""

import pytest

from shopdb.outbound import AuthProtocol, PrivProtocol, SecurityLevel, SnmpUser
from shopdb.outbound.usm import (
    Sealer,
    Signer,
    UndecipherableError,
    hash_password,
    localise,
    localise_for_privacy,
)

ENGINE = bytes(11) + b"\x02"
PASSWORD = b"maplesyrup"
KEYS = {
    AuthProtocol.MD5: ("9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
    AuthProtocol.SHA1: (
        "9fb5cc0381497b3793528939ff788d5d79145211",
        "6695febc9288e36282235fc7151f128497b38f3f",
    ),
}
"""Source: RFC 3414 appendix A.3."""


@pytest.mark.parametrize("auth", KEYS)
def test_keys_are_those_of_the_standard(auth: AuthProtocol) -> None:
    plain, local = KEYS[auth]
    assert hash_password(auth, PASSWORD).hex() == plain
    assert localise(auth, PASSWORD, ENGINE).hex() == local


def test_a_short_key_is_made_longer_as_each_draft_says() -> None:
    digest = localise(AuthProtocol.SHA1, PASSWORD, ENGINE)
    blumenthal = localise_for_privacy(AuthProtocol.SHA1, PrivProtocol.AES256, PASSWORD, ENGINE)
    reeder = localise_for_privacy(AuthProtocol.SHA1, PrivProtocol.AES256_CISCO, PASSWORD, ENGINE)
    assert len(blumenthal) == len(reeder) == 32
    assert blumenthal[:20] == reeder[:20] == digest
    # Source: draft-reeder-snmpv3-usm-3desede-00 section 5, whose 3DES key is that one's first 32 bytes.
    assert reeder.hex() == "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c"
    assert blumenthal[20:] != reeder[20:]


def user(priv: PrivProtocol, auth: AuthProtocol = AuthProtocol.SHA256) -> SnmpUser:
    return SnmpUser("reader", SecurityLevel.PRIV, auth, "maplesyrup", priv, "pancakes")


@pytest.mark.parametrize("auth", list(AuthProtocol))
def test_a_signature_is_of_every_byte(auth: AuthProtocol) -> None:
    signer = Signer.of(user(PrivProtocol.AES128, auth), ENGINE)
    assert signer is not None
    digest = signer.sign(b"forty-two")
    assert len(digest) == signer.size
    assert signer.is_signed(b"forty-two", digest)
    assert not signer.is_signed(b"forty-tw0", digest)
    for wrong in (b"", digest[:-1], digest + b"\0", bytes(len(digest))):
        assert not signer.is_signed(b"forty-two", wrong)


@pytest.mark.parametrize("priv", list(PrivProtocol))
@pytest.mark.parametrize("size", [1, 8, 29])
def test_what_is_encrypted_comes_back_and_never_looks_the_same(priv: PrivProtocol, size: int) -> None:
    sealer = Sealer.of(user(priv), ENGINE)
    assert sealer is not None
    plain = b"x" * size
    sealed, salt = sealer.encrypt(plain, boots=7, time_s=99)
    assert sealer.decrypt(sealed, salt, boots=7, time_s=99)[:size] == plain
    again, other_salt = sealer.encrypt(plain, boots=7, time_s=99)
    assert salt != other_salt
    assert size == 1 or sealed != again


@pytest.mark.parametrize("priv", list(PrivProtocol))
def test_what_can_not_be_decrypted_is_an_error_and_no_crash(priv: PrivProtocol) -> None:
    sealer = Sealer.of(user(priv), ENGINE)
    assert sealer is not None
    with pytest.raises(UndecipherableError, match="A salt of 3 bytes"):
        sealer.decrypt(b"12345678", b"123", boots=1, time_s=1)
    if priv is PrivProtocol.DES:
        for odd in (b"", b"1234567", b"123456789"):
            with pytest.raises(UndecipherableError, match="whole blocks"):
                sealer.decrypt(odd, b"12345678", boots=1, time_s=1)


def test_a_user_that_signs_nothing_has_no_keys() -> None:
    assert Signer.of(SnmpUser("open"), ENGINE) is None
    assert Sealer.of(SnmpUser("open"), ENGINE) is None
