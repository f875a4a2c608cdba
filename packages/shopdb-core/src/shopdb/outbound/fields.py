"""How a device is asked over SNMP, as fields of whatever model has such devices.

>>> from shopdb.db import AssetRow, model_base
>>> from shopdb.outbound import SnmpFields, check_snmp
>>> class Scale(SnmpFields, AssetRow, model_base("scales")):
...     __tablename__ = "scales_scale"

The resource's ``check`` calls `check_snmp`, and `snmp_target` says whom to ask.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Integer

from shopdb.columns import Str, field
from shopdb.errors import InvalidError
from shopdb.outbound.address import check_community, check_host, check_password, check_username
from shopdb.outbound.target import AuthProtocol, PrivProtocol, SecurityLevel, SnmpTarget, SnmpUser

VERSIONS = {"1": "SNMP v1", "2c": "SNMP v2c", "3": "SNMP v3"}
LEVELS = {
    "authPriv": "Signed and encrypted (authPriv)",
    "authNoPriv": "Signed (authNoPriv)",
    "noAuthNoPriv": "Neither (noAuthNoPriv)",
}
AUTH_PROTOCOLS = {each.value: each.value for each in AuthProtocol}
PRIV_PROTOCOLS = {
    **{each.value: each.value for each in PrivProtocol},
    "AES-192-C": "AES-192 (Cisco)",
    "AES-256-C": "AES-256 (Cisco)",
}
_COMMUNITY = ("snmp_version", ("1", "2c"))
_V3 = ("snmp_version", ("3",))
_SIGNED = ("snmp_security_level", ("authNoPriv", "authPriv"))
_ENCRYPTED = ("snmp_security_level", ("authPriv",))
DEFAULT_COMMUNITY = "public"
DEFAULT_PORT = 161


class SnmpFields:
    """Mixin of a model of devices that are asked over SNMP: its address, and who asks.

    The columns have the same names in every table; a migration makes ``host Str(253)``, ``snmp_version
    Str(2)`` and ``snmp_port Integer`` (both never NULL), ``snmp_community Str(120)``, ``snmp_context Str(60)``,
    ``snmp_username Str(32)``, ``snmp_security_level``, ``snmp_auth_protocol`` and ``snmp_priv_protocol
    Str(12)``, ``snmp_auth_password`` and ``snmp_priv_password Str(120)``.
    """

    host = field(
        Str(253),
        search=True,
        check=check_host,
        help="Its name or IP address on the network; without one it is never asked.",
    )
    snmp_version = field(
        Str(2),
        label="SNMP version",
        choices=VERSIONS,
        default="2c",
        folded=True,
        help="v3 needs a user that is set up on the device, and is safe from listeners; v1 is for old devices.",
    )
    snmp_port = field(Integer, label="SNMP port", default=DEFAULT_PORT, minimum=1, maximum=65535, folded=True)
    snmp_community = field(
        Str(120),
        label="SNMP community",
        secret=True,
        check=check_community,
        only_when=_COMMUNITY,
        folded=True,
        help="For v1 and v2c: the community that may read; public when empty. Never shown again.",
    )
    snmp_context = field(
        Str(60),
        label="SNMP context",
        check=check_community,
        folded=True,
        help="Only for devices that keep a part in a view of their own, such as Jetdirect print servers.",
    )
    snmp_username = field(
        Str(32),
        label="SNMP v3 user",
        check=check_username,
        only_when=_V3,
        folded=True,
        help="For v3: the user's name, exactly as on the device.",
    )
    snmp_security_level = field(
        Str(12),
        label="SNMP v3 protection",
        choices=LEVELS,
        only_when=_V3,
        folded=True,
        help="For v3: what the device's user is set up for. Take the first where you may choose.",
    )
    snmp_auth_protocol = field(
        Str(12),
        label="SNMP v3 authentication",
        choices=AUTH_PROTOCOLS,
        only_when=_SIGNED,
        folded=True,
        help="For v3, signed: as on the device, where SHA alone means SHA-1. SHA-256 or longer if you may choose.",
    )
    snmp_auth_password = field(
        Str(120),
        label="SNMP v3 authentication password",
        secret=True,
        check=check_password,
        only_when=_SIGNED,
        folded=True,
        help="For v3, signed: at least 8 characters. Never shown again.",
    )
    snmp_priv_protocol = field(
        Str(12),
        label="SNMP v3 encryption",
        choices=PRIV_PROTOCOLS,
        only_when=_ENCRYPTED,
        folded=True,
        help="For v3, encrypted: as on the device, where AES alone means AES-128. DES is for old print servers.",
    )
    snmp_priv_password = field(
        Str(120),
        label="SNMP v3 encryption password",
        secret=True,
        check=check_password,
        only_when=_ENCRYPTED,
        folded=True,
        help="For v3, encrypted: at least 8 characters. Never shown again.",
    )


_MISSING = {
    "level": (
        "snmp_security_level",
        "Choose what the device's user is set up for: authPriv wherever the device can.",
    ),
    "name": (
        "snmp_username",
        "SNMP v3 asks as a user. Give the name of the one that is set up on the device.",
    ),
    "auth": (
        "snmp_auth_protocol",
        "{level} signs each message. Choose the protocol that the device's user has.",
    ),
    "auth_password": (
        "snmp_auth_password",
        "{level} signs each message. Give the authentication password of the device's user.",
    ),
    "priv": (
        "snmp_priv_protocol",
        "authPriv encrypts each message. Choose the protocol that the device's user has.",
    ),
    "priv_password": (
        "snmp_priv_password",
        "authPriv encrypts each message. Give the encryption password of the device's user.",
    ),
}


def check_snmp(state: Mapping[str, Any]) -> None:
    """Refuse an SNMP v3 device that can't be asked for want of a field; any other is taken as it is.

    Args:
        state: As a `Resource.check` gets it.

    Raises:
        InvalidError: With a message for each field that is missing.
    """
    if state.get("snmp_version") != "3":
        return
    user = _user(state)
    missing = user.find_missing()
    if not state.get("snmp_security_level"):
        missing = ["level", *(each for each in missing if each == "name")]
    told = (_MISSING[each] for each in missing)
    errors = {name: [text.format(level=user.level)] for name, text in told if not state.get(f"{name}_set")}
    if errors:
        name, texts = next(iter(errors.items()))
        raise InvalidError(f"{name}: {texts[0]}", errors=errors)


def snmp_target(row: Any) -> SnmpTarget:
    """How the device of a row is asked.

    Its plain view, that is: where ``row.snmp_context`` names another, that is ``target.in_context(...)``.

    Args:
        row: Of a model with `SnmpFields`, or with the same attributes; has a ``host``.
    """
    values = {name: getattr(row, name) for name in _NAMES}
    port = values["snmp_port"] or DEFAULT_PORT
    if values["snmp_version"] == "3":
        return SnmpTarget(row.host, port, "3", user=_user(values))
    community = values["snmp_community"] or DEFAULT_COMMUNITY
    return SnmpTarget(row.host, port, "1" if values["snmp_version"] == "1" else "2c", community)


_NAMES = tuple(name for name in vars(SnmpFields) if name.startswith("snmp_"))
_Kind = TypeVar("_Kind", bound=StrEnum)


def _user(values: Mapping[str, Any]) -> SnmpUser:
    """The user in a row or a state. A level that is missing is taken as the highest, so that nothing is weakened."""
    return SnmpUser(
        values.get("snmp_username") or "",
        _find(SecurityLevel, values.get("snmp_security_level")) or SecurityLevel.PRIV,
        _find(AuthProtocol, values.get("snmp_auth_protocol")),
        values.get("snmp_auth_password") or "",
        _find(PrivProtocol, values.get("snmp_priv_protocol")),
        values.get("snmp_priv_password") or "",
    )


def _find(kind: type[_Kind], text: Any) -> _Kind | None:
    return next((each for each in kind if each == text), None)
