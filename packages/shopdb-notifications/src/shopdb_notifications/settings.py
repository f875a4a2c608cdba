"""The plugin's settings."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shopdb.errors import SettingsError
from shopdb.outbound import AddressGuard, MailServer
from shopdb.plugins import Setting

SECURITIES = ("starttls", "tls", "none")
SETTINGS = [
    Setting(name="mail_host", kind=str, default="", doc="The mail server; empty where no mail is sent."),
    Setting(name="mail_port", kind=int, default=587, minimum=1, doc="Its port: 587, 465 or 25."),
    Setting(
        name="mail_security",
        kind=str,
        default="starttls",
        doc="How mail is encrypted: starttls, tls (from the first byte) or none.",
    ),
    Setting(name="mail_username", kind=str, default="", doc="Who signs in there; empty where nobody has to."),
    Setting(name="mail_password", kind=str, default="", secret=True, doc="With which password."),
    Setting(name="mail_from", kind=str, default="", doc="The sender: shopdb@plant.example."),
    Setting(
        name="time_zone", kind=str, default="UTC", doc="The zone of daily digests, such as Europe/Berlin."
    ),
    Setting(
        name="send_interval_s",
        kind=int,
        default=10,
        minimum=2,
        doc="Seconds between two looks for what is due.",
    ),
    Setting(
        name="send_deadline_s",
        kind=float,
        default=15.0,
        minimum=1,
        doc="Seconds until a receiver is given up.",
    ),
    Setting(
        name="keep_trying_h",
        kind=int,
        default=24,
        minimum=1,
        doc="Hours that a delivery is tried again and again.",
    ),
    Setting(
        name="keep_days", kind=int, default=90, minimum=1, doc="Days that deliveries stay in their list."
    ),
    Setting(
        name="board_streams",
        kind=int,
        default=4,
        minimum=0,
        doc="Boards that each web process keeps connected, a thread each; further ones ask every 15 seconds.",
    ),
    Setting(
        name="board_tick_s", kind=float, default=15.0, minimum=1, doc="Seconds between two looks of a board."
    ),
    Setting(
        name="board_stream_s", kind=int, default=300, minimum=10, doc="Seconds until a board connects anew."
    ),
]


def guard_of(settings: Mapping[str, Any]) -> AddressGuard:
    """The address guard with what the site allows besides."""
    return AddressGuard(settings.get("outbound_allow", ()))


def zone_of(settings: Mapping[str, Any]) -> ZoneInfo:
    """The site's time zone.

    Raises:
        SettingsError: there is none of that name.
    """
    name = settings["time_zone"]
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"notifications.time_zone is {name!r}, which is no time zone.", "Write one such as Europe/Berlin."
        ) from None


def mail_server_of(settings: Mapping[str, Any]) -> MailServer:
    """Where mail is handed in.

    Raises:
        SettingsError: it is not said, or not well.
    """
    host, security = settings["mail_host"], settings["mail_security"]
    if not host or not settings["mail_from"]:
        raise SettingsError(
            "No mail server is named.",
            "Set SHOPDB_NOTIFICATIONS_MAIL_HOST and SHOPDB_NOTIFICATIONS_MAIL_FROM, and restart.",
        )
    if security not in SECURITIES:
        raise SettingsError(
            f"notifications.mail_security is {security!r}.", f"Write one of {', '.join(SECURITIES)}."
        )
    return MailServer(
        host=host,
        port=settings["mail_port"],
        security=security,
        username=settings["mail_username"],
        password=settings["mail_password"],
    )
