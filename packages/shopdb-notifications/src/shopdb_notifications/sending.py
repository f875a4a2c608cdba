"""Sending one message by one channel."""

import hashlib
import hmac
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

import orjson

from shopdb.errors import InvalidError, OutboundReportedError
from shopdb.outbound import HttpClient, send_mail
from shopdb.plugins import now
from shopdb_notifications.message import Message
from shopdb_notifications.settings import guard_of, mail_server_of

MAX_CHAT = 8000
MAX_ANSWER = 64_000


async def send(channel: Mapping[str, Any], message: Message, settings: Mapping[str, Any]) -> None:
    """Send it, and wait until the receiver has taken it.

    Args:
        channel: A channel's columns, secrets among them.

    Raises:
        OutboundError: it was not taken; says why, in the receiver's words where it has any.
        SettingsError: mail is not set up.
        InvalidError: the channel names no receiver.
    """
    if channel["kind"] == "mail":
        await _mail(channel, message, settings)
    else:
        await _post(channel, message, settings)


async def _mail(channel: Mapping[str, Any], message: Message, settings: Mapping[str, Any]) -> None:
    server = mail_server_of(settings)
    to = (channel["recipients"] or "").split()
    if not to:
        raise InvalidError("The channel names no recipient.")
    mail = EmailMessage()
    mail["From"], mail["To"] = settings["mail_from"], ", ".join(to)
    mail["Subject"], mail["Date"] = message.subject, formatdate()
    host = urlsplit(settings.get("base_url") or "").hostname or settings["mail_from"].rpartition("@")[2]
    mail["Message-ID"] = f"<{message.id}@{host or 'shopdb'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body + "\n")
    deadline_s = float(settings["send_deadline_s"])
    refused = await send_mail(server, mail, guard=guard_of(settings), deadline_s=deadline_s)
    if refused and len(refused) == len(to):
        raise OutboundReportedError("; ".join(f"{who}: {said}" for who, said in refused.items()))


async def _post(channel: Mapping[str, Any], message: Message, settings: Mapping[str, Any]) -> None:
    if not channel["url"]:
        raise InvalidError("The channel names no address.")
    body = orjson.dumps(_BODIES[channel["kind"]](message))
    headers = {"Content-Type": "application/json"}
    if channel["kind"] == "webhook":
        headers |= sign(body, channel["secret"], message.id, str(int(now().timestamp())))
    client = HttpClient(
        guard_of(settings), deadline_s=float(settings["send_deadline_s"]), max_bytes=MAX_ANSWER
    )
    (await client.send("POST", channel["url"], body=body, headers=headers)).check()


def sign(body: bytes, secret: str | None, message_id: str, timestamp: str) -> dict[str, str]:
    """The headers by which a receiver knows who sends, when, and whether it had this already.

    The signature is HMAC-SHA-256 over the timestamp, a full stop and the body; without a secret there is none.
    """
    headers = {"ShopDB-Delivery": message_id, "ShopDB-Timestamp": timestamp}
    if secret:
        signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
        headers["ShopDB-Signature"] = f"sha256={signed.hexdigest()}"
    return headers


def _slack(message: Message) -> dict[str, Any]:
    """Source: docs.slack.dev, Formatting message text: three characters are escaped."""
    text = f"{message.subject}\n{message.body}"[:MAX_CHAT]
    for plain, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(plain, escaped)
    return {"text": text}


def _teams(message: Message) -> dict[str, Any]:
    """Source: learn.microsoft.com, Create incoming webhooks with Workflows: an adaptive card."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": message.subject, "weight": "Bolder", "wrap": True},
            {"type": "TextBlock", "text": message.body[:MAX_CHAT], "wrap": True},
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


_BODIES = {"webhook": Message.asdict, "slack": _slack, "teams": _teams}
