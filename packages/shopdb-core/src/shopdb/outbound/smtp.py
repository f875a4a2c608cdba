"""Mail, by a server that the site names, through the same guard as everything else that goes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

from shopdb.outbound.guard import AddressGuard

MailSecurity = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; the password never shows in its ``repr``.

    Args:
        security: ``starttls`` (port 587), ``tls`` from the first byte (465), or ``none`` (25).
        username: Empty where the server asks for none.
    """

    host: str
    port: int = 587
    security: MailSecurity = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def who(self) -> str:
        """``host:port``, for messages."""
        return f"{self.host}:{self.port}"


async def send_mail(
    server: MailServer, message: EmailMessage, *, guard: AddressGuard, deadline_s: float = 30.0
) -> Mapping[str, str]:
    """Hand one message in; it has ``From`` and ``To``.

    Returns:
        The recipients that the server refuses, each with what it says; it has taken the mail for the others.

    Raises:
        OutboundRefusedError: The guard refuses the address.
        OutboundTimeoutError: The deadline has passed.
        OutboundReportedError: The server refuses the user, the sender, every recipient or the message.
        OutboundError: The server can't be reached or not be trusted.
    """
    from shopdb.outbound.smtp_exchange import hand_in  # the library is for who sends, not for every start

    return await hand_in(server, message, guard, deadline_s)
