"""Mail, handed in at a real server on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from ipaddress import ip_network
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from shopdb.errors import OutboundError, OutboundRefusedError, OutboundReportedError
from shopdb.outbound import AddressGuard, MailServer, send_mail

LOOPBACK = AddressGuard([ip_network("127.0.0.0/8")])


class Inbox:
    """Takes mail, but none for nobody@."""

    def __init__(self) -> None:
        self.mail: list[Any] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mail.append(envelope)
        return "250 taken"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, MailServer]]:
    handler = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, MailServer("127.0.0.1", port, "none")
    controller.stop()


def mail(*to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shopdb@plant.example", ", ".join(to), "Zähler"
    message.set_content("Die Anlage steht.")
    return message


def test_mail_arrives_for_those_whom_the_server_knows(inbox: tuple[Inbox, MailServer]) -> None:
    handler, server = inbox
    refused = asyncio.run(
        send_mail(server, mail("ada@plant.example", "nobody@plant.example"), guard=LOOPBACK)
    )
    assert [envelope.rcpt_tos for envelope in handler.mail] == [["ada@plant.example"]]
    assert refused == {"nobody@plant.example": "550 no such mailbox"}


def test_a_mail_that_nobody_may_get_is_told_with_the_servers_reason(inbox: tuple[Inbox, MailServer]) -> None:
    with pytest.raises(OutboundReportedError, match="nobody@plant.example: 550 no such mailbox"):
        asyncio.run(send_mail(inbox[1], mail("nobody@plant.example"), guard=LOOPBACK))


def test_the_guard_stands_before_mail_too(inbox: tuple[Inbox, MailServer]) -> None:
    with pytest.raises(OutboundRefusedError, match="a loopback address"):
        asyncio.run(send_mail(inbox[1], mail("ada@plant.example"), guard=AddressGuard()))
    assert inbox[0].mail == []


def test_a_server_without_starttls_gets_no_mail_that_asks_for_it(inbox: tuple[Inbox, MailServer]) -> None:
    asked = MailServer("127.0.0.1", inbox[1].port, "starttls")
    with pytest.raises(OutboundError, match="STARTTLS"):
        asyncio.run(send_mail(asked, mail("ada@plant.example"), guard=LOOPBACK))


def test_a_password_never_travels_in_the_clear_nor_shows() -> None:
    server = MailServer("127.0.0.1", 25, "none", "ada", "s3cret")
    with pytest.raises(OutboundError, match="in the clear"):
        asyncio.run(send_mail(server, mail("ada@plant.example"), guard=LOOPBACK))
    assert "s3cret" not in repr(server)


def test_a_server_that_says_nothing_is_given_up(inbox: tuple[Inbox, MailServer]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = MailServer("127.0.0.1", silent.getsockname()[1], "none")
        with pytest.raises(OutboundError, match=r"not taken the mail within 0.5 s"):
            asyncio.run(send_mail(server, mail("ada@plant.example"), guard=LOOPBACK, deadline_s=0.5))
