"""A board's stream: server-sent events that cost little while nothing changes.

Each open board holds one thread of the web server, and neither a session nor a connection between two looks.
A stream ends by itself after a while, so that a worker can be replaced; the browser comes back on its own. Where
all seats of a process are taken, a board gets one picture and comes back for the next.

Source: WHATWG HTML, Server-sent events.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

import orjson

from shopdb.errors import NotFoundError, ShopDBError
from shopdb.plugins import now

RETRY_MS = 3_000
SEATLESS_RETRY_MS = 15_000
_STATIC = Path(__file__).parent / "static"


@cache
def server_version() -> str:
    """Differs as soon as another release, or another page for boards, is served."""
    told = hashlib.sha256(f"{version('shopdb-core')} {version('shopdb-notifications')}".encode())
    for file in sorted(_STATIC.iterdir()):
        told.update(file.read_bytes())
    return told.hexdigest()[:12]


class Seats:
    """How many streams a process holds open at a time."""

    def __init__(self) -> None:
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, most: int) -> bool:
        """Take a seat, where one is free."""
        with self._lock:
            if self._taken >= most:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Free a seat."""
        with self._lock:
            self._taken -= 1


SEATS = Seats()


def stream(draw: Callable[[], str], *, seats: int, tick_s: float, lifetime_s: float) -> Iterator[str]:
    """The events of one board: a picture at once and whenever it has changed, else a sign of life.

    Args:
        draw: Draws the board's picture as HTML; opens and closes its own session.
        seats: How many streams this process holds at most.
        tick_s: Seconds between two looks.
        lifetime_s: After so many seconds the stream ends.
    """
    has_seat = SEATS.take(seats)
    try:
        yield f"retry: {RETRY_MS if has_seat else SEATLESS_RETRY_MS}\n\n"
        ends_at = time.monotonic() + lifetime_s
        last = ""
        while True:
            try:
                html = draw()
            except NotFoundError:
                yield _event("gone", {})
                return
            except ShopDBError:  # the database is away: the board says itself since when it hears nothing
                return
            told = {"version": server_version(), "at": now().isoformat(timespec="seconds")}
            yield _event("alive", told) if html == last else _event("picture", {**told, "html": html})
            last = html
            if not has_seat or time.monotonic() + tick_s > ends_at:
                return
            time.sleep(tick_s)
    finally:
        if has_seat:
            SEATS.give_back()


def _event(kind: str, values: dict[str, str]) -> str:
    return f"event: {kind}\ndata: {orjson.dumps(values).decode()}\n\n"
