"""One mail handed in over a guarded connection, and what can go wrong with it in ShopDB's words."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from email.message import EmailMessage

import aiosmtplib

from shopdb.errors import OutboundError, OutboundProtocolError, OutboundReportedError, OutboundTimeoutError
from shopdb.outbound.guard import AddressGuard
from shopdb.outbound.http_exchange import tls_context
from shopdb.outbound.smtp import MailServer


async def hand_in(
    server: MailServer, message: EmailMessage, guard: AddressGuard, deadline_s: float
) -> Mapping[str, str]:
    """Hand it in; answers and raises as `shopdb.outbound.send_mail` says."""
    if server.username and server.security == "none":
        raise OutboundError(
            f"The password for {server.who} would travel in the clear: choose starttls or tls."
        )
    try:
        async with asyncio.timeout(deadline_s):
            return await _hand_in(server, message, guard)
    except (TimeoutError, aiosmtplib.SMTPTimeoutError):
        raise OutboundTimeoutError(f"{server.who} has not taken the mail within {deadline_s:g} s.") from None
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = "; ".join(f"{each.recipient}: {each.code} {each.message}" for each in error.recipients)
        raise OutboundReportedError(f"{server.who} refuses every recipient: {refused}") from error
    except aiosmtplib.SMTPResponseException as error:
        raise OutboundReportedError(f"{server.who} answers {error.code}: {error.message}") from error
    except ssl.SSLCertVerificationError as error:
        text = f"The certificate of {server.who} can't be trusted: {error.verify_message}."
        raise OutboundError(text) from error
    except (aiosmtplib.SMTPConnectError, aiosmtplib.SMTPServerDisconnected, OSError) as error:
        raise OutboundError(f"{server.who} can't be reached: {error}.") from error
    except aiosmtplib.SMTPException as error:
        raise OutboundProtocolError(f"{server.who} can't take the mail: {error}") from error


async def _hand_in(server: MailServer, message: EmailMessage, guard: AddressGuard) -> Mapping[str, str]:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        sock=await _connect(guard, server.host, server.port),
        local_hostname=socket.gethostname(),
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=None if server.security == "none" else tls_context(),
        username=server.username or None,
        password=server.password or None,
        timeout=None,  # one deadline stands over all of it
    )
    async with client:
        refused, _ = await client.send_message(message)
    return {who: f"{answer.code} {answer.message}" for who, answer in refused.items()}


async def _connect(guard: AddressGuard, host: str, port: int) -> socket.socket:
    """A connected socket to an address behind the name that the guard has taken."""
    problem: OSError | None = None
    for address in await guard.resolve(host):
        family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, (str(address), port))
        except OSError as error:
            made.close()
            problem = error
        except BaseException:
            made.close()
            raise
        else:
            return made
    raise problem or OSError("no address")
