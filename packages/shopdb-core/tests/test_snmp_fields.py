"""How a device is asked, as fields of a model: what is complete, and whom it leads to."""

from types import SimpleNamespace
from typing import Any

import pytest

from shopdb.db import AssetRow, model_base
from shopdb.errors import InvalidError
from shopdb.outbound import AuthProtocol, PrivProtocol, SecurityLevel, SnmpFields, check_snmp, snmp_target
from shopdb.resources.compiled import fields_of

SIGNED = {
    "snmp_username": "reader",
    "snmp_security_level": "authNoPriv",
    "snmp_auth_protocol": "SHA-256",
    "snmp_auth_password_set": True,
}
SEALED = {
    **SIGNED,
    "snmp_security_level": "authPriv",
    "snmp_priv_protocol": "AES-128",
    "snmp_priv_password_set": True,
}
OPEN = {"snmp_username": "reader", "snmp_security_level": "noAuthNoPriv"}


class Device(SnmpFields, AssetRow, model_base("things")):  # type: ignore[misc]  # a base that a function makes
    """A model with the mixin."""

    __tablename__ = "things_device"


@pytest.mark.parametrize("values", [OPEN, SIGNED, SEALED])
def test_a_complete_user_is_taken(values: dict[str, Any]) -> None:
    check_snmp({"snmp_version": "3", **values})


@pytest.mark.parametrize("name", list(SEALED))
def test_each_missing_field_is_named(name: str) -> None:
    state = {**SEALED, "snmp_version": "3", name: None}
    with pytest.raises(InvalidError, match=name.removesuffix("_set")) as told:
        check_snmp(state)
    assert isinstance(told.value.errors, dict)
    assert list(told.value.errors) == [name.removesuffix("_set")]


def test_a_lower_level_needs_less() -> None:
    with pytest.raises(InvalidError, match="authNoPriv signs each message") as told:
        check_snmp({**OPEN, "snmp_version": "3", "snmp_security_level": "authNoPriv"})
    assert told.value.errors is not None
    assert set(told.value.errors) == {"snmp_auth_protocol", "snmp_auth_password"}


@pytest.mark.parametrize("version", ["1", "2c"])
def test_other_versions_need_no_user(version: str) -> None:
    check_snmp({"snmp_version": version, "snmp_security_level": "authPriv"})


def test_the_passwords_are_secrets_of_eight_characters_or_more() -> None:
    fields = {each.name: each for each in fields_of(Device.__table__)}
    secrets = {name for name, each in fields.items() if each.secret}
    assert secrets == {"snmp_community", "snmp_auth_password", "snmp_priv_password"}
    check = fields["snmp_auth_password"].check
    assert check is not None
    assert check("12345678") == "12345678"
    with pytest.raises(ValueError, match="at least 8 characters") as told:
        check("hunter2")
    assert "hunter2" not in str(told.value)


def test_every_field_but_the_host_is_folded() -> None:
    assert {each.name for each in fields_of(Device.__table__) if not each.folded} == {"host"}


def test_each_field_is_shown_with_the_version_and_level_that_it_goes_with() -> None:
    fields = {each.name: each for each in fields_of(Device.__table__)}
    for name, each in fields.items():
        if each.only_when is not None:
            control, values = each.only_when
            choices = fields[control].choices
            assert choices is not None
            assert set(values) <= set(choices), name
    needed = {name for name, each in fields.items() if each.only_when is None}
    assert needed == {"host", "snmp_version", "snmp_port", "snmp_context"}


def row(**values: Any) -> Any:
    names = [each.name for each in fields_of(Device.__table__)]
    return SimpleNamespace(**{**dict.fromkeys(names), "host": "10.2.0.17", **values})


def test_a_row_without_more_is_asked_as_public() -> None:
    target = snmp_target(row(snmp_version="2c"))
    assert (target.host, target.port, target.version, target.community) == (
        "10.2.0.17",
        161,
        "2c",
        "public",
    )
    assert snmp_target(row(snmp_version="1", snmp_community="plant")).in_context("x").community == "plant@x"


def test_a_row_of_v3_leads_to_its_user_whose_secrets_do_not_show() -> None:
    target = snmp_target(
        row(
            snmp_version="3",
            snmp_port=1161,
            snmp_username="reader",
            snmp_security_level="authPriv",
            snmp_auth_protocol="SHA-1",
            snmp_auth_password="maplesyrup",
            snmp_priv_protocol="AES-256-C",
            snmp_priv_password="pancakes",
        )
    )
    user = target.user
    assert user is not None
    assert (user.auth, user.priv, user.level) == (
        AuthProtocol.SHA1,
        PrivProtocol.AES256_CISCO,
        SecurityLevel.PRIV,
    )
    assert (user.auth_password, user.priv_password, user.find_missing()) == ("maplesyrup", "pancakes", [])
    assert target.in_context("Jetdirect").context == "Jetdirect"
    for secret in ("maplesyrup", "pancakes"):
        assert secret not in repr(target)


def test_a_row_that_lacks_its_level_is_never_asked_with_less_than_all() -> None:
    user = snmp_target(row(snmp_version="3", snmp_username="reader")).user
    assert user is not None
    assert user.level is SecurityLevel.PRIV
    assert user.find_missing() == ["auth", "auth_password", "priv", "priv_password"]
