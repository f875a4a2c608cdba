"""HTTP to servers that someone has named: guarded, with deadlines, and never further than was said.

The address is looked up once, judged, and that very address is connected to; TLS checks the name. A redirect
is an answer and is not followed. No proxy and no other setting is taken from the environment, but for
``SSL_CERT_FILE`` and ``SSL_CERT_DIR``, by which a site names its own certificate authority.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shopdb.errors import OutboundReportedError
from shopdb.outbound.address import check_host
from shopdb.outbound.guard import AddressGuard

MAX_URL = 2000
TOLD = 200
"""Characters of a refusal that are told on."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server answered.

    Args:
        headers: By lower-case name; of one that came several times, the last.
        body: Whole; never longer than the caller wanted.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def check(self) -> "HttpAnswer":
        """The answer, where it is one of success.

        Raises:
            OutboundReportedError: it is none; a redirect is none either.
        """
        if 200 <= self.status < 300:
            return self
        if 300 <= self.status < 400:
            where = self.headers.get("location", "nowhere")[:TOLD]
            raise OutboundReportedError(
                f"It answers {self.status} and points to {where!r}. Redirects are not followed: give that address."
            )
        said = " ".join(self.body[: 4 * TOLD].decode("utf-8", "replace").split())[:TOLD]
        raise OutboundReportedError(f"It answers {self.status}{f': {said}' if said else '.'}")


@dataclass(frozen=True, slots=True)
class HttpClient:
    """Sends requests, each in a connection of its own.

    Args:
        guard: Judges the address.
        deadline_s: For a request as a whole, its name's look-up and its answer's last byte included.
        connect_s: For each address behind the name.
        max_bytes: Of an answer's body.
    """

    guard: AddressGuard
    deadline_s: float = 15.0
    connect_s: float = 5.0
    max_bytes: int = 1_000_000

    async def send(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """Ask, and read the whole answer, whatever its status.

        Raises:
            OutboundRefusedError: The guard refuses the address.
            OutboundTimeoutError: The deadline has passed.
            OutboundProtocolError: What came is no HTTP, or too much.
            OutboundError: The address is none, there is no such host, it can't be reached or not be trusted.
        """
        from shopdb.outbound.http_exchange import (
            exchange,  # the library is for who sends, not for every start
        )

        return await exchange(self, method, url, body=body, headers=headers or {})


def check_url(value: str) -> str:
    """An http or https address, as it is sent.

    Raises:
        ValueError: It is none, or it carries a user's name.
    """
    text = value.strip()
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        parts, port, host = urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise ValueError(f"{value[:80]!r} is no address such as https://chat.example.com/hooks/42.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("Leave user and password out of the address.")
    if len(text) > MAX_URL or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            f"An address has at most {MAX_URL} characters of ASCII and no space: encode what is none."
        )
    check_host(host)
    return text.partition("#")[0]
