"""The only way out: every device and server is asked through here, with an address guard and a deadline."""

from shopdb.outbound.guard import AddressGuard
from shopdb.outbound.snmp import SnmpSession, SnmpTarget, SnmpValue

__all__ = ["AddressGuard", "SnmpSession", "SnmpTarget", "SnmpValue"]
