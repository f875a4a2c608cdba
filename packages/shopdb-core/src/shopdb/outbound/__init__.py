"""The only way out: every device and server is asked through here, with an address guard and a deadline."""

from shopdb.outbound.fields import SnmpFields, check_snmp, snmp_target
from shopdb.outbound.guard import AddressGuard
from shopdb.outbound.http import HttpAnswer, HttpClient, check_url
from shopdb.outbound.poll import Outcome, Poll, PollSettings
from shopdb.outbound.schedule import Schedule
from shopdb.outbound.smtp import MailServer, send_mail
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
    "HttpAnswer",
    "HttpClient",
    "MailServer",
    "Outcome",
    "Poll",
    "PollSettings",
    "PrivProtocol",
    "Schedule",
    "SecurityLevel",
    "SnmpFields",
    "SnmpSession",
    "SnmpTarget",
    "SnmpUser",
    "SnmpValue",
    "check_snmp",
    "check_url",
    "send_mail",
    "snmp_target",
]
