"""One HTTP request over a guarded connection, and what can go wrong with it in ShopDB's words."""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

import httpcore

from shopdb.errors import OutboundError, OutboundProtocolError, OutboundTimeoutError
from shopdb.outbound.guard import AddressGuard
from shopdb.outbound.http import HttpAnswer, HttpClient, check_url

AGENT = "ShopDB"


async def exchange(
    client: HttpClient, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str]
) -> HttpAnswer:
    """Ask, and read the whole answer; raises as `HttpClient.send` says."""
    try:
        target = check_url(url)
    except ValueError as error:
        raise OutboundError(str(error)) from None
    who = urlsplit(target).netloc
    try:
        async with asyncio.timeout(client.deadline_s):
            return await _exchange(client, method, target, body, headers)
    except (TimeoutError, httpcore.TimeoutException):
        raise OutboundTimeoutError(f"{who} has not answered within {client.deadline_s:g} s.") from None
    except httpcore.ProtocolError as error:
        raise OutboundProtocolError(f"{who} does not answer as HTTP does: {error}") from error
    except (httpcore.NetworkError, OSError) as error:
        raise OutboundError(_unreachable(who, error)) from error


async def _exchange(
    client: HttpClient, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> HttpAnswer:
    sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
    waits = {"connect": client.connect_s, "read": client.deadline_s, "write": client.deadline_s}
    backend = _GuardedBackend(client.guard)
    async with (
        httpcore.AsyncConnectionPool(ssl_context=tls_context(), network_backend=backend) as connections,
        connections.stream(
            method,
            url,
            headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()],
            content=body,
            extensions={"timeout": waits},
        ) as response,
    ):
        read = bytearray()
        async for part in response.aiter_stream():
            read += part
            if len(read) > client.max_bytes:
                text = f"{urlsplit(url).netloc} answers with more than {client.max_bytes} bytes."
                raise OutboundProtocolError(text)
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return HttpAnswer(response.status, told, bytes(read))


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that the guard has taken, and to no name."""

    def __init__(self, guard: AddressGuard):
        self._guard = guard
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        problem: Exception | None = None
        for address in await self._guard.resolve(host):
            try:
                return await self._plain.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        assert problem is not None  # a look-up is never empty
        raise problem

    async def sleep(self, seconds: float) -> None:
        await self._plain.sleep(seconds)


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Checks certificates against the system's authorities; read once, for they are many."""
    return ssl.create_default_context()


def _unreachable(who: str, error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"The certificate of {who} can't be trusted: {cause.verify_message}. If your own authority has "
                "signed it, name that in SSL_CERT_FILE."
            )
        cause = cause.__cause__ or cause.__context__
    return f"{who} can't be reached: {error}."
