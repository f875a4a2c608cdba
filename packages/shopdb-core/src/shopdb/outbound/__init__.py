"""The only way out: every device and server is asked through here, with an address guard and a deadline."""

from shopdb.outbound.fields import SnmpFields, check_snmp, snmp_target
from shopdb.outbound.guard import AddressGuard
from shopdb.outbound.snmp import SnmpSession
from shopdb.outbound.target import (
    AuthProtocol,
    PrivProtocol,
    SecurityLevel,
    SnmpTarget,
    SnmpUser,
    SnmpValue,
)

__all__ = [
    "AddressGuard",
    "AuthProtocol",
    "PrivProtocol",
    "SecurityLevel",
    "SnmpFields",
    "SnmpSession",
    "SnmpTarget",
    "SnmpUser",
    "SnmpValue",
    "check_snmp",
    "snmp_target",
]
